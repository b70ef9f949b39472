"""What a comparison of a sample file with a dataset gives: the export that comes nearest, and what it cannot give."""

from __future__ import annotations

from typing import Any, Literal

from core.engine.spec import OutputColumn, Value


class Pair(Value):
    """A column of the sample and the one of ours that fills it. `how` it was found, the surest first."""

    sample: str
    column: str  # our header
    id: str  # ours: c1 … cN
    how: Literal["same", "alike", "similar", "values", "place"]


class Missing(Value):
    """A column of the sample the dataset lacks, and the names that come nearest."""

    sample: str
    nearest: tuple[str, ...] = ()


class Match(Value):
    """The proposal. `understood` and `differences` are sentences; an empty `columns` means that nothing matched."""

    sample: str  # the file's name
    format: str  # a key of formats.FORMATS
    options: dict[str, Any]
    columns: tuple[OutputColumn, ...]
    ending: str  # of the sample's name, without the dot
    compression: Literal["none", "gzip", "zip"] = "none"
    understood: tuple[str, ...] = ()
    pairs: tuple[Pair, ...] = ()
    missing: tuple[Missing, ...] = ()
    unused: tuple[str, ...] = ()  # our columns the sample does not have
    differences: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the export will look like the sample in all that was compared."""
        return bool(self.columns) and not self.missing and not self.differences
