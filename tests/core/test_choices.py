"""What administrators choose: which value holds and why, in every process, and who may say so."""

from __future__ import annotations

import sqlite3
from dataclasses import replace

import pytest

from core import audit, choices, sealing
from core.choices import Access, Limits, Mail, Retention, Storage
from core.desk import Caller, Desk, open_desk
from core.errors import BadInput, Forbidden
from core.settings import Settings
from storage import audit as entries
from storage.audit import Wanted
from storage.tables import AuditEntry, Role
from tests.helpers import wait_until


def noted(desk: Desk) -> list[AuditEntry]:
    with desk.store.reading() as session:
        return [e for e in entries.list(session, None, Wanted())[0] if e.action in ("installation.changed", "refused")]


def test_without_a_choice_the_installations_own_settings_hold(desk):
    limits = choices.limits(desk)
    assert limits.job_memory_mb == desk.settings.job_memory_mb
    assert choices.retention(desk).bin_days == desk.settings.bin_days
    assert choices.storage(desk).low_disk_mb == desk.settings.low_disk_mb
    assert choices.mail(desk) == Mail()
    assert choices.access(desk) == Access()


def test_a_choice_wins_over_the_environment_until_it_is_taken_back(desk):
    assert choices.choose(desk, Limits, job_seconds=90, max_rows=5).job_seconds == 90
    assert choices.limits(desk).job_seconds == 90
    choices.choose(desk, Limits, job_seconds=None)
    assert choices.limits(desk).job_seconds == desk.settings.job_seconds
    assert choices.limits(desk).max_rows == 5


def test_the_origin_of_every_value_is_told(desk, monkeypatch):
    monkeypatch.setenv("DESK_MAX_ROWS", "1000")
    desk = replace(desk, settings=Settings(data_dir=desk.settings.data_dir))
    choices.choose(desk, Limits, job_seconds=90)
    origins = choices.origins(desk, Limits)
    assert (origins["job_seconds"], origins["max_rows"], origins["job_memory_mb"]) == (
        "chosen",
        "environment",
        "default",
    )
    assert choices.without(desk, Limits)["job_seconds"] == 0


def test_settings_of_another_matter_that_bear_the_same_name_do_not_count(desk):
    assert "host" in Settings.model_fields  # where the desk listens: nothing to do with mail
    assert choices.origins(desk, Mail)["host"] == "default"
    assert choices.mail(desk).host == ""


def test_a_choice_takes_effect_in_another_process_within_seconds(desk):
    other = open_desk(desk.settings)
    assert choices.limits(other).workers == 2
    choices.choose(desk, Limits, workers=7)
    wait_until(lambda: choices.limits(other).workers == 7, 2 * choices.FRESH_SECONDS, what="the other process knows")
    other.store.close()


def test_only_an_administrator_of_the_installation_chooses(desk):
    owner = replace(desk, administrator=False, role=Role.OWNER)
    with pytest.raises(Forbidden, match="not an administrator of this installation") as refusal:
        choices.choose(owner, Storage, low_disk_mb=1)
    assert refusal.value.next_step == "Ask Owner."
    assert [e.refused for e in noted(desk)] == [True]
    assert choices.storage(desk).low_disk_mb == desk.settings.low_disk_mb


def test_the_audit_log_names_the_fields_and_never_the_password(desk):
    choices.choose(
        desk, Mail, host="mail.example.org", user="desk", password="correct horse", sender="desk@example.org"
    )
    (entry,) = noted(desk)
    assert entry.details["fields"] == ["host", "password", "sender", "user"]
    assert audit.sentence(entry) == "changed the settings of the installation"
    assert "correct horse" not in str(entry.model_dump())


def test_saving_what_holds_already_is_no_change(desk):
    choices.choose(desk, Limits, max_rows=5)
    choices.choose(desk, Limits, max_rows=5)
    assert len(noted(desk)) == 1


def test_the_password_is_sealed_in_the_store(desk):
    made = choices.choose(desk, Mail, host="mail.example.org", user="desk", password="correct horse")
    assert sealing.unseal(desk, made.password, *choices.SEAL) == "correct horse"
    with sqlite3.connect(desk.settings.data_dir / "desk.db") as database:
        assert "correct horse" not in str(database.execute("select value from choice").fetchall())


def test_the_password_stays_while_its_server_and_user_do(desk):
    choices.choose(desk, Mail, host="mail.example.org", user="desk", password="correct horse")
    assert choices.choose(desk, Mail, sender="desk@example.org").password
    assert not choices.choose(desk, Mail, host="mail.attacker.example").password


def test_a_password_can_be_taken_away(desk):
    choices.choose(desk, Mail, host="mail.example.org", user="desk", password="correct horse")
    assert not choices.choose(desk, Mail, password="").password


def test_a_password_never_travels_in_clear(desk):
    with pytest.raises(BadInput, match="never sent without encryption"):
        choices.choose(desk, Mail, host="mail.example.org", user="desk", password="x", security="none")
    assert choices.choose(desk, Mail, host="127.0.0.1", user="desk", password="x", security="none").user == "desk"


@pytest.mark.parametrize(
    ("kind", "values", "field", "words"),
    [
        (Limits, {"job_memory_mb": 1}, "job_memory_mb", "Memory of one job .MB.: this has to be at least 64"),
        (Limits, {"workers": 0}, "workers", "at least 1"),
        (Retention, {"bin_days": 0}, "bin_days", "at least 1"),
        (Storage, {"low_disk_mb": -1}, "low_disk_mb", "at least 0"),
        (Mail, {"port": 70_000}, "port", "at most 65,535"),
        (Mail, {"host": "mail.example.org/x"}, "host", "not the name of a server"),
        (Mail, {"sender": "nobody"}, "sender", "no e-mail address"),
        (Access, {"networks": ("10.0.0.0/8", "office")}, "networks", "“office” is not a network"),
    ],
)
def test_nonsense_is_refused_naming_its_field(desk, kind, values, field, words):
    with pytest.raises(BadInput, match=words) as refusal:
        choices.choose(desk, kind, **values)
    assert refusal.value.field == field
    assert choices.origins(desk, kind)[field] != "chosen"


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("192.168.1.7", True),
        ("192.168.2.7", False),
        ("::ffff:192.168.1.7", True),
        ("2001:db8::5", True),
        ("2001:db9::5", False),
        ("fe80::1%eth0", False),
        ("127.0.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("", False),
        ("testclient", False),
    ],
)
def test_the_allowed_networks_are_those_and_this_computer(desk, address, may):
    chosen = choices.choose(desk, Access, networks=["192.168.1.99/24", "2001:db8::/32", "192.168.1.0/24"])
    assert chosen.networks == ("192.168.1.0/24", "2001:db8::/32")
    assert choices.access(desk).allows(address) is may


def test_without_networks_everybody_may(desk):
    assert choices.access(desk).allows("203.0.113.9")


def test_nobody_locks_themselves_out(desk):
    away = replace(desk, caller=Caller("Ana", "203.0.113.9"))
    with pytest.raises(BadInput, match=r"Your own address, 203\.0\.113\.9"):
        choices.choose(away, Access, networks=("10.0.0.0/8",))
    assert choices.choose(away, Access, networks=("10.0.0.0/8", "203.0.113.0/24")).allows("203.0.113.9")


def test_what_an_older_version_stored_does_not_stop_the_desk(desk, caplog):
    from storage import choices as rows

    with desk.store.writing() as session:
        rows.set(session, "limits", {"workers": 0, "of_another_version": True})
    assert choices.limits(desk).workers == desk.settings.workers
    assert "does not hold any more" in caplog.text


def test_what_was_chosen_holds_while_the_store_does_not_answer(desk, monkeypatch):
    choices.choose(desk, Access, networks=("10.0.0.0/8",))
    assert not choices.access(desk).allows("203.0.113.9")
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0)
    desk.store.close()
    database = desk.settings.data_dir / "desk.db"
    database.rename(database.with_suffix(".away"))
    database.mkdir()  # opening it fails, whoever asks
    assert not choices.access(desk).allows("203.0.113.9")
