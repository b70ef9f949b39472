"""In which language a page of the door is read: the account's where it is known who reads, else the browser's."""

from __future__ import annotations

import re

from babel import Locale
from fastapi import Request

from core import texts
from core.access.accounts import Account, Preferences

# One language of Accept-Language with its weight (RFC 9110, 12.5.4); "*" and what is no language tag are passed over.
ASKED = re.compile(r"\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
MAX_ASKED = 20  # languages that are looked at


def of(request: Request, reader: Account | None = None) -> str:
    """ "en", "de", "pt_BR": the first there is of what the reader chose and what their browser asks for."""
    chosen = Preferences.model_validate(reader.preferences).language if reader else ""
    return texts.negotiated(chosen, *asked(request.headers.get("accept-language", "")))


def asked(header: str) -> list[str]:
    """The languages a browser asks for, the best first: "en;q=0.5, id" is ["id", "en"]."""
    found = [ASKED.fullmatch(part) for part in header.split(",")[:MAX_ASKED]]
    weighed = [(float(one[2] or 1), one[1]) for one in found if one]
    return [language for weight, language in sorted(weighed, key=lambda one: -one[0]) if weight]


def tag(language: str) -> str:
    """As HTML writes it (BCP 47): "pt-BR"."""
    return language.replace("_", "-")


def direction(language: str) -> str:
    """ "ltr" or "rtl" """
    return Locale.parse(language).text_direction
