"""`python -m core COMMAND`: the desk without a browser. Each command is a module of core.cli."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module

from core.errors import DeskError

COMMANDS = (
    "export",
    "work",
    "users",
    "workspaces",
    "tokens",
    "templates",
    "schedules",
    "data",
    "sweep",
    "tidy",
    "backup",
    "restore",
)


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 1 refused with a sentence, 2 misused."""
    given = sys.argv[1:] if arguments is None else arguments
    parser = argparse.ArgumentParser(prog="python -m core", description="Export Desk on the command line.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    wanted = [c for c in COMMANDS if c == (given[0] if given else "")] or COMMANDS
    for name in wanted:  # the asked one alone: `export` starts without a database's libraries, and sooner
        import_module(f"core.cli.{name}").add_parser(commands)
    args = parser.parse_args(given)
    try:
        return int(args.main(args) or 0)
    except DeskError as refusal:
        sys.stderr.write(
            f"{refusal.title}: {refusal.message}\n" + (f"{refusal.next_step}\n" if refusal.next_step else "")
        )
        return 1


if __name__ == "__main__":
    sys.exit(main())
