"""The pages of deliveries: destinations and their test, “Deliver to” with its hint, who got an export, its links."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, update
from streamlit.testing.v1 import AppTest

from core import choices, datasets, deliveries, destinations, exports, links, uploads
from core.choices import Outside
from core.desk import Desk
from core.destinations import Destination
from core.engine.spec import ExportSpec
from core.keeping import retention
from core.scheduling import schedules
from core.templating import templates
from core.work import inline
from storage.tables import Job, Role, utc_now
from tests.pages.driving import button, draft_of, field, texts
from tests.things import add_person, make_things

Open = Callable[..., AppTest]
SECRET = "hunter2-and-no-other-word"


@pytest.fixture
def share(page_desk: Desk, tmp_path: Path) -> Path:
    """A folder of the server that an administrator allowed."""
    (there := tmp_path / "share").mkdir()
    choices.choose(page_desk, Outside, allowed_folders=(str(there),))
    return there


@pytest.fixture
def place(page_desk: Desk, share: Path) -> Destination:
    return destinations.make(page_desk, "Finance", "folder", {"root": str(share), "folder": "in"}, {})


def export(desk: Desk, dataset: str, place: Destination, **how: Any) -> str:
    spec = ExportSpec.model_validate(
        {
            "name": "People",
            "sources": [{"dataset": dataset}],
            "output": {"format": "csv"},
            "delivering": {"destinations": [place.id], **how},
        }
    )
    job = exports.start(desk, spec)
    inline.run_queued(desk)
    return job.id


def test_a_destination_is_made_tested_and_shows_that_the_file_arrived(
    open_page: Open, page_desk: Desk, share: Path
) -> None:
    page = open_page("destinations.py")
    assert "No destinations yet" in texts(page)
    button(page, "New destination").click().run()
    field(page.selectbox, "How").set_value("folder").run()
    field(page.text_input, "Name").set_value("Finance").run()
    field(page.text_input, "Folder within").set_value("in").run()
    button(page, "Save").click().run()
    [made] = destinations.list(page_desk)
    assert (made.name, made.options["root"], made.options["folder"]) == ("Finance", str(share), "in")
    page = open_page("destinations.py")
    assert "not tested yet" in texts(page)
    button(page, "Send a test file").click().run()
    inline.run_queued(page_desk)
    page.run()
    assert (share / "in" / "Export Desk test.txt").is_file()
    assert "arrived" in " ".join(e.value for e in page.success)
    assert "a test file arrived just now" in texts(open_page("destinations.py"))


def test_a_test_that_failed_says_why(open_page: Open, page_desk: Desk, place: Destination, share: Path) -> None:
    (share / "in").write_text("in the way")
    page = open_page("destinations.py")
    button(page, "Send a test file").click().run()
    inline.run_queued(page_desk)
    page.run()
    assert "is not a folder" in page.error[0].value.replace("\\", "")


def test_secrets_are_typed_in_and_never_shown_again(open_page: Open, page_desk: Desk) -> None:
    made = destinations.make(
        page_desk, "Partner", "ftp", {"host": "ftp.example.org", "user": "u"}, {"password": SECRET}
    )
    page = open_page("destinations.py")
    page.session_state["open_dialog"] = ("change_destination", made.id)
    page.run()
    typed = field(page.text_input, "Password")
    assert (typed.value or "", typed.placeholder) == ("", "Kept. Type to replace it.")
    field(page.text_input, "Name").set_value("Partner GmbH").run()
    button(page, "Save").click().run()
    now = destinations.get(page_desk, made.id)
    assert (now.name, set(now.secrets)) == ("Partner GmbH", {"password"})
    assert now.secrets == made.secrets
    assert SECRET not in str(list(page.main))


def test_the_builder_delivers_where_it_is_told_and_asks_first(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    builder = open_page("builder/builder.py", dataset=team)
    field(builder.multiselect, "Destinations").set_value([place.id]).run()
    field(builder.selectbox, "Send it").set_value("rows").run()
    field(builder.get("pills"), "It goes").set_value("undo").run()
    kept = draft_of(builder, page_desk)["delivering"]
    assert (kept["destinations"], kept["when"], kept["hold"]) == ([place.id], "rows", "undo")
    assert "Deliver to Finance" in [e.label for e in builder.expander]


def test_personal_columns_are_named_before_they_leave_and_hidden_in_one_click(
    open_page: Open, page_desk: Desk, place: Destination
) -> None:
    rows = "\n".join(f"P{n},p{n}@example.org,19{50 + n}-01-01" for n in range(9))
    upload = uploads.store(page_desk, "c.csv", f"name,email,birth date\n{rows}\n".encode())
    job = datasets.add(page_desk, upload.id, name="Customers")
    inline.run_queued(page_desk)
    dataset = (datasets.job(page_desk, job.id).result or {})["datasets"][0]["slug"]
    builder = open_page("builder/builder.py", dataset=dataset)
    assert "personal" not in texts(builder)
    field(builder.multiselect, "Destinations").set_value([place.id]).run()
    assert "2 columns look personal" in texts(builder)
    button(builder, "Pseudonymise").click().run()
    assert "look personal" not in texts(builder)
    formats = {c["column"]: c["format"] for c in draft_of(builder, page_desk)["sources"][0]["columns"]}
    assert formats == {"c1": None, "c2": "pseudonym", "c3": "pseudonym"}


def test_an_exports_page_says_who_got_it_and_lets_what_is_held_go(
    open_page: Open, page_desk: Desk, team: str, place: Destination, share: Path
) -> None:
    held = export(page_desk, team, place, hold="ask")
    page = open_page("exports/my_exports.py", job=held)
    assert "It was chosen to ask before it is sent" in texts(page).replace("\\", "")
    button(page, "Send now").click().run()
    inline.run_queued(page_desk)
    assert [one.state for one in deliveries.list(page_desk, held)] == ["sent"]
    assert "sent just now" in texts(open_page("exports/my_exports.py", job=held))
    waits = export(page_desk, team, place, hold="undo")
    button(open_page("exports/my_exports.py", job=waits), "Undo").click().run()
    assert [one.state for one in deliveries.list(page_desk, waits)] == ["stopped"]


def test_what_went_to_somebody_elses_private_destination_is_shown_and_not_where(
    open_page: Open, page_desk: Desk, share: Path
) -> None:
    ana = add_person(page_desk, "Ana", Role.EDITOR)
    job = make_things(ana, "Ana", shared=True).export
    place = destinations.make(ana, "Payroll", "folder", {"root": str(share), "folder": "payroll"}, {})
    deliveries.send(ana, job, place.id)
    inline.run_queued(ana)
    page = open_page("exports/my_exports.py", job=job)
    assert "A private destination" in texts(page)
    assert "ayroll" not in texts(page)
    assert button(page, "Send again").disabled
    assert "not shared with you" in button(page, "Send again").help


def test_links_are_listed_with_their_downloads_and_revoked(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    job = export(page_desk, team, place)
    token = links.make(page_desk, job, hours=24, password="open sesame").rpartition("/")[2]
    links.downloaded(links.open(page_desk, token, password="open sesame"))
    page = open_page("exports/my_exports.py", job=job)
    assert "Copied by hand" in texts(page)
    assert "1 download" in texts(page)
    button(page, "Revoke").click().run()
    button(page, "Revoke", 1).click().run()
    assert [one.revoked_at is not None for one in links.every(page_desk, job) if one.handed_out] == [True]


def test_a_single_export_says_that_it_has_no_last_time_to_compare_with(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    builder = open_page("builder/builder.py", dataset=team)
    field(builder.multiselect, "Destinations").set_value([place.id]).run()
    assert "compared with last time" not in texts(builder)
    field(builder.selectbox, "Send it").set_value("changed").run()
    assert "compared with last time once this is a template or a schedule" in texts(builder)


def test_other_destinations_of_a_schedule_keep_the_conditions_of_its_template(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    how = {"when": "rows", "hold": "undo", "undo_minutes": 30, "ask_above_percent": 40.0}
    spec = {"sources": [{"dataset": team}], "delivering": {"destinations": [place.id], **how}}
    template = templates.save(page_desk, "Weekly", "", ExportSpec.model_validate(spec))
    page = open_page("schedules/schedules.py", template=template.id)
    field(page.multiselect, "Send its files to").set_value([place.id]).run()
    field(page.number_input, "Minutes in which it can be undone").set_value(20).run()
    button(page, "Make the schedule").click().run()
    (listed,) = schedules.list(page_desk)
    assert listed.schedule.delivering == {"destinations": [place.id], **how, "undo_minutes": 20}


def test_what_is_gone_is_not_offered_to_be_sent(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    job = export(page_desk, team, place)
    labels = [one.label for one in open_page("exports/my_exports.py", job=job).button]
    assert {"Send", "Send again"} <= {*labels}
    with page_desk.store.writing() as session:
        session.exec(update(Job).where(col(Job.id) == job).values(expires_at=utc_now() - timedelta(minutes=1)))
    retention.clean(page_desk)
    page = open_page("exports/my_exports.py", job=job)
    assert "sent just now" in texts(page)
    assert not {"Send", "Send again"} & {one.label for one in page.button}


@pytest.fixture
def customers(page_desk: Desk) -> str:
    """The slug of data with people in it."""
    rows = "\n".join(f"P{n},p{n}@example.org" for n in range(9))
    upload = uploads.store(page_desk, "c.csv", f"surname,email\n{rows}\n".encode())
    job = datasets.add(page_desk, upload.id, name="Customers")
    inline.run_queued(page_desk)
    return str((datasets.job(page_desk, job.id).result or {})["datasets"][0]["slug"])


HINT = "2 columns look personal (names of people and e-mail addresses): surname and email"


def said(page: AppTest) -> str:
    return texts(page).replace("*", "").replace("\\", "")


def test_whoever_sends_a_finished_export_or_hands_out_a_link_is_told_what_of_it_looks_personal(
    open_page: Open, page_desk: Desk, customers: str, place: Destination
) -> None:
    job = export(page_desk, customers, place)
    page = open_page("exports/my_exports.py", job=job)
    assert "look personal" not in said(page)
    field(page.selectbox, "Send to").set_value(place.id).run()
    assert HINT in said(page)
    page = open_page("exports/my_exports.py", job=job)
    button(page, "Copy link").click().run()
    assert HINT in said(page)
    assert [one for one in links.every(page_desk, job) if one.handed_out] == []


def test_a_schedule_and_a_template_that_deliver_say_what_looks_personal(
    open_page: Open, page_desk: Desk, customers: str, place: Destination
) -> None:
    spec = {"sources": [{"dataset": customers}]}
    sending = spec | {"delivering": {"destinations": [place.id]}}
    quiet = templates.save(page_desk, "Quiet", "", ExportSpec.model_validate(spec))
    sent = templates.save(page_desk, "Sent", "", ExportSpec.model_validate(sending))
    page = open_page("schedules/schedules.py", template=quiet.id)
    assert "look personal" not in said(page)
    field(page.multiselect, "Send its files to").set_value([place.id]).run()
    assert HINT in said(page)
    assert HINT in said(open_page("schedules/schedules.py", template=sent.id))
    for template, hinted in ((quiet, False), (sent, True)):
        page = open_page("templates/templates.py", run=template.id)
        field(page.selectbox, "Data").set_value(datasets.get(page_desk, customers).id).run()
        assert (HINT in said(page)) is hinted


def test_a_link_is_made_with_a_password_at_once(
    open_page: Open, page_desk: Desk, team: str, place: Destination
) -> None:
    job = export(page_desk, team, place)
    page = open_page("exports/my_exports.py", job=job)
    button(page, "Copy link").click().run()
    field(page.text_input, "Password (if you like)").set_value("open sesame").run()
    button(page, "Make the link").click().run()
    (link,) = [one for one in links.every(page_desk, job) if one.handed_out]
    assert link.password_hash
