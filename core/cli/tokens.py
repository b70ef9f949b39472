"""`python -m core tokens create NAME --scopes '*'`, `… list`, `… revoke ID`: on the data folder of a running desk or not."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

from core.access import limits, members, tokens
from core.cli import whom
from storage.tables import Token, utc_now


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("tokens", help="make, list and revoke the tokens programs use")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a token; the token alone is on the last line, shown this once")
    create.add_argument("name", metavar="NAME", help="after the program that will use it")
    create.add_argument("--scopes", required=True, help=f"by comma: {', '.join(tokens.SCOPES)}; or '*' for all")
    create.add_argument("--owner", metavar="EMAIL", help="whom it acts for; absent: the workspace's first owner")
    for window in limits.WINDOWS:
        create.add_argument(
            f"--per-{window}",
            type=int,
            metavar="N",
            help=f"requests it may make {limits.per(window)}; absent: no limit",
        )
    create.add_argument("--expires", type=int, metavar="DAYS", help="days until it expires; absent: never")
    revoke = actions.add_parser("revoke", help="end a token at once")
    revoke.add_argument("id", metavar="ID", help="as `tokens list` shows it")
    for action in (create, actions.add_parser("list", help="the tokens there are, everybody's"), revoke):
        whom.add_workspace(action)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = whom.acting_as(whom.operator("tokens"), args.workspace, getattr(args, "owner", None))
    match args.action:
        case "create":
            token, secret = tokens.create(
                desk,
                args.name,
                [s.strip() for s in args.scopes.split(",") if s.strip()],
                utc_now() + timedelta(days=args.expires) if args.expires is not None else None,
                per_minute=args.per_minute,
                per_hour=args.per_hour,
                per_day=args.per_day,
            )
            _print(f"Made “{token.name}” ({', '.join(token.scopes)}). Keep the token, it is shown only now:", secret)
        case "list":
            names = {member.account_id: member.name for member in members.list(desk)}
            _print(*(_line(token, names.get(token.owner_id, "")) for token in tokens.list(desk)))
        case "revoke":
            token = tokens.revoke(desk, args.id)
            _print(f"Revoked “{token.name}”: it works no longer.")
    return 0


def _line(token: Token, owner: str) -> str:
    used = f"last used {token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "never used"
    until = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no expiry"
    allowed = ", ".join([*token.scopes, *map(str, limits.of(token))])
    return f"{token.id}  {token.prefix}…  {token.name}  ({allowed})  of {owner}  {until}, {used}"


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
