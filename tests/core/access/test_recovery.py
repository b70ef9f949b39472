"""A new password for somebody who forgot theirs: whom a link is given to, how long it works, what it ends."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import write_po
from sqlmodel import select

from core import choices, texts
from core.access import accounts, recovery, sign_in
from core.choices import Mail
from core.desk import Caller
from core.errors import BadInput, Forbidden, NotAllowed, NotFound, TooMany
from storage.tables import Account, AuditEntry, OneTimeLink, utc_now
from tests import people
from tests.people import CALLER, OWNER, PASSWORD
from tests.servers.ports import free_port
from tests.servers.smtp import Mailbox, smtp

NEW = "a wholly different sentence"


@pytest.fixture
def ana(team_desk):
    return people.somebody(team_desk, OWNER)


@pytest.fixture
def budi(ana):
    return people.somebody(ana, "budi@example.org")


def secret_of(path):
    assert path.startswith("/new-password/")
    return path.rpartition("/")[2]


def lifetime(desk):
    with desk.store.reading() as session:
        made = session.exec(select(OneTimeLink)).one()
    return made.expires_at - made.created_at


def test_an_administrators_link_works_a_day_and_lets_its_person_choose_a_password(ana, budi):
    secret = secret_of(recovery.make_link(ana, budi.account_id))
    assert recovery.look(ana, secret).name == "Budi"
    assert abs(lifetime(ana) - timedelta(hours=24)) < timedelta(seconds=5)
    cookie = recovery.use(ana, secret, NEW, CALLER)
    assert sign_in.resume(ana, cookie, CALLER)[0].account_id == budi.account_id
    assert sign_in.with_password(ana, "budi@example.org", NEW, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)


def test_using_a_link_signs_the_person_out_everywhere_else(ana, budi):
    before = sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    recovery.use(ana, secret_of(recovery.make_link(ana, budi.account_id)), NEW, CALLER)
    with pytest.raises(NotAllowed):
        sign_in.resume(ana, before, CALLER)


def test_a_link_works_once_and_only_the_last_one_made(ana, budi):
    first, last = (secret_of(recovery.make_link(ana, budi.account_id)) for _ in range(2))
    with pytest.raises(NotFound):
        recovery.use(ana, first, NEW, CALLER)
    recovery.use(ana, last, NEW, CALLER)
    with pytest.raises(NotFound):
        recovery.use(ana, last, NEW, CALLER)


def test_a_weak_password_is_refused_and_the_link_still_works(ana, budi):
    secret = secret_of(recovery.make_link(ana, budi.account_id))
    with pytest.raises(BadInput):
        recovery.use(ana, secret, "budi", CALLER)
    assert recovery.use(ana, secret, NEW, CALLER)


@pytest.mark.parametrize("spoilt", ["expired", "disabled"])
def test_a_link_that_is_too_old_or_of_a_disabled_account_opens_nothing(ana, budi, spoilt):
    secret = secret_of(recovery.make_link(ana, budi.account_id))
    with ana.store.writing() as session:
        if spoilt == "expired":
            row = session.exec(select(OneTimeLink)).one()
            row.expires_at = utc_now() - timedelta(seconds=1)
        else:
            row = session.get(Account, budi.account_id)
            row.disabled_at = utc_now()
        session.add(row)
    for attempt in (lambda: recovery.look(ana, secret), lambda: recovery.use(ana, secret, NEW, CALLER)):
        with pytest.raises(NotFound):
            attempt()


def test_only_an_administrator_makes_links_and_the_attempt_is_noted(ana, budi):
    with pytest.raises(Forbidden, match="administrator"):
        recovery.make_link(budi, ana.account_id)
    with ana.store.reading() as session:
        assert session.exec(select(AuditEntry).where(AuditEntry.action == "refused")).all()
        assert not session.exec(select(OneTimeLink)).all()


def test_a_link_opens_an_account_that_wrong_passwords_had_closed(ana, budi):
    for _ in range(accounts.PER_ACCOUNT.most):
        with pytest.raises(NotAllowed):
            sign_in.with_password(ana, "budi@example.org", "wrong", CALLER)
    with pytest.raises(TooMany):
        sign_in.with_password(ana, "budi@example.org", PASSWORD, CALLER)
    recovery.use(ana, secret_of(recovery.make_link(ana, budi.account_id)), NEW, CALLER)
    assert sign_in.with_password(ana, "budi@example.org", NEW, CALLER)


def test_without_a_mail_server_nothing_is_mailed_and_no_link_made(ana):
    assert not recovery.by_mail(ana)
    recovery.request(ana, OWNER, CALLER)
    with ana.store.reading() as session:
        assert not session.exec(select(OneTimeLink)).all()


@pytest.fixture
def box(ana, tmp_path) -> Iterator[Mailbox]:
    with smtp(tmp_path, "none") as running:
        wanted = {"host": "localhost", "port": running.port, "security": "none", "sender": "desk@example.org"}
        choices.choose(ana, Mail, **wanted)
        yield running


@pytest.fixture
def public(ana, box):
    """The same desk, which knows the address people reach it at."""
    return replace(ana, settings=ana.settings.model_copy(update={"public_url": "https://desk.example.org/"}))


def test_a_mail_needs_the_address_people_reach_the_desk_at(ana, box):
    recovery.request(ana, OWNER, CALLER)
    assert not recovery.by_mail(ana)
    assert not box.taken


def test_a_mailed_link_works_an_hour_and_leads_to_the_desk(public, box):
    recovery.request(public, " Ana@Example.org", CALLER)
    (letter,) = box.taken
    assert str(letter["To"]) == OWNER
    text = letter.get_content()
    (path,) = re.findall(r"https://desk\.example\.org(/new-password/\S+)", text)
    assert "Hello Ana," in text
    assert abs(lifetime(public) - timedelta(hours=1)) < timedelta(seconds=5)
    assert recovery.use(public, secret_of(path), NEW, CALLER)


def test_a_mail_is_in_the_language_its_reader_chose_where_it_is_translated(public, box, tmp_path, monkeypatch):
    catalog = Catalog(locale="pl")
    catalog.add(recovery.TEXT, "Cześć {name}, oto odnośnik: {link}")
    file = tmp_path / "pl" / "LC_MESSAGES" / "desk.po"
    file.parent.mkdir(parents=True)
    with file.open("wb") as out:
        write_po(out, catalog)
    monkeypatch.setattr(texts, "LOCALES", tmp_path)
    accounts.change(public, language="pl")
    recovery.request(public, OWNER, CALLER)
    (letter,) = box.taken
    assert letter.get_content().startswith("Cześć Ana, oto odnośnik: https://desk.example.org/new-password/")
    assert str(letter["Subject"]) == "A new password for Export Desk"


@pytest.mark.parametrize("email", ["nobody@example.org", "", "no address"])
def test_nothing_is_mailed_to_strangers_and_nothing_is_said_of_it(public, box, email):
    recovery.request(public, email, CALLER)
    assert not box.taken


def test_nobodys_letter_box_is_filled_from_here(public, box):
    for _ in range(recovery.PER_ACCOUNT.most + 2):
        recovery.request(public, OWNER, CALLER)
    assert len(box.taken) == recovery.PER_ACCOUNT.most


def test_one_address_cannot_write_to_everybody(public, box, monkeypatch):
    monkeypatch.setattr(recovery, "PER_ADDRESS", replace(recovery.PER_ADDRESS, most=1))
    people.somebody(public, "budi@example.org")
    recovery.request(public, OWNER, CALLER)
    recovery.request(public, "budi@example.org", CALLER)
    assert len(box.taken) == 1
    recovery.request(public, "budi@example.org", Caller(address="198.51.100.9"))
    assert len(box.taken) == 2


def test_a_mail_that_cannot_be_sent_is_in_the_log_and_nowhere_else(public, caplog):
    choices.choose(public, Mail, port=free_port())
    recovery.request(public, OWNER, CALLER)
    assert "could not be mailed" in caplog.text
    assert "/new-password/" not in caplog.text
