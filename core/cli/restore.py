"""`python -m core restore FILE`: a backup back into a new workspace, or with `--into` into an empty one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core import uploads
from core.backup import backups
from core.cli import whom
from core.errors import BadInput, from_dict
from core.work import inline
from storage.tables import JobState, new_id


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("restore", help="bring a backup back, into a new workspace or an empty one")
    parser.add_argument("file", type=Path, metavar="FILE")
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("--new", metavar="NAME", help="make a workspace of that name for it")
    where.add_argument("--into", metavar="WORKSPACE", help="an empty workspace: its name, alias or id")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    if not args.file.is_file():
        raise BadInput(f"There is no file {args.file}.", "Name the zip that `backup` wrote.")
    desk = whom.acting_as(whom.operator("restore"), args.into)
    with args.file.open("rb") as content:
        upload = uploads.store(desk, args.file.name, content)
    queue = f"command {new_id()}"
    job = backups.restore(desk, upload.id, into=args.new, queue=queue)
    inline.run_alone(desk, queue)
    done = backups.get(desk, job.id)
    uploads.cancel(desk, upload.id)
    if done.state != JobState.SUCCEEDED or not done.result:
        raise from_dict(done.error or {})
    counted = ", ".join(f"{n:,} {kind}" for kind, n in done.result["counts"].items() if n)
    sys.stdout.write(f"Restored into “{done.result['name']}”: {counted or 'nothing'}.\n{done.result['workspace']}\n")
    return 0
