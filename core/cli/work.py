"""`python -m core work`: the supervisor, alone or beside a web process."""

from __future__ import annotations

import argparse
import os

# Before numpy and Arrow are imported: they would start threads, and threads do not survive a fork.
os.environ |= {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("work", help="run queued jobs until stopped (SIGTERM: finish what runs, then stop)")
    parser.add_argument(
        "--lifeline", action="store_true", help="stop when standard input ends: the web process is gone"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    from core.desk import open_desk
    from core.work import supervisor

    supervisor.main(open_desk(), args.lifeline)
