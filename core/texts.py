"""Texts in the language of whoever reads them (GNU gettext), from the catalogues that translators keep.

docs/translating.md says how a language is added. Who reads, and in which language, is for the caller to know: a screen asks
its session (pages.texts), a page of the door the browser, a mail the account it goes to.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from string import Formatter

from babel import Locale, negotiate_locale
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parents[1] / "pages" / "locale"  # <language>/LC_MESSAGES/desk.po
SOURCE = "en"  # the language texts are written in: it needs no catalogue


def N_(text: str) -> str:
    """Mark a text where nobody reads it yet, such as at the top of a module; whoever shows it translates it."""
    return text


def translated(text: str, language: str) -> str:
    """`text` in `language`; itself where nobody translated it."""
    return _catalogue(LOCALES, language).gettext(text) if text else text


def counted(one: str, many: str, n: int, language: str, **slots: object) -> str:
    """The form that fits `n`, its slots filled: `{n}` with the number, thousands apart, the others by name."""
    return _catalogue(LOCALES, language).ngettext(one, many, n).format(n=f"{n:,}", **slots)


def negotiated(*wanted: str) -> str:
    """The first of `wanted` that there is, English where there is none. "pl-PL" is content with "pl"; empty ones are nothing."""
    asked = [language.replace("-", "_") for language in wanted if language]
    return negotiate_locale(asked, _there(LOCALES)) or SOURCE


def languages() -> dict[str, str]:
    """All there are, each named in its own words: {"en": "English", "id": "Indonesia"}."""
    return {code: Locale.parse(code).get_display_name() or code for code in _there(LOCALES)}


@cache
def _there(folder: Path) -> tuple[str, ...]:
    return (SOURCE, *sorted(po.parents[1].name for po in folder.glob("*/LC_MESSAGES/desk.po")))


@cache
def _catalogue(folder: Path, language: str) -> NullTranslations:
    """Compiled in memory when somebody first needs it: a translator's file is all there is to keep."""
    file = folder / language / "LC_MESSAGES" / "desk.po"
    if language not in _there(folder) or not file.exists():
        return NullTranslations()
    with file.open("rb") as text:
        catalog = read_po(text, locale=language)
    for message in catalog:
        if message.id and not _fits(message):
            message.string = ""
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return GNUTranslations(compiled)


def _fits(message: Message) -> bool:
    """Whether a translation has the slots of its text and no others: a mistyped one must not end a page.

    A plural may leave its number out ("one row").
    """
    wanted = _slots(_forms(message.id)[-1]) or frozenset()
    given = [_slots(text) for text in _forms(message.string)]
    return all(found is not None and wanted - {"n"} <= found <= wanted for found in given)


def _forms(text: str | Sequence[str] | None) -> list[str]:
    """A text and its plurals, without those nobody has translated."""
    return [form for form in ([text] if isinstance(text, str) else text or ()) if form]


def _slots(text: str) -> frozenset[str] | None:
    """The names in braces; None where the braces do not match."""
    try:
        return frozenset(name for _text, name, _spec, _conversion in Formatter().parse(text) if name is not None)
    except ValueError:
        return None
