"""What stands where people would be, on a desk that is for one person."""

from __future__ import annotations

from pages.components import layout
from pages.texts import _


def show(title: str) -> None:
    """Nothing links here on such a desk; whoever comes by the address is told how others could join."""
    layout.header(title)
    with layout.empty(
        "people", _("This desk is for one person"),
        _("Nobody signs in here. Started with “make serve”, the same desk takes a whole team."), ":material/person:",
    ):  # fmt: skip
        pass
