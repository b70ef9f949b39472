"""Status for administrators, and the banner for everybody."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import update

from core import choices, status
from core.choices import Storage
from storage import jobs
from storage.tables import Job, JobKind, utc_now
from tests import people
from tests.pages.driving import button, texts


def stuck(desk) -> None:
    with desk.store.writing() as session:
        jobs.enqueue(session, desk.workspace_id, desk.account_id, kind=JobKind.EXPORT, name="A job", payload={})
        session.exec(update(Job).values(created_at=utc_now() - timedelta(minutes=7)))


def test_every_check_is_told_with_what_to_do(open_page, page_desk):
    status.tick(page_desk)
    page = open_page("settings/status.py")
    said = texts(page)
    assert "0 waiting, 0 running." in said
    assert "No worker runs: exports wait. Start the desk again, or a worker alone." in said
    assert "None in the last 24 hours." in said
    assert "Fine]" in said
    assert "Needs you]" in said
    assert "DuckDB" in said


def test_others_are_told_whom_to_ask(open_as):
    said = texts(open_as("budi@example.org", "settings/status.py", role="owner"))
    assert "This is for administrators" in said
    assert "Ask Ana." in said
    assert "waiting" not in said


def test_a_stuck_queue_is_on_every_screen(open_page, page_desk):
    stuck(page_desk)
    for name in ("templates/templates.py", "people/account.py"):
        said = texts(open_page(name))
        assert "Exports are not being worked on" in said
        assert "the first has been waiting for 7 min" in said


def test_a_disk_that_is_nearly_full_is_on_every_screen_for_who_cannot_mend_it_too(open_as, page_desk):
    choices.choose(page_desk, Storage, low_disk_mb=10**9)
    said = texts(open_as("budi@example.org", "templates/templates.py", role="viewer"))
    assert "The disk is nearly full" in said
    assert "Whoever runs this desk can mend it." in said


def test_a_desk_that_is_well_shows_no_banner(open_page):
    assert "not being worked on" not in texts(open_page("templates/templates.py"))


def test_missing_mail_is_for_administrators_and_can_be_put_off(open_as):
    assert "Mail is not set up" not in texts(open_as("budi@example.org", "templates/templates.py", role="owner"))
    page = open_as(people.OWNER, "templates/templates.py")
    assert "Mail is not set up" in texts(page)
    button(page, "Not now").click().run()
    assert "Mail is not set up" not in texts(page)
