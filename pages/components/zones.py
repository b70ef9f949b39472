"""Choosing a time zone by typing part of its name."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

OF_OLD = ("Etc/", "SystemV/", "US/", "posix/", "right/")  # other names for the same zones


@cache
def names() -> tuple[str, ...]:
    """Places, and UTC first."""
    places = (name for name in available_timezones() if "/" in name and not name.startswith(OF_OLD))
    return ("UTC", *sorted(places))


def choose(
    label: str,
    now: str,
    key: str,
    *,
    none: str = "",
    disabled: bool = False,
    help: str | None = None,
    hidden: bool = False,
    width: int | Literal["stretch"] = "stretch",
) -> str:
    """The chosen zone. `none`: what stands for "" at the head of the list; without it there is no such choice.

    `hidden`: its label is for screen readers alone.
    """
    options = [*([""] if none else []), *([] if now in names() or not now else [now]), *names()]
    return st.selectbox(
        label,
        options,
        index=options.index(now),
        format_func=lambda zone: f"{zone} ({_offset(zone)})" if zone else none,
        key=key,
        disabled=disabled,
        help=help,
        label_visibility="collapsed" if hidden else "visible",
        width=width,
    )


def _offset(zone: str) -> str:
    """What its clocks show now beside UTC's: "+07:00"."""
    offset = datetime.now(UTC).astimezone(ZoneInfo(zone)).strftime("%z")
    return f"{offset[:3]}:{offset[3:5]}"
