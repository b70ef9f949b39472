"""What the file is: its format, that format's own options, and its name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.engine.formats import FORMATS
from pages.components import layout, options_form
from pages.draft import ExportDraft

FIRST = "xlsx"  # what most people are asked for; the others keep the order of the registry
TOKENS = {"date": "Date", "time": "Time", "rows": "Rows"}
TOKENS_OF_SEVERAL = {"part": "Part", "number": "Number"}  # only where there are several files
_SIMPLE = re.compile(r"\{name\}(?: \{(?:date|time|rows|part|number)\})*")


@dataclass(frozen=True)
class FileName:
    """A file name as the screen offers it: words somebody types, and what is put behind them."""

    typed: str
    tokens: tuple[str, ...] = ()

    @classmethod
    def of(cls, name: str, pattern: str) -> FileName:
        """A pattern that is more than {name} and its additions is shown as it is, braces and all."""
        if _SIMPLE.fullmatch(pattern):
            return cls(name, tuple(t for t in re.findall(r"\{(\w+)\}", pattern) if t != "name"))
        return cls(pattern)

    def parts(self) -> tuple[str | None, str]:
        """(name, pattern): a name with braces in it is a pattern of its own, and the name stays what it was."""
        behind = "".join(f" {{{t}}}" for t in self.tokens)
        if "{" in self.typed:
            return None, self.typed + behind
        return self.typed, "{name}" + behind


def format_and_options(draft: ExportDraft, beneath: Callable[[], None], *, key: str) -> None:
    """Choose the format first, then only that format's options. `beneath` is drawn between the two."""
    name = f"{key}_format"
    offered = sorted(FORMATS, key=lambda f: f != FIRST)
    if st.session_state.get(name) not in FORMATS:
        st.session_state[name] = draft.format if draft.format in FORMATS else next(iter(FORMATS))
    chosen = st.pills("Format", offered, key=name, format_func=lambda f: FORMATS[f].label, required=True, wrap=True)
    draft.format = chosen or draft.format
    fmt = FORMATS[draft.format]
    st.caption(fmt.about)
    beneath()
    if fmt.Options.model_fields:
        changed = len(draft.options.get(fmt.name, {}))
        label = f"{fmt.label} options" + (f" ({changed} changed)" if changed else "")
        with st.expander(label, icon=":material/tune:", key=f"{key}_options_{fmt.name}"):
            kept = options_form.show(fmt.Options, draft.options.get(fmt.name, {}), key=f"{key}_{fmt.name}")
            if kept:
                draft.options[fmt.name] = kept
            else:
                draft.options.pop(fmt.name, None)


def file_name(draft: ExportDraft, default_name: str, resulting: Callable[[], str], *, key: str) -> None:
    """The file's name as it will be. `resulting` gives it with everything filled in, if it can."""
    apart = draft.several and not draft.together
    now = FileName.of(draft.name or default_name, draft.file_name)
    typed_key, token_key = f"{key}_name_{default_name}", f"{key}_tokens"
    if typed_key not in st.session_state:
        st.session_state[typed_key] = now.typed
    if token_key not in st.session_state:
        st.session_state[token_key] = list(now.tokens)
    typed = st.text_input("File name", key=typed_key, max_chars=200, autocomplete="off")
    tokens = TOKENS | {k: words for k, words in TOKENS_OF_SEVERAL.items() if apart or k in st.session_state[token_key]}
    added = st.pills(
        "Add to the name",
        list(tokens),
        key=token_key,
        selection_mode="multi",
        format_func=lambda t: tokens[t],
        wrap=True,
    )
    name, draft.file_name = FileName((typed or "").strip() or default_name, tuple(added)).parts()
    if name is not None:
        draft.name = "" if name == default_name else name
    if called := resulting():
        with st.container(key="row_resulting_name"):
            st.caption(":material/draft: " + layout.plain(called))
