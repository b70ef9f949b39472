"""The people of a workspace: roles, leaving, being removed, handing over."""

from __future__ import annotations

import pytest

from core import audit, datasets, exports, feeds, links, projects
from core.access import invitations, members, tokens
from core.errors import BadInput, Conflict, Forbidden, NotAllowed, NotFound
from core.templating import templates
from storage.tables import Role
from tests.things import add_person, make_things


@pytest.fixture
def admin(desk):
    return add_person(desk, "Ana", Role.ADMIN)


@pytest.fixture
def editor(desk):
    return add_person(desk, "Budi", Role.EDITOR)


@pytest.fixture
def viewer(desk):
    return add_person(desk, "Citra", Role.VIEWER)


def roles_of(desk):
    return {m.name: m.role for m in members.list(desk)}


def actions(desk):
    return [entry.action for entry in audit.list(desk)[0]]


def test_everybody_sees_who_is_there_by_name_and_which_one_they_are(desk, admin, editor, viewer):
    there = members.list(viewer)
    assert [(m.name, m.role) for m in there] == [
        ("Ana", "admin"),
        ("Budi", "editor"),
        ("Citra", "viewer"),
        ("Owner", "owner"),
    ]
    assert [m.name for m in there if m.me] == ["Citra"]
    assert members.names(viewer)[editor.account_id] == "Budi"


def test_a_stranger_is_in_nobodys_list_and_changes_nobody(desk, stranger, editor):
    assert [m.name for m in members.list(stranger)] == ["Stranger"]
    for attempt in (
        lambda: members.change_role(stranger, editor.account_id, Role.VIEWER),
        lambda: members.remove(stranger, editor.account_id, stranger.account_id),
        lambda: members.hand_over(stranger, editor.account_id, stranger.account_id),
        lambda: members.owned(stranger, editor.account_id),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert roles_of(desk)["Budi"] == "editor"


def test_a_role_is_changed_and_holds_at_the_next_step(desk, admin, editor):
    members.change_role(admin, editor.account_id, Role.VIEWER)
    assert desk.acting_as(desk.workspace_id, editor.account_id).role == "viewer"
    entry = audit.list(desk)[0][0]
    assert (entry.action, entry.subject, entry.details) == (
        "members.changed",
        "Budi",
        {"before": "editor", "after": "viewer"},
    )


def test_an_administrator_makes_no_owner_and_touches_none(desk, admin, editor):
    for attempt in (
        lambda: members.change_role(admin, editor.account_id, Role.OWNER),
        lambda: members.change_role(admin, admin.account_id, Role.OWNER),
        lambda: members.change_role(admin, desk.account_id, Role.EDITOR),
        lambda: members.remove(admin, desk.account_id, admin.account_id),
    ):
        with pytest.raises(Forbidden, match="you are an admin"):
            attempt()
    assert roles_of(desk)["Owner"] == "owner"
    assert actions(desk)[0] == "refused"


def test_the_last_owner_stays_one(desk, admin):
    for attempt in (
        lambda: members.change_role(desk, desk.account_id, Role.EDITOR),
        lambda: members.remove(desk, desk.account_id, admin.account_id),
        lambda: members.leave(desk, admin.account_id),
    ):
        with pytest.raises(Conflict, match="Owner is the only owner"):
            attempt()
    members.change_role(desk, admin.account_id, Role.OWNER)
    members.change_role(desk, desk.account_id, Role.EDITOR)
    assert roles_of(desk) == {"Ana": "owner", "Owner": "editor"}


def test_whoever_is_removed_hands_over_what_they_owned_also_what_they_kept_to_themselves(desk, admin, editor):
    its = make_things(editor, "Budi")
    feeds.connect(editor, its.dataset, "web", {"url": "https://example.org/people.csv"})
    project = projects.make(editor, "Spring")
    link = links.make(editor, its.export, hours=1)
    secret = tokens.create(editor, "Reports", ["*"])[1]
    one = {"datasets": 1, "templates": 1, "sets": 1, "schedules": 1, "destinations": 1, "projects": 1}
    assert members.owned(desk, editor.account_id) == one | {"exports": 2}
    with pytest.raises(NotFound):
        datasets.get(admin, its.dataset)

    members.remove(desk, editor.account_id, admin.account_id)

    assert datasets.get(admin, its.dataset).owner_id == admin.account_id
    assert feeds.get(admin, its.dataset).owner_id == admin.account_id
    assert templates.get(admin, its.template).owner_id == admin.account_id
    assert exports.get(admin, its.export).owner_id == admin.account_id
    assert projects.get(admin, project.id).owner_id == admin.account_id
    assert roles_of(desk) == {"Ana": "admin", "Owner": "owner"}
    for use in (
        lambda: tokens.authenticate(desk, secret, "jobs:read"),
        lambda: links.open(desk, link.rpartition("/")[2]),
    ):
        with pytest.raises((NotAllowed, NotFound)):
            use()
    with pytest.raises(NotAllowed):
        desk.acting_as(desk.workspace_id, editor.account_id)


def test_what_is_handed_over_to_must_be_somebody_else_who_may_own_things(desk, admin, editor, viewer, stranger):
    make_things(editor, "Budi")
    for heir, error in (
        (editor.account_id, BadInput),
        (viewer.account_id, BadInput),
        (stranger.account_id, NotFound),
        ("", NotFound),
    ):
        with pytest.raises(error):
            members.remove(desk, editor.account_id, heir)
    assert roles_of(desk)["Budi"] == "editor"
    assert members.owned(desk, editor.account_id)["datasets"] == 1


def test_leaving_is_ones_own_to_do_and_lands_one_in_another_workspace(desk, editor, stranger):
    from core import workspaces
    from storage import accounts
    from storage import members as rows

    with desk.store.writing() as session:
        rows.add(session, stranger.workspace_id, editor.account_id, Role.VIEWER)
    members.leave(editor, desk.account_id)
    assert "Budi" not in roles_of(desk)
    assert set(actions(desk)[:2]) == {"members.handed_over", "members.left"}
    there = desk.acting_as(stranger.workspace_id, editor.account_id)
    assert [place.name for place, _ in workspaces.mine(there)] == ["Elsewhere"]
    with desk.store.reading() as session:
        account = accounts.account(session, editor.account_id)
    assert account is not None
    assert account.workspace_id == stranger.workspace_id


def test_things_are_handed_over_without_anybody_leaving(desk, admin, editor, viewer):
    its = make_things(editor, "Budi")
    assert members.hand_over(editor, editor.account_id, admin.account_id)["datasets"] == 1
    assert datasets.get(admin, its.dataset).owner_id == admin.account_id
    with pytest.raises(NotFound):
        datasets.get(editor, its.dataset)
    with pytest.raises(Forbidden):
        members.hand_over(editor, admin.account_id, editor.account_id)
    with pytest.raises(Forbidden):
        members.owned(editor, admin.account_id)


def test_what_an_owner_keeps_to_themselves_no_administrator_takes_over(desk, admin, editor):
    its = make_things(desk, "Mine")
    for heir in (admin, editor):
        with pytest.raises(Forbidden, match="you are an admin"):
            members.hand_over(admin, desk.account_id, heir.account_id)
    with pytest.raises(NotFound):
        datasets.get(admin, its.dataset)
    members.change_role(desk, editor.account_id, Role.OWNER)
    of_owners = desk.acting_as(desk.workspace_id, editor.account_id)
    assert members.hand_over(of_owners, desk.account_id, admin.account_id)["datasets"] == 1


def test_a_way_in_for_owners_ends_with_the_owner_who_made_it(desk, admin):
    members.change_role(desk, admin.account_id, Role.OWNER)
    _, path = invitations.invite(desk.acting_as(desk.workspace_id, admin.account_id), Role.OWNER)
    members.change_role(desk, admin.account_id, Role.ADMIN)
    with pytest.raises(NotFound):
        invitations.look(desk, path.rpartition("/")[2])


def test_invitations_of_somebody_who_becomes_more_go_on(desk, admin):
    _, path = invitations.invite(admin, Role.EDITOR)
    members.change_role(desk, admin.account_id, Role.OWNER)
    assert invitations.look(desk, path.rpartition("/")[2])[0].role == "editor"


@pytest.mark.parametrize("end", ["demoted", "removed"])
def test_invitations_of_somebody_who_may_invite_nobody_any_more_end(desk, admin, end):
    _, path = invitations.invite(admin, Role.ADMIN)
    if end == "demoted":
        members.change_role(desk, admin.account_id, Role.EDITOR)
    else:
        members.remove(desk, admin.account_id, desk.account_id)
    with pytest.raises(NotFound):
        invitations.look(desk, path.rpartition("/")[2])
