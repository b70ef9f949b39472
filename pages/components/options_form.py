"""The options of a format, or of a way to deliver, drawn from their pydantic model: a new one needs no screen of its own.

Each field's `title` is its label and its `description` the line of explanation. `json_schema_extra` may give `group`
("More": folded away), `choices` ({value: words}), `suggestions` (the same, but any other text may be typed), `placeholder`,
`lines` (a text of several lines, so many of them shown) and `field`, for what is more than a text to a person: "column" (one of
the file's columns), "each column" (a short text for each), "picture" (a data: URI), "each line" (a list, one a line) or
"elsewhere" (the page asks for it in its own way).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import streamlit as st
from annotated_types import Ge, Le, MaxLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from pages.components import explain, layout, option_fields
from pages.texts import N_, _

LINE_PX, FRAME_PX = 24, 24  # of a text area: a line of text, and what stands round them


def show(model: type[BaseModel], values: Mapping[str, Any], *, key: str, columns: Sequence[str] = ()) -> dict[str, Any]:
    """Only what differs from the model's defaults, as JSON scalars; unknown keys of `values` pass through unchanged.

    `columns`: the headers of the file, where all its tables have the same.
    """
    chosen = dict(values)
    drawn = {n: f for n, f in model.model_fields.items() if _extra(f).get("field") != "elsewhere"}
    first = {n: f for n, f in drawn.items() if not _extra(f).get("group")}
    folded = {n: f for n, f in drawn.items() if _extra(f).get("group")}
    for name, field in first.items():
        _keep(chosen, name, field, _widget(name, field, values, key, columns))
    if folded:
        with st.expander(_("More options"), type="compact", key=f"{key}_more"):
            for name, field in folded.items():
                _keep(chosen, name, field, _widget(name, field, values, key, columns))
    return chosen


def label(name: str, field: FieldInfo) -> str:
    """What the field is called."""
    return field.title or name.replace("_", " ").capitalize()


def said(name: str, field: FieldInfo) -> list[str]:
    """All its texts in the screens' own English: label, explanation, choices."""
    return [label(name, field), field.description or "", *(plain_words(field, value) for value in choices(field))]


def choices(field: FieldInfo) -> list[Any]:
    """The values it offers to choose from, if it offers any."""
    kind, optional = _kind(field.annotation)
    options = _options(kind)
    if options is None:
        return list(_extra(field).get("suggestions") or ())
    return [None, *options] if optional and None not in options else options


def plain_words(field: FieldInfo, value: Any) -> str:
    """A choice in everyday words: the field's own, else the value with its underscores as spaces."""
    given: Mapping[str, str] = _extra(field).get("choices") or _extra(field).get("suggestions") or {}
    if str(value) in given:
        return given[str(value)]
    if "suggestions" in _extra(field):
        return str(value)
    return N_("None") if value is None else str(value).replace("_", " ").capitalize()


def words(field: FieldInfo, value: Any) -> str:
    """A choice as whoever looks reads it."""
    return _(plain_words(field, value))


def _keep(chosen: dict[str, Any], name: str, field: FieldInfo, value: Any) -> None:
    if value == _plain(field.get_default(call_default_factory=True)):
        chosen.pop(name, None)
    else:
        chosen[name] = value


def _widget(name: str, field: FieldInfo, values: Mapping[str, Any], prefix: str, columns: Sequence[str]) -> Any:
    """The widget its type asks for. The draft leads: the widget begins with its value wherever it is drawn anew."""
    key = f"{prefix}_{name}"
    called = _(label(name, field))
    now = values.get(name, _plain(field.get_default(call_default_factory=True)))
    value = _drawn(field, called, now, columns, key)
    if value is None:
        value = _usual(name, field, called, now, key)
    if field.description:
        st.caption(layout.said(_(field.description)))
    return value


def _usual(name: str, field: FieldInfo, called: str, now: Any, key: str) -> Any:
    """A list for a choice, a switch for yes or no, a number, a text."""
    kind, optional = _kind(field.annotation)
    help = explain.named_in(*said(name, field))
    if key not in st.session_state:
        st.session_state[key] = now
    if _options(kind) is not None:
        offered = choices(field)
        if st.session_state[key] not in offered:
            st.session_state[key] = offered[0]
        return st.selectbox(called, offered, key=key, format_func=lambda v: words(field, v), help=help)
    if suggestions := _extra(field).get("suggestions"):
        offered = list(dict.fromkeys([*suggestions, st.session_state[key]]))
        return st.selectbox(
            called, offered, key=key, format_func=lambda v: words(field, v), accept_new_options=True, help=help
        )
    if kind is bool:
        return st.toggle(called, key=key, width="stretch", help=help)
    if kind is int:
        lowest, highest = _limits(field)
        return st.number_input(called, min_value=lowest, max_value=highest, step=1, key=key, help=help)
    if st.session_state[key] is None:
        st.session_state[key] = ""
    hint = _extra(field).get("placeholder")
    if lines := _extra(field).get("lines"):
        height = LINE_PX * lines + FRAME_PX
        typed = st.text_area(called, key=key, height=height, max_chars=_longest(field), placeholder=hint, help=help)
    else:
        typed = st.text_input(
            called, key=key, max_chars=_longest(field), placeholder=hint, autocomplete="off", help=help
        )
    return (typed or None) if optional else (typed or "")


def _drawn(field: FieldInfo, called: str, now: Any, columns: Sequence[str], key: str) -> Any:
    """The value of a field that is more than a text to a person; None where a text field serves."""
    wanted = _extra(field).get("field")
    if wanted == "picture":
        return option_fields.picture(called, now, key=f"{key}_picture")
    if wanted == "column" and columns:
        return option_fields.column(called, columns, now, key=f"{key}_column")
    if wanted == "each line":
        return _lines(field, called, now, key)
    if wanted == "each column":
        hint = _extra(field).get("each", "")
        return option_fields.each_column(called, columns, now, hint=hint, key=f"{key}_each")
    return None


def _lines(field: FieldInfo, called: str, now: Any, key: str) -> list[str]:
    """A list, one a line; commas and semicolons between them are understood as well."""
    if key not in st.session_state:
        st.session_state[key] = "\n".join(now if isinstance(now, list | tuple) else ())
    typed = st.text_area(
        called, key=key, height=LINE_PX * 2 + FRAME_PX, placeholder=_extra(field).get("placeholder"), help=None
    )
    return [one.strip() for one in (typed or "").replace(",", "\n").replace(";", "\n").splitlines() if one.strip()]


def _extra(field: FieldInfo) -> Mapping[str, Any]:
    return field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}


def _plain(value: Any) -> Any:
    """A value as widgets take it; None for the default of a field that has none."""
    if value is PydanticUndefined:
        return None
    return value.value if isinstance(value, Enum) else value


def _kind(annotation: Any) -> tuple[Any, bool]:
    """The type without its None, and whether None was allowed."""
    if get_origin(annotation) in (Union, UnionType):
        inner = [a for a in get_args(annotation) if a is not NoneType]
        return inner[0], len(inner) < len(get_args(annotation))
    return annotation, False


def _options(kind: Any) -> list[Any] | None:
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [m.value for m in kind]
    return None


def _limits(field: FieldInfo) -> tuple[int | None, int | None]:
    low = next((int(m.ge) for m in field.metadata if isinstance(m, Ge)), None)  # type: ignore[call-overload]
    high = next((int(m.le) for m in field.metadata if isinstance(m, Le)), None)  # type: ignore[call-overload]
    return low, high


def _longest(field: FieldInfo) -> int | None:
    return next((m.max_length for m in field.metadata if isinstance(m, MaxLen)), None)
