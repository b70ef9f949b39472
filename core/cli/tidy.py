"""`python -m core tidy`: take away the files of exports whose time is over, now; `--dry-run` only says which."""

from __future__ import annotations

import argparse
import sys

from core.desk import open_desk
from core.keeping import retention
from core.keeping.space import words


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("tidy", help="remove the files of exports whose time is over, of every workspace")
    parser.add_argument("--dry-run", action="store_true", help="remove nothing, only say what would go")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    desk = open_desk()
    found = retention.leaving(desk, everywhere=True) if args.dry_run else retention.sweep(desk)
    for one in found:
        sys.stdout.write(f"{one.since:%Y-%m-%d}  {one.bytes:>15,} bytes  {one.job_id}  {one.name}\n")
    total = words(sum(one.bytes for one in found))
    what = "1 export" if len(found) == 1 else f"{len(found):,} exports"
    said = f"The files of {what} would go, {total}." if args.dry_run else f"The files of {what} are gone, {total}."
    sys.stdout.write(f"{said}\n")
    return 0
