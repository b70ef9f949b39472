"""Open intake: who may open it, what it opens, and what is left when it is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core import choices, workspaces
from core.access import intake, members
from core.desk import Caller
from core.errors import BadInput, Forbidden, NotAllowed, NotFound
from storage.tables import Role

FROM = Caller(address="203.0.113.9", agent="a page")


def test_it_is_off_until_somebody_names_a_workspace(desk):
    with pytest.raises(NotAllowed, match="has no token"):
        intake.admit(desk, FROM)


def test_programs_act_as_an_editor_of_their_own_who_is_no_administrator(desk):
    intake.open(desk, desk.workspace_id)
    acting, left = intake.admit(desk, FROM)
    assert (acting.workspace_id, acting.role, acting.administrator) == (desk.workspace_id, Role.EDITOR, False)
    assert (acting.caller.name, acting.caller.address) == ("Open intake", FROM.address)
    assert acting.account_id != desk.account_id
    assert left[0].count == 9
    assert [m.role for m in members.list(desk) if m.name == "Open intake"] == [Role.EDITOR]


def test_opening_it_again_makes_no_second_account(desk):
    first = intake.open(desk, desk.workspace_id)
    intake.close(desk)
    elsewhere = workspaces.make(desk, "Elsewhere")
    assert intake.open(desk, elsewhere.id).account_id == first.account_id
    assert intake.admit(desk, FROM)[0].workspace_id == elsewhere.id


def test_closing_keeps_the_websites_for_the_next_time(desk):
    intake.open(desk, desk.workspace_id, ["https://www.example.org"], per_minute=7)
    closed = intake.close(desk)
    assert (closed.workspace_id, closed.origins, closed.per_minute) == ("", ("https://www.example.org",), 7)


def test_whoever_removes_its_account_from_the_workspace_closes_it(desk):
    account_id = intake.open(desk, desk.workspace_id).account_id
    members.remove(desk, account_id, desk.account_id)
    with pytest.raises(NotAllowed):
        intake.admit(desk, FROM)


def test_nobody_but_an_administrator_of_the_installation_opens_or_closes_it(desk):
    other = replace(desk, administrator=False)
    for attempt in (lambda: intake.open(other, desk.workspace_id), lambda: intake.close(other)):
        with pytest.raises(Forbidden):
            attempt()
    assert choices.intake(desk).workspace_id == ""


def test_a_workspace_that_is_not_there_is_refused(desk):
    with pytest.raises(NotFound):
        intake.open(desk, "nowhere")


@pytest.mark.parametrize(
    "origin", ["example.org", "https://example.org/page", "ftp://example.org", "https://a:b@example.org", "null", "*"]
)
def test_what_is_no_website_is_refused_and_nothing_is_made(desk, origin):
    with pytest.raises(BadInput, match="not the address of a website"):
        intake.open(desk, desk.workspace_id, [origin])
    assert [m.name for m in members.list(desk)] == ["Owner"]


def test_a_website_is_kept_as_browsers_write_it(desk):
    given = [" HTTPS://WWW.Example.org:443/ ", "http://localhost:3000", "https://www.example.org", ""]
    assert intake.open(desk, desk.workspace_id, given).origins == ("https://www.example.org", "http://localhost:3000")
