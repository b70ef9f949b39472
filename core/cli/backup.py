"""`python -m core backup WORKSPACE FILE`: everything of a workspace in one file, also what people keep to themselves."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

from core.backup import backups
from core.cli import whom
from core.errors import BadInput, from_dict
from core.keeping import space
from core.work import inline
from storage.tables import JobState, new_id


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("backup", help="write a whole workspace into one file, without passwords and keys")
    parser.add_argument("workspace", metavar="WORKSPACE", help=whom.WORKSPACE_HELP.partition(";")[0])
    parser.add_argument("file", type=Path, metavar="FILE", help="a zip that is not there yet")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    if args.file.exists():
        raise BadInput(f"{args.file} is there already.", "Name another file.")
    desk = whom.acting_as(whom.operator("backup"), args.workspace)
    queue = f"command {new_id()}"
    job = backups.start(desk, everything=True, queue=queue)
    inline.run_alone(desk, queue)
    done = backups.get(desk, job.id)
    if done.state != JobState.SUCCEEDED:
        raise from_dict(done.error or {})
    made = backups.file(desk, job.id)
    part = args.file.with_name(f".{args.file.name}.part")
    shutil.copyfile(made.path, part)
    os.replace(part, args.file)
    backups.delete(desk, job.id)
    counted = ", ".join(f"{n:,} {kind}" for kind, n in (done.result or {})["counts"].items() if n)
    sys.stdout.write(f"{args.file}: {counted or 'nothing'}, {space.words(made.bytes)}, SHA-256 {made.sha256}\n")
    return 0
