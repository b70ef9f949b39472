"""`python -m core tokens create NAME --scopes '*'`, `… list`, `… revoke ID`: on the data folder of a running desk or not."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

from core import tokens
from core.desk import open_desk
from storage.tables import Token, utc_now


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("tokens", help="make, list and revoke the tokens programs use")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a token; the token alone is on the last line, shown this once")
    create.add_argument("name", help="after the program that will use it")
    create.add_argument("--scopes", required=True, help=f"by comma: {', '.join(tokens.SCOPES)}; or '*' for all")
    create.add_argument("--days", type=int, help="days until it expires; absent: never")
    actions.add_parser("list", help="the tokens there are")
    revoke = actions.add_parser("revoke", help="end a token at once")
    revoke.add_argument("id", help="as `tokens list` shows it")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = open_desk()
    match args.action:
        case "create":
            scopes = [s.strip() for s in args.scopes.split(",") if s.strip()]
            expires = utc_now() + timedelta(days=args.days) if args.days is not None else None
            token, secret = tokens.create(desk, args.name, scopes, expires)
            _print(f"Made “{token.name}” ({', '.join(token.scopes)}). Keep the token, it is shown only now:", secret)
        case "list":
            _print(*(_line(t) for t in tokens.list(desk)))
        case "revoke":
            tokens.revoke(desk, args.id)
            _print("Revoked: it works no longer.")
    return 0


def _line(token: Token) -> str:
    used = f"last used {token.last_used_at:%Y-%m-%d %H:%M} UTC" if token.last_used_at else "never used"
    until = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "no expiry"
    return f"{token.id}  {token.prefix}…  {token.name}  ({', '.join(token.scopes)})  {until}, {used}"


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
