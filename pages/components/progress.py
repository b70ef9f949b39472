"""How far a job is, in words and a bar: "Writing rows · 430,000 of 860,000 · about 4 s left", or its place in the queue."""

from __future__ import annotations

from typing import Any, Protocol

import streamlit as st

from core.engine.progress import Progress
from pages.components import words
from pages.texts import _, n_


class JobLike(Protocol):
    """What of a job is shown while it is on its way."""

    state: Any  # JobState or its value
    progress: dict[str, Any] | None
    cancel_requested: bool


def show(job: JobLike, place: int | None = None) -> None:
    """One bar with one line above it. `place` is the job's place in the queue (1 is next)."""
    st.progress(fraction(job), text=line(job, place))


def line(job: JobLike, place: int | None = None) -> str:
    if job.cancel_requested:
        return _("Cancelling…")
    if str(job.state) == "queued":
        return _("Next in line") if place in (None, 1) else _("Waiting · number {place} in line").format(place=place)
    if not job.progress:
        return _("Starting…")
    p = Progress.model_validate(job.progress)
    parts = [_(p.phase)]
    if p.total:
        parts.append(n_("{done} of {n} row", "{done} of {n} rows", p.total, done=f"{p.rows:,}"))
    elif p.rows:
        parts.append(words.rows(p.rows))
    if p.steps > 1:
        parts.append(_("step {step} of {steps}").format(step=p.step, steps=p.steps))
    if p.seconds_left is not None:
        parts.append(_("about {time} left").format(time=words.seconds(p.seconds_left)))
    return " · ".join(parts)


def fraction(job: JobLike) -> float:
    """Between 0 and 1: the steps that are done, and how far the present one is."""
    if str(job.state) == "queued" or not job.progress:
        return 0.0
    p = Progress.model_validate(job.progress)
    within = min(1.0, p.rows / p.total) if p.total else 0.0
    return max(0.0, min(1.0, (max(0, p.step - 1) + within) / max(1, p.steps)))
