"""`python -m core workspaces list`, `… create NAME`: on the data folder of a running desk or not."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

from core import workspaces
from core.access import users
from core.cli import whom
from core.desk import Desk
from storage import members
from storage.tables import Workspace


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("workspaces", help="list and make workspaces")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="id, name, aliases and number of people of each")
    create = actions.add_parser("create", help="make one; its id alone is on the last line")
    create.add_argument("name", metavar="NAME")
    create.add_argument("--owner", metavar="EMAIL", help="absent: whoever owns the first workspace")
    create.add_argument("--zone", help="IANA time zone; absent: the first workspace's")
    create.add_argument(
        "--alias", action="append", default=[], help="another name programs use for it; repeat it for several"
    )
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = whom.operator("workspaces")
    if args.action == "list":
        lines = [_line(desk, place) for place in workspaces.every(desk)]
    else:
        owner = users.by_email(desk, args.owner).id if args.owner else whom.acting_as(desk, None).account_id
        place = workspaces.make(replace(desk, account_id=owner), args.name, args.zone)
        if args.alias:
            workspaces.set_aliases(whom.within(desk, place.id), args.alias)
        lines = [f"Made the workspace “{place.name}”. Its id:", place.id]
    sys.stdout.writelines(f"{line}\n" for line in lines)
    return 0


def _line(desk: Desk, place: Workspace) -> str:
    aliases = workspaces.aliases(whom.within(desk, place.id))
    with desk.store.reading() as session:
        people = len(members.list(session, place.id))
    called = f"  aliases: {', '.join(aliases)}" if aliases else ""
    return f"{place.id}  {place.name}{called}  {people} {'person' if people == 1 else 'people'}"
