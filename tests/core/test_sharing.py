"""Sharing: what one made is one's own until it is shared with the workspace."""

from __future__ import annotations

import pytest

from core import audit, datasets, exports, sharing
from core.access import members, roles
from core.errors import Conflict, Forbidden, NotFound
from core.templating import templates
from storage.tables import Role
from tests.things import add_person, make_things, spec

KINDS = {"dataset": datasets.get, "template": templates.get, "export": exports.get}


@pytest.fixture
def budi(desk):
    return add_person(desk, "Budi", Role.EDITOR)


@pytest.fixture
def citra(desk):
    return add_person(desk, "Citra", Role.VIEWER)


@pytest.mark.parametrize("kind", KINDS)
def test_others_see_what_is_shared_until_it_is_not_any_more(desk, budi, citra, kind):
    thing = getattr(make_things(budi, "Budi"), kind)
    for other in (desk, citra):  # an owner of the workspace as little as a viewer
        with pytest.raises(NotFound):
            KINDS[kind](other, thing)
    sharing.share(budi, kind, thing, with_data=True)
    assert KINDS[kind](citra, thing).id == thing
    sharing.share(budi, kind, thing, False)
    with pytest.raises(NotFound):
        KINDS[kind](citra, thing)


@pytest.mark.parametrize("kind", KINDS)
def test_a_stranger_shares_nothing_and_is_shown_nothing(desk, stranger, kind):
    thing = getattr(make_things(desk, "Mine", shared=True), kind)
    with pytest.raises(NotFound):
        sharing.share(stranger, kind, thing, False)
    with pytest.raises(NotFound):
        KINDS[kind](stranger, thing)


def test_a_template_is_not_shared_without_the_data_others_could_not_see(desk, budi, citra):
    its = make_things(budi, "Budi")
    with pytest.raises(Conflict) as refused:
        sharing.share(budi, "template", its.template)
    assert refused.value.message == "“Budi template” uses “Budi data”, which only you can see."
    assert refused.value.details["private"] == [{"id": its.dataset, "name": "Budi data"}]
    assert list(templates.list(citra)) == []
    sharing.share(budi, "template", its.template, with_data=True)
    assert templates.spec_for(citra, its.template).sources[0].dataset == datasets.get(citra, its.dataset).slug
    assert [(e.action, e.subject) for e in audit.list(desk)[0]][:2] == [
        ("templates.shared", "Budi template"),
        ("data.shared", "Budi data"),
    ]


def test_only_the_data_that_was_asked_about_is_shared_with_a_template(desk, budi, monkeypatch):
    its, other = make_things(budi, "Budi"), make_things(budi, "Other")
    ask = roles.require

    def changed_meanwhile(acting, use, thing=None):
        ask(acting, use, thing)
        if use == "templates.share":
            templates.update(budi, its.template, spec=spec(other.dataset))

    monkeypatch.setattr(roles, "require", changed_meanwhile)
    with pytest.raises(Conflict, match="just changed"):
        sharing.share(budi, "template", its.template, with_data=True)
    assert not datasets.get(budi, other.dataset).shared


def test_a_template_of_shared_data_is_shared_at_once(desk, budi):
    its = make_things(desk, "Common", shared=True)
    made = templates.save(budi, "Weekly", "", spec(its.dataset))
    assert sharing.share(budi, "template", made.id).shared


def test_an_administrator_may_stop_sharing_what_others_shared_and_an_editor_may_not(desk, budi):
    its = make_things(desk, "Common", shared=True)
    for kind in KINDS:
        with pytest.raises(Forbidden, match="of others here: you are an editor"):
            sharing.share(budi, kind, getattr(its, kind), False)
    members.change_role(desk, budi.account_id, Role.ADMIN)
    admin = desk.acting_as(desk.workspace_id, budi.account_id)
    sharing.share(admin, "export", its.export, False)
    with pytest.raises(NotFound):
        exports.get(admin, its.export)
    assert not exports.get(desk, its.export).shared


def test_sharing_what_is_shared_already_says_nothing_twice(desk):
    its = make_things(desk, "Common", shared=True)
    before = audit.list(desk)[1]
    sharing.share(desk, "export", its.export)
    assert audit.list(desk)[1] == before
