"""Match a sample file: dropped in a dialog, read in a job, shown as what matches and what does not, taken over with one press."""

from __future__ import annotations

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import uploads
from core.desk import Desk
from core.work import inline
from tests.pages.conftest import texts

SAMPLE = (
    "JOINED;Country;Full name;Team\r\n01.02.2026;Indonesia;Zoë;A\r\n02.02.2026;Peru;Ana;B\r\n03.02.2026;Peru;Bo;A\r\n"
)


def page() -> None:  # run from its source: names of this module are not there
    import streamlit as st

    from pages.builder import match, source
    from pages.session import desk

    here = desk()
    opened = source.open_draft(here)
    assert opened is not None
    draft, tables = opened
    if st.button("Match a sample file"):
        match.open_dialog(draft)
    match.show(here, draft, tables)
    st.json(draft.to_spec(tables).model_dump_json())


@pytest.fixture
def builder(page_desk: Desk, team: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=20)
    app.query_params["dataset"] = team
    return app.run()


def press(app: AppTest, label: str) -> AppTest:
    return next(b for b in app.button if b.label == label).click().run()


def drop(app: AppTest, desk: Desk, name: str, content: bytes) -> AppTest:
    """What the upload box says once a file has arrived, then the job, then the dialog drawn anew."""
    stored = uploads.store(desk, name, content)
    box = next(c for c in app.get("bidi_component") if c.proto.component_name.endswith("upload"))
    app.session_state[box.key] = {"uploads": [{"id": stored.id, "name": name, "size": len(content)}]}
    app.run()
    inline.run_queued(desk)
    return app.run()


def spec_of(app: AppTest) -> dict[str, Any]:
    return dict(json.loads(app.json[0].value))


def said(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def test_what_matches_and_what_does_not_is_shown_before_anything_changes(builder: AppTest, page_desk: Desk) -> None:
    app = drop(press(builder, "Match a sample file"), page_desk, "bank.csv", SAMPLE.encode("cp1252"))
    assert not app.exception
    shown = said(app)
    assert "bank.csv** is proposed as **CSV" in shown
    assert ":green[:material/check:] Cells are parted by a semicolon." in shown
    assert "Windows Western European (1252)" in shown
    assert "The sample's column “Team” is not in this data." in shown
    assert "Values of “Country” in the sample occur nowhere in this data: “Peru”." in shown
    assert "Left out, because the sample does not have them: id." in shown
    assert app.dataframe[0].value["Filled with"].tolist() == ["joined", "country", "name"]
    assert spec_of(app)["output"]["format"] == "xlsx"


def test_one_press_makes_the_draft_like_the_sample_and_closes_the_dialog(builder: AppTest, page_desk: Desk) -> None:
    app = drop(press(builder, "Match a sample file"), page_desk, "bank.csv", SAMPLE.encode("cp1252"))
    app = press(app, "Use this")
    assert not app.exception
    spec = spec_of(app)
    assert spec["output"]["format"] == "csv"
    assert spec["output"]["options"] == {
        "audience": "programs", "delimiter": ";", "date_format": "dmy_dot", "encoding": "windows-1252", "line_ends": "crlf",
    }  # fmt: skip
    columns = spec["sources"][0]["columns"]
    assert [(c["column"]["name"], c["label"]) for c in columns] == [
        ("joined", "JOINED"), ("country", "Country"), ("name", "Full name"),
    ]  # fmt: skip
    assert "Use this" not in [b.label for b in app.button]
    assert "now looks like bank.csv" in app.toast[0].value.replace("\\", "")


def test_a_sample_that_cannot_be_read_says_so_and_another_may_follow(builder: AppTest, page_desk: Desk) -> None:
    app = drop(press(builder, "Match a sample file"), page_desk, "bank.pdf", b"%PDF-1.7 nothing")
    assert "is a PDF, not a table" in said(app)
    app = press(app, "Another sample")
    app = drop(app, page_desk, "good.csv", b"name,country\nAna,Malaysia\n")
    assert "good.csv** is proposed as **CSV" in said(app)


def test_a_sample_without_a_column_of_ours_cannot_be_used(builder: AppTest, page_desk: Desk) -> None:
    app = drop(press(builder, "Match a sample file"), page_desk, "odd.csv", b"colour,shape\nred,round\ngreen,square\n")
    use = next(b for b in app.button if b.label == "Use this")
    assert use.disabled
    assert use.help == "No column of the sample was found in this data."
