"""`python -m core data refresh SLUG`: fetch datasets again; `… data check FILE`: is a file one that was exported here?"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from core import checks, feeds, uploads
from core.cli import whom
from core.desk import Desk
from core.errors import BadInput, from_dict
from core.work import inline
from storage.tables import ACTIVE, Job, JobState

POLL_SECONDS = 0.2  # while a supervisor of the running desk does the work


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("data", help="fetch datasets again, check a file")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    refresh = actions.add_parser("refresh", help="fetch a dataset from where it comes from")
    refresh.add_argument("dataset", metavar="SLUG", help="its slug or id")
    refresh.add_argument("--sync", action="store_true", help="do the work here if nobody does, and end once it is done")
    check = actions.add_parser("check", help="say whether a file was exported here; status 1 where it was not")
    check.add_argument("file", metavar="FILE", type=Path)
    for action in (refresh, check):
        action.add_argument("--owner", metavar="EMAIL", help="in whose name; absent: the workspace's first owner")
        whom.add_workspace(action)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = whom.acting_as(whom.operator("data"), args.workspace, args.owner)
    return _check(desk, args.file) if args.action == "check" else _refresh(desk, args.dataset, args.sync)


def _refresh(desk: Desk, dataset: str, sync: bool) -> int:
    job = feeds.refresh(desk, dataset)
    if not sync:
        _print(job.id)
        return 0
    job = _done(desk, job)
    if job.state != JobState.SUCCEEDED:
        raise from_dict(job.error or {"message": "Fetching was cancelled."})
    for one in (job.result or {})["datasets"]:
        came = "unchanged" if one["unchanged"] else f"a new version with {one['rows']:,} rows"
        _print(f"{one['name']}: {came}.")
    if warning := feeds.warning(job):
        _print(warning)
    return 0


def _done(desk: Desk, job: Job) -> Job:
    while job.state in ACTIVE:
        if not inline.run_next(desk):
            time.sleep(POLL_SECONDS)
        job = feeds.job(desk, job.id)
    return job


def _check(desk: Desk, path: Path) -> int:
    if not path.is_file():
        raise BadInput(f"There is no file “{path}”.", "Check its name.")
    with path.open("rb") as file:
        job = checks.check(desk, uploads.store(desk, path.name, file, use="exports.check").id)
    while (found := checks.found(desk, job.id)) is None:
        if not inline.run_next(desk):
            time.sleep(POLL_SECONDS)
    _print(checks.sentence(found), *found.verdict.said)
    if found.export is not None:
        _print(f"Made {found.export.created_at:%Y-%m-%d %H:%M} UTC by {found.by or 'somebody'}: {found.export.id}")
    return 0 if found.verdict.verdict in ("bytes", "values") else 1


def _print(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
