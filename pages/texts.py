"""The words of the screens, in the language of whoever looks (GNU gettext). docs/translating.md: how a language is added.

_("Nothing here yet")                              # translated where it is shown
_("{kept} of {all} columns").format(kept=…)        # a whole sentence with named slots, never one glued from pieces
n_("{n} row left", "{n} rows left", left)          # a number and what is counted; {n} is written as people read it
LOOKS = {"dark": N_("Dark")}                       # a module has no reader: marked here, `_(LOOKS[key])` where it is shown

Nothing here is set for a request: the language is looked up in the session of the thread that asks.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from string import Formatter

import streamlit as st
from babel import Locale, negotiate_locale
from babel.messages.catalog import Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from streamlit.runtime.scriptrunner import get_script_run_ctx

LOCALES = Path(__file__).parent / "locale"  # <language>/LC_MESSAGES/desk.po
SOURCE = "en"  # the language the screens are written in: it needs no catalogue
_CHOSEN = "language"  # in the session: what the person prefers, empty for their browser's


def _(text: str) -> str:
    """`text` as whoever looks reads it; itself where nobody translated it."""
    return _catalogue(LOCALES, language()).gettext(text) if text else text


def N_(text: str) -> str:
    """Mark a text that is defined at the top of a module; whoever shows it says `_(text)`."""
    return text


def n_(one: str, many: str, n: int, **slots: object) -> str:
    """The form that fits `n`, its slots filled: `{n}` with the number, thousands apart, the others by name."""
    return _catalogue(LOCALES, language()).ngettext(one, many, n).format(n=f"{n:,}", **slots)


def prefer(language: str) -> None:
    """What the person chose in their account (empty: as their browser), for the rest of this session."""
    st.session_state[_CHOSEN] = language


def language() -> str:
    """Of whoever looks: what they prefer, else what their browser asks for, else English. "en", "de", "pt_BR"."""
    if get_script_run_ctx(suppress_warning=True) is None:  # nobody looks: a module is imported, a test runs
        return SOURCE
    return _negotiated(LOCALES, st.session_state.get(_CHOSEN) or st.context.locale or SOURCE)


def languages() -> dict[str, str]:
    """All there are, each named in its own words: {"en": "English", "id": "Indonesia"}."""
    return {code: Locale.parse(code).get_display_name() or code for code in _there(LOCALES)}


@cache
def _negotiated(folder: Path, wanted: str) -> str:
    return negotiate_locale([wanted.replace("-", "_")], _there(folder)) or SOURCE


@cache
def _there(folder: Path) -> tuple[str, ...]:
    return (SOURCE, *sorted(po.parents[1].name for po in folder.glob("*/LC_MESSAGES/desk.po")))


@cache
def _catalogue(folder: Path, language: str) -> NullTranslations:
    """Compiled in memory when somebody first needs it: a translator's file is all there is to keep."""
    file = folder / language / "LC_MESSAGES" / "desk.po"
    if not file.exists():
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
