"""`python -m core schedules run-due`: what the clock does every few seconds, once, by hand or from an operator's own clock."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Collection, Sequence

from core.cli import whom
from core.desk import Desk
from core.errors import NotFound
from core.scheduling import clock
from core.scheduling.occurrences import FAILURES
from core.work import inline
from storage import schedules as rows
from storage.tables import Occurrence, Schedule, utc_now

POLL_SECONDS = 0.2  # while another process works on what is waited for, or a failed try is due again


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("schedules", help="run what is due, once")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    due = actions.add_parser(
        "run-due", help="begin the runs that are due, of every workspace; safe beside a running desk"
    )
    due.add_argument("--schedule", metavar="ID", help="this one only, if it is due")
    due.add_argument("--sync", action="store_true", help="also do the work here; status 1: a run of these failed")
    due.add_argument("--dry-run", action="store_true", help="only say what is due")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    desk = whom.operator("schedules")
    with desk.store.reading() as session:
        there = {one.id: one for one in rows.every(session)}
        due = rows.due(session, utc_now(), args.schedule)
    if args.schedule and args.schedule not in there:
        raise NotFound("There is no such schedule.", "Its id stands in the address of its page, and in the API.")
    if args.dry_run:
        _write([line for one in due for line in _would(one)] or ["Nothing is due."])
        return 0
    ticked = clock.tick(desk, only=args.schedule)
    runs: Sequence[Occurrence] = ticked.decided
    if args.sync:
        runs = _finished(desk, [one.id for one in runs], args.schedule)
    _write(
        [_said(there[run.schedule_id], run) for run in runs]
        + [f"{there[one].name}: {n:,} missed" for one, n in ticked.missed.items()]
        or ["Nothing is due."]
    )
    return 1 if args.sync and any(run.state in FAILURES for run in runs) else 0


def _finished(desk: Desk, ids: Collection[str], only: str | None) -> Sequence[Occurrence]:
    """These runs once all of them have ended; the work is done in this process, as far as no other one does it."""
    while True:
        with desk.store.reading() as session:
            runs = [run for one in ids if (run := rows.occurrence(session, one))]
        moved = inline.run_next(desk) or clock.tick(desk, only=only).moved
        if not moved and not any(run.state in rows.UNFINISHED for run in runs):
            return runs  # what cannot be delivered just now is tried again later
        if not moved:
            time.sleep(POLL_SECONDS)


def _would(schedule: Schedule) -> Sequence[str]:
    due = clock.due_of(schedule, utc_now())
    missed = [f"{schedule.name}: {due.late_count:,} missed"] if due.late_count else []
    return [*missed, *(f"{schedule.name}: due since {slot.at:%Y-%m-%d %H:%M} UTC" for slot in due.within)]


def _said(schedule: Schedule, run: Occurrence) -> str:
    why = str(run.error["message"]) if run.error else run.warning
    return f"{schedule.name}: {run.at:%Y-%m-%d %H:%M} UTC {run.state}{f' ({why})' if why else ''}"


def _write(lines: Sequence[str]) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
