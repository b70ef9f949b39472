"""Which columns of a dataset look personal: by what they are called, and by what stands in them.

A hint, no verdict: it is shown before files leave the house, and whoever sends them decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from core import datasets
from core.desk import Desk
from core.engine.values import DATED, Column, Kind

Sort = Literal["email", "phone", "birth_date", "id"]
SHARE = 0.6  # of the values looked at that have to look alike
FEWEST = 2  # of them
# words of names, folded, in the languages people's files mostly are in; whole words, so that “grid” is no id
NAMES: Mapping[Sort, str] = {
    "email": r"e ?mails?|mail|correo|courriel|surel",
    "phone": r"(tele)?phones?|telefon\w*|telefono|tel|mobile|mobil|handy|cell|fax|whatsapp|hp|ponsel|telepon",
    "birth_date": r"birth ?(date|day)|date of birth|dob|born|geburts\w*|geb|naissance|nacimiento|nascita|tanggal lahir|lahir",
    "id": r"passport|pass(port)?( ?no| number)|ssn|social security.*|national ?id|nik|ktp|nif|dni|iban|tax ?(id|number)"
    r"|steuer\w*|ausweis\w*|personal\w*|insurance ?(no|number)|(user|person|customer|client|patient|employee|member) ?id"
    r"|ip ?address",
}
VALUES: Mapping[Sort, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}"),
    "phone": re.compile(r"(?=(?:\D*\d){7,15}\D*$)(\+|00|0|\()[\d\s()./-]+"),
    "id": re.compile(
        r"[A-Z]{2}\d{2}[ ]?(?:[A-Z0-9]{4}[ ]?){2,7}[A-Z0-9]{0,4}|\d{3}-\d{2}-\d{4}|(?:\d{1,3}\.){3}\d{1,3}"
    ),
}


@dataclass(frozen=True)
class Personal:
    """A column that looks personal, what it seems to hold, and what told: its `name`, or its `values`."""

    column: str  # id
    sort: Sort
    told_by: Literal["name", "values"]


def look(desk: Desk, dataset: str) -> Sequence[Personal]:
    """The columns of a dataset (id or slug) that look personal, in their order. Raises NotFound."""
    found = datasets.get(desk, dataset)
    version = datasets.version(desk, found.version_id or "")
    profiles = {one["id"]: one for one in version.profile}
    told = (_told(column, profiles.get(column.id, {})) for column in datasets.columns(version))
    return [one for one in told if one is not None]


def _told(column: Column, profile: Mapping[str, Any]) -> Personal | None:
    words = _folded(column.name)
    for sort, pattern in NAMES.items():
        fits = sort != "birth_date" or column.kind in (*DATED, Kind.TEXT, Kind.WHOLE)
        if fits and re.search(rf"(?:^| )(?:{pattern})(?: |$)", words):
            return Personal(column.id, sort, "name")
    if column.kind is not Kind.TEXT:
        return None
    values = [str(one["value"]).strip() for one in profile.get("top", ()) if str(one.get("value") or "").strip()]
    for sort, shape in VALUES.items():
        alike = sum(bool(shape.fullmatch(value)) for value in values)
        if alike >= max(FEWEST, SHARE * len(values)):
            return Personal(column.id, sort, "values")
    return None


def _folded(name: str) -> str:
    """ "E-Mail_Adresse" and "eMailAdresse" → "e mail adresse"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode().lower()
    return " ".join(re.split(r"[^a-z0-9]+", plain)).strip()
