"""Workspaces: what one is called, how it shows things, which there are for somebody."""

from __future__ import annotations

import pytest

from core import audit, workspaces
from core.access import accounts
from core.engine.formats import FORMATS
from core.errors import BadInput, Conflict, Forbidden
from storage.tables import Role
from tests.things import add_person


def test_an_administrator_of_the_installation_makes_workspaces_and_owns_them(desk):
    made = workspaces.make(desk, "  Spring   School ", "Asia/Jakarta")
    assert [(place.name, role) for place, role in workspaces.mine(desk)] == [
        ("My workspace", "owner"),
        ("Spring School", "owner"),
    ]
    assert desk.acting_as(made.id, desk.account_id).workspace().zone == "Asia/Jakarta"
    assert workspaces.make(desk, "Like here").zone == "UTC"


def test_nobody_else_does(desk):
    owner = add_person(desk, "Ana", Role.OWNER)
    with pytest.raises(Forbidden, match="not an administrator of this installation"):
        workspaces.make(owner, "Mine")
    assert audit.list(desk, of_installation=True)[0][0].refused
    assert [place.name for place, _ in workspaces.mine(owner)] == ["My workspace"]


def test_what_is_given_changes_and_the_rest_stays(desk):
    workspaces.change(desk, name="Team", zone="Europe/Berlin")
    place = workspaces.change(desk, date_format="dmy_dot", number_format="comma", default_format="csv")
    assert (place.name, place.zone, place.date_format, place.number_format, place.default_format) == (
        "Team",
        "Europe/Berlin",
        "dmy_dot",
        "comma",
        "csv",
    )
    assert audit.list(desk)[0][0].details == {
        "date_format": "dmy_dot",
        "number_format": "comma",
        "default_format": "csv",
    }


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("zone", "Mars/Olympus"),
        ("zone", "../../etc/passwd"),
        ("date_format", "year"),  # it would leave something of the day out
        ("number_format", "thousands"),  # it would round
        ("default_format", "docx"),
        ("name", " \u200b "),
        ("email_domains", ["example"]),
        ("email_domains", ["ana@example.org"]),
    ],
)
def test_what_makes_no_sense_is_refused_naming_the_field(desk, field, value):
    before = desk.workspace()
    with pytest.raises(BadInput) as refused:
        workspaces.change(desk, **{field: value})
    assert refused.value.field == field
    assert refused.value.next_step
    assert desk.workspace() == before


def test_aliases_are_unique_in_the_installation_without_case(desk, stranger):
    assert list(workspaces.set_aliases(desk, [" Acme ", "acme.org", ""])) == ["acme", "acme.org"]
    with pytest.raises(Conflict, match="acme"):
        workspaces.set_aliases(stranger, ["elsewhere", "ACME"])
    assert list(workspaces.aliases(stranger)) == []
    workspaces.set_aliases(desk, ["acme.org"])
    assert list(workspaces.set_aliases(stranger, ["ACME"])) == ["acme"]
    for wrong in ("a b", "ä/ö", "x" * 61, "../up"):
        with pytest.raises(BadInput):
            workspaces.set_aliases(desk, [wrong])


def test_times_are_shown_in_the_persons_zone_where_they_chose_one(desk):
    workspaces.change(desk, zone="Europe/Berlin", date_format="dmy_dot")
    assert workspaces.clock(desk) == workspaces.Clock("Europe/Berlin", "dmy_dot")
    accounts.change(desk, zone="Asia/Jakarta")
    assert workspaces.clock(desk) == workspaces.Clock("Asia/Jakarta", "dmy_dot")
    assert workspaces.clock(desk.itself(desk.workspace_id)).zone == "Europe/Berlin"


def test_a_new_workspace_leaves_every_format_as_it_is(desk):
    assert workspaces.file_options(desk.workspace()) == {}


def test_files_people_open_begin_with_the_workspaces_style_and_those_for_programs_with_their_own(desk):
    workspaces.change(desk, date_format="dmy_slash", number_format="comma")
    found = workspaces.file_options(desk.workspace())
    assert found == {
        "csv": {"date_format": "dmy_slash", "decimal_comma": True, "delimiter": ";"},
        "tsv": {"date_format": "dmy_slash", "decimal_comma": True},
        "html": {"date_format": "dmy_slash"},
        "pdf": {"date_format": "dmy_slash", "decimal_comma": True},
    }
    for name, options in found.items():
        FORMATS[name].Options.model_validate(options)
