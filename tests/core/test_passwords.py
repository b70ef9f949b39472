"""Passwords of files: strong when generated, judged when typed, sealed when kept, and nowhere to be found in clear."""

import io
import re
import uuid
from datetime import timedelta

import msoffcrypto
import pytest
from sqlmodel import select

from core import drafts, exports, passwords, sealing, templates
from core.engine.spec import ExportSpec
from core.errors import BadInput, NotFound
from core.work import inline
from storage.tables import Secret, utc_now

SECRET = "correct horse battery staple 7"


def spec(password_id, **packaging):
    return ExportSpec.model_validate(
        {
            "sources": [{"dataset": "people"}],
            "output": {"format": "xlsx"},
            "packaging": {"password": password_id, **packaging},
        }
    )


def test_a_generated_password_is_strong_easy_to_type_and_never_the_same():
    made = {passwords.generate() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"([a-z2-9]{4}-){4}[a-z2-9]{4}", password) for password in made)
    assert not set("il1o0") & set("".join(made))
    assert {passwords.strength(password).score for password in made} == {4}


@pytest.mark.parametrize(
    ("typed", "score"), [("", 0), ("123456", 0), ("password1", 0), ("Jakarta2026", 3), (SECRET, 4)]
)
def test_strength_knows_what_people_choose(typed, score):
    assert passwords.strength(typed).score <= score
    assert (passwords.strength(typed).score == 4) == (score == 4)


def test_a_weak_password_comes_with_advice_and_a_very_long_one_is_judged_too():
    assert passwords.strength("aaaaaa").advice
    assert passwords.strength("ü" * 5000).score >= 0


def test_what_is_kept_is_sealed_and_opens_only_for_its_own_row(desk, stranger):
    kept = passwords.keep(desk, SECRET)
    with desk.store.reading() as session:
        row = session.get(Secret, kept)
        assert SECRET not in row.sealed
        assert passwords.opened(desk, session, desk.workspace_id, kept) == SECRET
        with pytest.raises(NotFound):
            passwords.opened(desk, session, stranger.workspace_id, kept)
    with pytest.raises(NotFound, match="key of this desk"):
        sealing.unseal(desk, row.sealed, desk.workspace_id, "another row", row.kind)
    assert sealing.seal(desk, SECRET, "x") != sealing.seal(desk, SECRET, "x")


@pytest.mark.parametrize("password", ["", "x" * 100, "é" * 50, "🔒" * 25, "line\nbreak", "nul\0", "\ud800"])
def test_a_password_nobody_could_type_is_refused(desk, password):
    with pytest.raises(BadInput, match="1 to 99 characters"):
        passwords.keep(desk, password)


def test_an_export_locks_its_file_and_the_password_is_nowhere_in_clear(desk, dataset_factory):
    dataset_factory("name,n\nAnn,1\n")
    job = exports.start(desk, spec(passwords.keep(desk, SECRET)))
    inline.run_queued(desk)
    done = exports.get(desk, job.id)
    assert done.state == "succeeded", done.error
    office = msoffcrypto.OfficeFile(io.BytesIO(exports.file(desk, job.id).path.read_bytes()))
    office.load_key(password=SECRET)
    office.decrypt(io.BytesIO())
    assert exports.receipt(desk, job.id).files[0].locked
    for path in desk.files.root.rglob("*"):
        assert not path.is_file() or SECRET.encode() not in path.read_bytes(), path


def test_another_workspaces_password_or_none_does_not_start_an_export(desk, stranger, dataset_factory):
    dataset_factory("name,n\nAnn,1\n")
    for password_id in (passwords.keep(stranger, SECRET), "no such id"):
        with pytest.raises(NotFound, match="no longer kept"):
            exports.start(desk, spec(password_id))


def test_a_password_that_nothing_names_any_more_is_forgotten_after_a_day(desk, dataset_factory):
    dataset_factory("name,n\nAnn,1\n")
    exported, saved, drafted, _, fresh = (passwords.keep(desk, f"{SECRET}{i}") for i in range(5))
    exports.start(desk, spec(exported))
    templates.save(desk, "Locked", "", spec(saved))
    drafts.keep(desk, str(uuid.uuid4()), {"anything": [drafted]})
    with desk.store.writing() as session:
        for secret in session.exec(select(Secret).where(Secret.id != fresh)):
            secret.created_at = utc_now() - timedelta(days=2)

    assert passwords.sweep(desk) == 1

    with desk.store.reading() as session:
        assert set(session.exec(select(Secret.id))) == {exported, saved, drafted, fresh}
    assert passwords.sweep(desk) == 0
