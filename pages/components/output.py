"""What the file is: its format, that format's own options, and its name."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from core.engine.formats import FORMATS
from pages.builder.draft import ExportDraft
from pages.components import explain, layout, options_form
from pages.texts import N_, _, n_

COMMON = ("xlsx", "csv", "pdf", "ods", "html", "json")  # what most people are asked for; the others are a press away
MORE = "more"
TOKENS = {"date": N_("Date"), "time": N_("Time"), "rows": N_("Rows")}
TOKENS_OF_SEVERAL = {"part": N_("Part"), "number": N_("Number")}  # only where there are several files
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


def format_and_options(draft: ExportDraft, beneath: Callable[[], None], headers: Sequence[str], *, key: str) -> None:
    """Choose the format first, then only that format's options. `beneath` is drawn between the two.

    `headers`: of the file's columns, where all its tables have the same.
    """
    draft.format = _format(draft.format, f"{key}_format")
    fmt = FORMATS[draft.format]
    st.caption(_(fmt.about), help=explain.named_in(fmt.label, fmt.about))
    beneath()
    if fmt.Options.model_fields:
        changed = len(draft.options.get(fmt.name, {}))
        label = _("{format} options").format(format=_(fmt.label))
        if changed:
            label = n_("{format} options ({n} changed)", "{format} options ({n} changed)", changed, format=_(fmt.label))
        with st.expander(label, icon=":material/tune:", key=f"{key}_options_{fmt.name}"):
            kept = options_form.show(
                fmt.Options, draft.options.get(fmt.name, {}), key=f"{key}_{fmt.name}", columns=headers
            )
            if kept:
                draft.options[fmt.name] = kept
            else:
                draft.options.pop(fmt.name, None)
        if len(kept) != changed:  # what stands above the options counts them
            st.rerun()


def _format(chosen: str, key: str) -> str:
    """One pill a format: the common ones and the chosen one, until somebody asks for more."""
    everything = f"{key}_all"
    picked = st.session_state.get(key)
    if picked == MORE:
        st.session_state[everything] = True
    if picked not in FORMATS:
        picked = chosen if chosen in FORMATS else COMMON[0]
    st.session_state[key] = picked  # said again: the choice must outlive a change of what is offered
    asked = bool(st.session_state.get(everything))
    offered = [f for f in FORMATS if asked or f in COMMON or f == picked] + ([] if asked else [MORE])
    labels = {name: _(f.label) for name, f in FORMATS.items()} | {MORE: _("More…")}
    return st.pills(_("Format"), offered, key=key, format_func=lambda f: labels[f], required=True, wrap=True) or picked


def file_name(draft: ExportDraft, default_name: str, resulting: Callable[[], str], *, key: str) -> None:
    """The file's name as it will be. `resulting` gives it with everything filled in, if it can."""
    apart = draft.several and not draft.together
    now = FileName.of(draft.name or default_name, draft.file_name)
    typed_key, token_key = f"{key}_name_{default_name}", f"{key}_tokens"
    if typed_key not in st.session_state:
        st.session_state[typed_key] = now.typed
    if token_key not in st.session_state:
        st.session_state[token_key] = list(now.tokens)
    typed = st.text_input(_("File name"), key=typed_key, max_chars=200, autocomplete="off")
    tokens = TOKENS | {k: words for k, words in TOKENS_OF_SEVERAL.items() if apart or k in st.session_state[token_key]}
    added = st.pills(
        _("Add to the name"),
        list(tokens),
        key=token_key,
        selection_mode="multi",
        format_func=lambda t: _(tokens[t]),
        wrap=True,
    )
    name, draft.file_name = FileName((typed or "").strip() or default_name, tuple(added)).parts()
    if name is not None:
        draft.name = "" if name == default_name else name
    if called := resulting():
        with st.container(key="row_resulting_name"):
            st.caption(":material/draft: " + layout.plain(called))
