"""The audit log taken along as a file: whole, in the person's zone, harmless in a spreadsheet, and only for a while."""

import csv
import json
from datetime import datetime
from urllib.parse import urlsplit

import openpyxl
import pytest

from core import audit, audit_file, signing
from core.access import accounts, members
from core.desk import Caller
from core.errors import Forbidden, NotAllowed, NotFound
from storage.tables import Role
from tests import people
from tests.things import add_person


def note(desk, thing, **details):
    with desk.store.writing() as session:
        audit.note(desk, session, "projects.made", thing, **details)


def token_of(path):
    return urlsplit(path).path.rsplit("/", 1)[1]


def made(desk, format, **wanted):
    return audit_file.open(desk, token_of(audit_file.make(desk, format, audit.Wanted(**wanted))), Caller())


def test_every_entry_is_a_row_of_the_workbook(desk):
    count = 5_001  # one more than are read at a time
    with desk.store.writing() as session:
        for n in range(count):
            audit.note(desk, session, "projects.made", f"P{n}", zone="UTC")
    file = made(desk, "xlsx")
    header, *rows = openpyxl.load_workbook(file.path).active.iter_rows(values_only=True)
    assert header == ("When (UTC)", "Who", "What", "Action", "Name", "Refused", "Address", "With", "Details")
    assert [row[4] for row in rows] == [f"P{n}" for n in reversed(range(count))]
    assert isinstance(rows[0][0], datetime)
    assert json.loads(rows[0][8]) == {"zone": "UTC"}
    assert file.name.startswith("Activity 20")


def test_a_name_that_a_spreadsheet_would_compute_is_made_harmless(desk):
    note(desk, '=HYPERLINK("http://x")')
    with made(desk, "csv").path.open(encoding="utf-8-sig", newline="") as text:
        (row,) = csv.DictReader(text)
    assert row["Name"] == '\'=HYPERLINK("http://x")'
    assert row["What"] == 'made the project =HYPERLINK("http://x")'


def test_only_what_was_looked_for_is_in_it(desk):
    note(desk, "Spring")
    note(desk, "Autumn")
    assert made(desk, "csv", search="spring").path.read_text("utf-8-sig").count("\n") == 2


def test_the_times_are_those_of_the_person(desk):
    note(desk, "Spring")
    accounts.change(desk, zone="Asia/Jakarta")
    (row,) = csv.DictReader(made(desk, "csv", search="spring").path.read_text("utf-8-sig").splitlines())
    assert row["When"].endswith("+07:00")


def test_taking_it_along_is_in_the_log_itself(desk):
    note(desk, "Spring")
    made(desk, "csv")
    (entry, _), _ = audit.list(desk)
    assert audit.sentence(entry).startswith("downloaded the audit log as Activity")
    assert entry.details == {"rows": 1}


def test_nothing_is_left_of_the_making(desk):
    note(desk, "Spring")
    made(desk, "xlsx")
    assert not [*desk.files.scratches.iterdir()]
    assert len([*desk.files.exports.iterdir()]) == 1


def test_the_sweep_takes_it_away_after_an_hour(desk):
    import os
    import time

    from core.work.sweep import sweep

    note(desk, "Spring")
    file = made(desk, "csv")
    assert sweep(desk).files == 0
    old = time.time() - 7200
    os.utime(file.path, (old, old))
    assert sweep(desk).files == 1


def test_a_forged_an_old_and_an_emptied_link_open_nothing(desk):
    note(desk, "Spring")
    token = audit_file.make(desk, "csv", audit.Wanted()).rsplit("/", 1)[1]
    value = signing.read(desk, "activity", token)
    with pytest.raises(NotAllowed):
        audit_file.open(desk, signing.sign(desk, "link", value), Caller())
    with pytest.raises(NotAllowed, match="no longer works"):
        audit_file.open(desk, signing.sign(desk, "activity", [*value[:5], 1, *value[6:]]), Caller())
    desk.files.export(value[0]).unlink()
    with pytest.raises(NotFound):
        audit_file.open(desk, token, Caller())


def test_an_editor_cannot_take_it_along(desk):
    with pytest.raises(Forbidden):
        audit_file.make(add_person(desk, "Edi", Role.EDITOR), "csv", audit.Wanted())


def test_whoever_may_not_read_the_log_any_more_cannot_open_what_they_made(team_desk):
    admin = people.somebody(team_desk, "budi@example.org", Role.ADMIN)
    token = token_of(audit_file.make(admin, "csv", audit.Wanted()))
    assert audit_file.open(team_desk, token, Caller()).path.is_file()
    members.change_role(team_desk, admin.account_id, Role.EDITOR)
    with pytest.raises(Forbidden):
        audit_file.open(team_desk, token, Caller(address="203.0.113.9"))
    (refused,), _ = audit.list(team_desk, refused=True)
    assert (refused.actor, refused.address, refused.subject) == ("Budi", "203.0.113.9", "read the audit log")
    members.remove(team_desk, admin.account_id, team_desk.account_id)
    with pytest.raises(NotAllowed):
        audit_file.open(team_desk, token, Caller())


def test_the_log_of_the_installation_is_taken_along_by_its_administrators(team_desk):
    path = audit_file.make(team_desk, "csv", audit.Wanted(), of_installation=True)
    rows = [
        *csv.DictReader(audit_file.open(team_desk, token_of(path), Caller()).path.read_text("utf-8-sig").splitlines())
    ]
    assert [row["What"] for row in rows] == ["set up this desk"]
    assert "downloaded the audit log" in audit.sentence(audit.list(team_desk, of_installation=True)[0][0])
    owner = people.somebody(team_desk, "budi@example.org", Role.ADMIN)
    with pytest.raises(Forbidden, match="administrator of this installation"):
        audit_file.make(owner, "csv", audit.Wanted(), of_installation=True)
