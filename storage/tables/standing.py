"""What goes on by itself: where files are delivered, when they are made, where data is fetched from, and what people are told."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, new_id, text_enum, utc_now


class Destination(Shareable, table=True):
    """A place files are delivered to."""

    name: str
    method: str  # core.delivery.NAMES
    options: dict[str, Any] = Field(sa_type=json_column())  # of that method
    secrets: dict[str, str] = Field(default_factory=dict, sa_type=json_column())  # each sealed for workspace:id:key
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    tested_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when a test file last arrived


class Schedule(Shareable, table=True):
    """A template that runs by itself."""

    name: str
    template_id: str = Field(foreign_key="template.id", index=True)
    cadence: dict[str, Any] = Field(sa_type=json_column())  # core.scheduling.cadence.Cadence
    zone: str  # IANA name
    starts_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    ends_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    done_until: datetime = Field(sa_type=UtcDateTime)  # slots up to here have their occurrence
    next_at: datetime | None = Field(default=None, sa_type=UtcDateTime, index=True)  # None: paused, or over
    grace_minutes: int = 60  # a slot later than that is missed
    overlap: str = "skip"  # or "queue": what happens while the run before it still goes on
    pause_after: int = 5  # failures in a row; 0: never
    failures: int = 0  # in a row, up to now
    paused_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    paused_why: str = ""  # "": somebody paused it
    delivering: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())  # engine.spec.Delivering
    refresh: str = "no"  # or "warn", "refuse": fetch the data first, and what happens when that fails
    keep_days: int | None = None  # of what it makes; None: as its template says
    columns: dict[str, Any] = Field(
        default_factory=dict, sa_type=json_column()
    )  # dataset id → [engine.values.Column]: those its last file was made from; before that, as they were when it began
    updated_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)


class OccurrenceState(StrEnum):
    WAITING = "waiting"  # for the run before it to end
    REFRESHING = "refreshing"  # its data is being fetched
    STARTED = "started"  # its export waits or runs
    DELIVERING = "delivering"  # its file is made, and is being sent, or waits for somebody to say yes
    SUCCEEDED = "succeeded"
    UNDELIVERED = "undelivered"  # its file is made, and was given up on somewhere it was to be sent
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISSED = "missed"  # the desk was off, or too busy, for longer than its grace
    SKIPPED = "skipped"  # the run before it still went on


class Occurrence(SQLModel, table=True):
    """One run of a schedule. There is one at most for each slot, however many processes tick."""

    id: str = Field(default_factory=new_id, primary_key=True)
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    schedule_id: str = Field(foreign_key="schedule.id", ondelete="CASCADE")
    slot: str  # core.scheduling.cadence.Slot.key; "now <id>" of one that somebody asked for
    at: datetime = Field(sa_type=UtcDateTime)  # when it was due
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    state: OccurrenceState = Field(sa_type=text_enum(OccurrenceState))
    job_id: str | None = None  # of its refresh, then of its export
    asked_by: str | None = None  # account id of who pressed Run now, or tried it again
    data_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # since when its oldest data is as it read it
    error: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # DeskError.as_dict()
    warning: str = ""  # such as: the data could not be fetched again

    __table_args__ = (
        Index("uq_occurrence_slot", "schedule_id", "slot", unique=True),
        Index("ix_occurrence_of_schedule", "schedule_id", "at"),
        Index("ix_occurrence_state", "state", "schedule_id"),
    )


class Feed(SQLModel, table=True):
    """Where a dataset is fetched from again."""

    dataset_id: str = Field(foreign_key="dataset.id", primary_key=True, ondelete="CASCADE")
    workspace_id: str = Field(foreign_key="workspace.id", index=True)
    owner_id: str = Field(foreign_key="account.id")
    method: str  # core.fetching.NAMES
    options: dict[str, Any] = Field(sa_type=json_column())
    secrets: dict[str, str] = Field(
        default_factory=dict, sa_type=json_column()
    )  # each sealed for workspace:dataset:key
    reading: dict[str, Any] = Field(default_factory=dict, sa_type=json_column())  # engine.ingest.ImportOptions
    on_change: str = "warn"  # or "refuse": what happens when its columns are others than before
    created_at: datetime = Field(default_factory=utc_now, sa_type=UtcDateTime)
    refreshed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # when it last worked
    error: dict[str, Any] | None = Field(default=None, sa_type=json_column())  # of the last time, if that did not


class NoticeKind(StrEnum):
    FINISHED = "finished"
    FAILED = "failed"
    HELD = "held"  # waits for somebody to say yes
    EXPIRING = "expiring"
    ASKED = "asked"  # somebody is asked to take something over


class Notice(Owned, table=True):
    """Something one person (its owner) is told."""

    kind: NoticeKind = Field(sa_type=text_enum(NoticeKind))
    title: str
    text: str = ""
    path: str = ""  # where on the desk it leads: "/my-exports?job=…"
    about: str = ""  # what it is about, so that it is told once: "job <id>", "schedule <id> paused"
    read_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    sent_at: datetime | None = Field(default=None, sa_type=UtcDateTime)  # handed to mail and webhook, or given up
    tries: int = 0  # of sending it on
    try_after: datetime | None = Field(default=None, sa_type=UtcDateTime)  # not sooner: it is just being sent, or waits
    ways: list[str] | None = Field(default=None, sa_type=json_column())  # it still has to go; None: all that are wanted

    __table_args__ = (
        Index("uq_notice_about", "owner_id", "kind", "about", unique=True),
        Index("ix_notice_unread", "workspace_id", "owner_id", "read_at", "created_at"),
    )
