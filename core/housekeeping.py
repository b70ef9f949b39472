"""What the desk clears away by itself: leftovers of dead attempts, unused uploads, old drafts, windows of limits,
unused passwords, datasets long in the bin."""

from __future__ import annotations

from core import drafts, limits, passwords
from core.desk import Desk
from core.work.sweep import sweep


def tidy(desk: Desk) -> None:
    """Once round the house; safe at any time, beside running jobs and other processes that tidy."""
    sweep(desk)
    drafts.sweep(desk)
    passwords.sweep(desk)
    limits.sweep(desk)
