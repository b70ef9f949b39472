"""Finding one's way on a screen that AppTest drew: by the words a person sees, and by what our own components were given."""

from __future__ import annotations

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core import drafts
from core.desk import Desk
from core.engine.spec import ExportSpec
from pages.components import layout


def texts(app: AppTest) -> str:
    kinds = (app.title, app.header, app.markdown, app.caption, app.text, app.error)
    return "\n".join(read(e.value) for kind in kinds for e in kind)


def read(markdown: str) -> str:
    """As people read it: without what keeps it from being read as Markdown."""
    return str(markdown).replace("\\", "").replace(layout.NOTHING, "")


def button(app: AppTest, label: str, n: int = 0) -> Any:
    return [b for b in app.button if b.label == label][n]


def field(widgets: Any, label: str, n: int = 0) -> Any:
    return [w for w in widgets if w.label == label][n]


def component(app: AppTest, name: str, n: int = 0) -> dict[str, Any]:
    """What one of our own components was given to show."""
    found = [c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith(name)]
    return dict(json.loads(found[n].json))


def answer(app: AppTest, name: str, **state: Any) -> AppTest:
    """What the component's script would send back."""
    found = next(c for c in app.get("bidi_component") if c.proto.component_name.endswith(name))
    app.session_state[found.key] = state
    return app.run()


def pick_values(app: AppTest, *values: str) -> AppTest:
    stamp = component(app, "values")["stamp"]
    return answer(app, "values", picked={"stamp": stamp, "values": list(values)}, search="")


def draft_of(app: AppTest, desk: Desk) -> dict[str, Any]:
    """The draft as it is stored, under the id the address names."""
    return drafts.get(desk, address(app))


def address(app: AppTest) -> str:
    """The id of the draft that the page's address names."""
    value = app.query_params["draft"]
    return value if isinstance(value, str) else value[0]


def named(spec: ExportSpec) -> object:
    """The spec without the ids the draft adds to names."""

    def strip(value: object) -> object:
        if isinstance(value, dict):
            return {k: strip(v) for k, v in value.items() if k != "id"}
        return [strip(v) for v in value] if isinstance(value, list) else value

    return strip(spec.model_dump(mode="json"))
