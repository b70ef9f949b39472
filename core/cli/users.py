"""`python -m core users create --email … --name …`, `… list`, `… close EMAIL`, `… open EMAIL`: on a running desk or not."""

from __future__ import annotations

import argparse
import getpass
import sys
from pathlib import Path

from core.access import recovery, users
from core.cli import whom
from core.errors import BadInput, NotFound
from storage.tables import Role

STDIN = Path("-")


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("users", help="make and list the accounts of people")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make an account")
    create.add_argument("--email", required=True)
    create.add_argument("--name", required=True)
    create.add_argument(
        "--role",
        choices=[role.value for role in Role],
        help="absent: owner for the first, editor for everybody after",
    )
    whom.add_workspace(create)
    create.add_argument("--administrator", action="store_true", help="of the whole installation too")
    create.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="a file whose first line is the password, “-” to be asked for it on standard input; absent: a link to choose "
        "one, which works once, is printed on the last line",
    )
    actions.add_parser("list", help="everybody, with their workspaces and roles")
    close = actions.add_parser("close", help="shut somebody out of the whole desk at once; what they made stays")
    reopen = actions.add_parser("open", help="let them in again")
    for action in (close, reopen):
        action.add_argument("email", metavar="EMAIL")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = whom.operator("users")
    if args.action == "list":
        sys.stdout.writelines(f"{_line(user)}\n" for user in users.list(desk))
        return 0
    if args.action in ("close", "open"):
        account = users.close(desk, users.by_email(desk, args.email).id, args.action == "close")
        now = "can sign in again" if account.disabled_at is None else "is shut out"
        sys.stdout.write(f"{account.name} ({account.email}) {now}.\n")
        return 0
    desk = whom.within(desk, args.workspace)
    role = Role(args.role) if args.role else users.usual_role(desk)
    account = users.create(
        desk,
        name=args.name,
        email=args.email,
        role=role,
        password=None if args.password_file is None else _password(args.password_file),
        administrator=args.administrator,
    )
    what = f"{account.name} ({account.email}), {role} of “{desk.workspace().name}”"
    if args.password_file is not None:
        sys.stdout.write(f"{what}, can sign in now.\n")
        return 0
    link = desk.settings.public_url.rstrip("/") + recovery.make_link(desk, account.id)
    sys.stdout.write(f"{what}, chooses a password here, once, within {recovery.MADE_HOURS} hours:\n{link}\n")
    return 0


def _password(file: Path) -> str:
    """Never from the command line, where everybody on the computer would see it."""
    if file == STDIN and sys.stdin.isatty():
        return getpass.getpass("Password: ")
    if file == STDIN:
        found = sys.stdin.readline().rstrip("\r\n")
    else:
        try:
            found = file.read_text(encoding="utf-8-sig").partition("\n")[0].rstrip("\r")
        except OSError as missing:
            raise NotFound(f"There is no file “{file}”.", "Check the path.", field="password-file") from missing
    if not found:
        raise BadInput("There is no password.", "Put it on the first line.", field="password-file")
    return found


def _line(user: users.User) -> str:
    places = ", ".join(f"{role} of {place.name}" for place, role in user.places) or "in no workspace"
    marks = "  administrator" * user.account.administrator + "  closed" * bool(user.account.disabled_at)
    return f"{user.account.id}  {user.account.email or 'no e-mail'}  {user.account.name}  {places}{marks}"
