"""Notices on the screen: the bell, the list that leads to the thing, and what somebody chooses to be told."""

from __future__ import annotations

import pytest
from sqlmodel import update

from core import exports
from core.access import accounts
from core.notifying import notices, scan
from core.work import inline
from storage.tables import Job, NoticeKind
from tests.pages.driving import button, field, texts


@pytest.fixture
def told(page_desk, exported):
    """The id of a finished export whose owner was told so."""
    assert scan.scan(page_desk) == 1
    return exported


def bell(page):
    return next(e.proto for e in page.get("page_link") if "notices" in e.proto.page)


def test_the_bell_counts_what_is_new_and_falls_silent(open_page, page_desk, told):
    page = open_page("data/data.py")
    assert (bell(page).label, bell(page).help) == ("1", "1 new notice")
    notices.read(page_desk)
    assert bell(page.run()).help == "Nothing new"


def test_a_notice_leads_to_its_export_and_is_read_by_that(open_page, page_desk, told):
    page = open_page("notices.py")
    assert "Indonesians is ready" in texts(page)
    button(page, "Open").click().run()
    assert page.query_params["job"] == told
    assert notices.unread(page_desk) == 0


def test_looking_at_the_export_itself_reads_its_notice(open_page, page_desk, told):
    open_page("exports/my_exports.py", job=told)
    assert notices.unread(page_desk) == 0


def test_what_was_shown_as_a_toast_need_not_wait_behind_the_bell(open_page, page_desk, indonesians):
    page = open_page("data/data.py")
    exports.start(page_desk, indonesians)
    inline.run_queued(page_desk)
    page.run()
    assert [notice.title for notice in notices.list(page_desk)[0]] == ["Indonesians is ready"]
    assert (notices.unread(page_desk), scan.scan(page_desk)) == (0, 0)


def test_one_notice_or_all_are_marked_as_read(open_page, page_desk, told):
    with page_desk.store.writing() as session:
        notices.tell(session, page_desk, page_desk.account_id, NoticeKind.ASKED, about="x", title="Take over *Sales*?")
    page = open_page("notices.py")
    assert "2 you have not read." in texts(page).replace("\\", "")
    button(page, "Mark as read").click().run()
    assert notices.unread(page_desk) == 1
    button(page, "Mark all as read").click().run()
    assert notices.unread(page_desk) == 0
    assert button(page, "Mark all as read").disabled


def test_an_empty_page_of_notices_says_what_will_be_here(open_page):
    page = open_page("notices.py")
    assert "Nothing to tell you yet" in texts(page)
    button(page, "Choose what you are told").click().run()
    assert "My account" in texts(page)


def test_a_notice_of_something_that_is_gone_leads_to_a_page_that_says_so(open_page, page_desk, told):
    with page_desk.store.writing() as session:
        session.exec(update(Job).values(deleted_at=Job.created_at))
    page = open_page("notices.py")
    button(page, "Open").click().run()
    assert "This export is not there" in texts(page)


def test_kinds_are_chosen_for_the_bell_at_once(open_page, page_desk):
    page = open_page("people/account.py")
    field(page.button_group, "Behind the bell").set_value([NoticeKind.FAILED, NoticeKind.HELD]).run()
    assert accounts.preferences(page_desk).told_here == ("failed", "held")


def test_a_program_is_told_where_its_address_is_saved_and_its_secret_is_shown_once(open_page, page_desk):
    page = open_page("people/account.py")
    field(page.text_input, "Web address").set_value("example.org").run()
    button(page, "Save the address").click().run()
    assert "is no web address" in texts(page)
    field(page.text_input, "Web address").set_value("https://hooks.invalid/desk").run()
    button(page, "Save the address").click().run()
    assert accounts.preferences(page_desk).webhook_url == "https://hooks.invalid/desk"
    assert page.code[0].value.startswith("whsec_")
    button(page, "Send a first message").click().run()
    assert "hooks.invalid" in texts(page)
