"""Which columns of a dataset look personal: by what they are called, and by what stands in them.

A hint, no verdict: it is shown before files leave the house, and whoever sends them decides.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

from core import datasets
from core.desk import Desk
from core.engine.protection import WAYS
from core.engine.spec import ExportSpec, Source
from core.engine.values import DATED, Column, Kind
from core.errors import NotFound
from storage.tables import Job

Sort = Literal["email", "phone", "birth_date", "id", "name", "address"]
SHARE = 0.6  # of the values looked at that have to look alike
FEWEST = 2  # of them
PEOPLE = (
    "user|person|customer|client|patient|employee|staff|worker|teacher|member|participant|attendee|visitor|guest|contact"
    "|student|pupil|passenger|recipient|donor|volunteer|applicant|candidate|tenant|subscriber"
)
# words of names, folded, in the languages people's files mostly are in; whole words, so that “grid” is no id
NAMES: Mapping[Sort, str] = {
    "email": r"e ?mails?|mail|correo|courriel|surel",
    "phone": r"(tele)?phones?|telefon\w*|telefono|tel|mobile|mobil|handy|cell|fax|whatsapp|hp|ponsel|telepon",
    "birth_date": r"birth ?(date|day)|date of birth|dob|born|geburts\w*|geb|naissance|nacimiento|nascita|tanggal lahir|lahir",
    "id": r"passport|pass(port)?( ?no| number)|ssn|social security.*|national ?id|nik|ktp|nif|dni|iban|tax ?(id|number)"
    rf"|steuer\w*|ausweis\w*|personal\w*|insurance ?(no|number)|({PEOPLE}) ?id"
    r"|ip ?address",
    # those of things (“product name”, “file name”, “web address”) are none, and “name” alone says too little
    "name": r"(first|middle|last|given|family|maiden|full) ?names?|surnames?|forenames?|vorname|nachname|familienname"
    rf"|({PEOPLE}) ?names?"
    r"|kundenname|prenom|nom de famille|apellidos?|nombre completo|cognome|nama (lengkap|depan|belakang|pelanggan)",
    "address": r"(?<!mac )(?<!web )(?<!url )(?<!server )(?<!wallet )address(es)?|street|house ?(no|number)|adresse|anschrift"
    r"|strasse|strae|hausnummer|direccion|domicilio|calle|indirizzo|alamat|jalan",
}
KINDS: Mapping[Sort, Sequence[Kind]] = {  # where others cannot hold it
    "birth_date": (*DATED, Kind.TEXT, Kind.WHOLE),
    "name": (Kind.TEXT,),
    "address": (Kind.TEXT,),
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
    name: str
    sort: Sort
    told_by: Literal["name", "values"]


def look(desk: Desk, dataset: str) -> Sequence[Personal]:
    """The columns of a dataset (id or slug) that look personal, in their order. Raises NotFound."""
    return _of_version(desk, datasets.get(desk, dataset).version_id or "")


def of_spec(desk: Desk, spec: ExportSpec, versions: Mapping[str, str] | None = None) -> Sequence[Personal]:
    """The columns that look personal and that an export of `spec` shows as they are, each name once; of data that is gone, none.

    `versions`: of the datasets, where they are not to be those of now (Resolved.versions).
    """
    found: dict[str, Personal] = {}
    for source in spec.sources:
        with suppress(NotFound):
            version = (versions or {}).get(source.dataset) or datasets.get(desk, source.dataset).version_id or ""
            for one in _of_version(desk, version):
                if _shows(source, one):
                    found.setdefault(one.name, one)
    return [*found.values()]


def of_export(desk: Desk, job: Job) -> Sequence[Personal]:
    """The same of an export that was made, from the data it was made of."""
    if "spec" not in job.payload:
        return []
    versions = (job.resolved or {}).get("versions", {})
    return of_spec(desk, ExportSpec.model_validate(job.payload["spec"]), versions)


def _shows(source: Source, one: Personal) -> bool:
    """Without masking or pseudonyms; of a summary, what it groups by."""
    if source.summary is not None:
        refs = [group.column for group in source.summary.group_by if group.unit is None]
    elif source.columns:
        refs = [column.column for column in source.columns if column.format not in WAYS]
    else:
        return True
    return any(ref.name.lower() == one.name.lower() for ref in refs)


def _of_version(desk: Desk, version_id: str) -> Sequence[Personal]:
    version = datasets.version(desk, version_id)
    profiles = {one["id"]: one for one in version.profile}
    told = (_told(column, profiles.get(column.id, {})) for column in datasets.columns(version))
    return [one for one in told if one is not None]


def _told(column: Column, profile: Mapping[str, Any]) -> Personal | None:
    words = _folded(column.name)
    for sort, pattern in NAMES.items():
        fits = column.kind in KINDS.get(sort, (*Kind,))
        if fits and re.search(rf"(?:^| )(?:{pattern})(?: |$)", words):
            return Personal(column.id, column.name, sort, "name")
    if column.kind is not Kind.TEXT:
        return None
    values = [str(one["value"]).strip() for one in profile.get("top", ()) if str(one.get("value") or "").strip()]
    for sort, shape in VALUES.items():
        alike = sum(bool(shape.fullmatch(value)) for value in values)
        if alike >= max(FEWEST, SHARE * len(values)):
            return Personal(column.id, column.name, sort, "values")
    return None


def _folded(name: str) -> str:
    """ "E-Mail_Adresse" and "eMailAdresse" → "e mail adresse"."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    plain = unicodedata.normalize("NFKD", apart).encode("ascii", "ignore").decode().lower()
    return " ".join(re.split(r"[^a-z0-9]+", plain)).strip()
