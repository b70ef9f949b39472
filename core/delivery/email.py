"""E-mail: the files attached where they are small enough, else signed links to them. The desk's own mail server sends it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from core.delivery import base
from core.delivery.base import Arrival, Parcel, Way
from core.errors import Undeliverable

MEGABYTE = 1_000_000
MOST_RECIPIENTS = 50
WORDS = ("name", "rows", "date", "files", "workspace")  # of which {…} in subject and text may be
_SLOT = re.compile(r"\{(\w+)\}")


def _address(text: str) -> str:
    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError as wrong:
        raise ValueError(f"“{text}” is no e-mail address") from wrong


def _with_known_words(text: str) -> str:
    for word in _SLOT.findall(text):
        if word not in WORDS:
            raise ValueError(f"{{{word}}} means nothing here; there are {', '.join(f'{{{w}}}' for w in WORDS)}")
    return text


Text = Annotated[str, AfterValidator(_with_known_words)]


class Options(base.Options):
    to: tuple[Annotated[str, AfterValidator(_address)], ...] = Field(
        min_length=1,
        max_length=MOST_RECIPIENTS,
        title="To",
        description="One a line. Everybody sees who else got it.",
        json_schema_extra={"field": "each line", "placeholder": "ana@example.org"},
    )
    subject: Text = Field(default="{name}, {date}", min_length=1, max_length=200, title="Subject")
    text: Text = Field(
        default="Hello,\n\nhere is “{name}” of {date}, with {rows} rows.\n",
        max_length=10_000,
        title="Text",
        description="{name}, {rows}, {date}, {files} and {workspace} are filled in.",
        json_schema_extra={"lines": 5},
    )
    attach_mb: int = Field(
        default=10, ge=0, le=25, title="Attach up to (MB)", description="Larger: a link. 0: always a link."
    )
    link_days: int = base.LINK_DAYS


class Email(base.Method[Options]):
    name = "email"
    label = "E-mail"
    icon = ":material/mail:"
    model = Options
    secrets = (base.LINK_PASSWORD,)

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        self.check(options, way)
        attached = not any(self.linked(options, [p.size for p in parcels]))
        way.post(_written(options, parcels, way, attached))
        way.sent(sum(p.size for p in parcels) if attached else 0)
        where = f"{'attached' if attached else 'a link'}, to {self.place(options)}"
        return [Arrival(parcel.name, where, parcel.size) for parcel in parcels]

    def check(self, options: Options, way: Way) -> None:
        """Where there is a list of domains that files may be mailed to, every recipient is within one of them."""
        for address in options.to:
            domain = address.rpartition("@")[2].lower()
            if way.domains and domain not in way.domains:
                raise Undeliverable(
                    f"Files may not be mailed to {address}: {domain} is not among the domains that are allowed.",
                    f"Allowed are {', '.join(way.domains)}. An administrator adds others in the settings.",
                    field="to",
                )

    def linked(self, options: Options, sizes: Sequence[int]) -> Sequence[bool]:
        return [sum(sizes) > options.attach_mb * MEGABYTE] * len(sizes)

    def place(self, options: Options) -> str:
        return ", ".join(options.to)


def _written(options: Options, parcels: Sequence[Parcel], way: Way, attached: bool) -> EmailMessage:
    words = {"files": ", ".join(p.name for p in parcels), **way.words}
    message = EmailMessage()
    message["To"] = ", ".join(options.to)
    message["Subject"] = " ".join(_filled(options.subject, words).split())  # a line break would begin another header
    text = _filled(options.text, words).rstrip() + "\n"
    if not attached:
        text += "\n" + "\n".join(f"{p.name}:\n{p.link}\n" for p in parcels)
    message.set_content(text)
    for parcel in parcels if attached else ():
        kind, _, subtype = parcel.media_type.partition(";")[0].strip().partition("/")
        message.add_attachment(
            parcel.path.read_bytes(), maintype=kind, subtype=subtype or "octet-stream", filename=parcel.name
        )
    return message


def _filled(text: str, words: Mapping[str, str]) -> str:
    """Each {word} once: what is filled in is not looked at again."""
    return _SLOT.sub(lambda slot: words.get(slot[1], slot[0]), text)


METHOD = Email()
