"""`python -m core sweep`: take away what dead attempts left, now."""

from __future__ import annotations

import argparse
import sys

from core.desk import open_desk
from core.work.sweep import sweep


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "sweep", help="remove what nobody needs: orphans, expired uploads, datasets long in the bin"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    swept = sweep(open_desk())
    sys.stdout.write(
        f"Removed {swept.files} files, {swept.scratch} scratch folders, {swept.versions} dataset versions "
        f"and {swept.uploads} uploads.\n"
    )
    return 0
