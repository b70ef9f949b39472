"""`python -m core work`: the supervisor, alone or beside a web process."""

from __future__ import annotations

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: threads do not survive a fork


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
