"""Passwords of files: sealed when kept, and nowhere to be found in clear."""

import io
import uuid
from datetime import timedelta

import msoffcrypto
import pytest
from sqlmodel import select

from core import drafts, exports, file_passwords, sealing
from core.engine.spec import ExportSpec
from core.errors import BadInput, NotFound
from core.templating import templates
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


def test_what_is_kept_is_sealed_and_opens_only_for_its_own_row(desk, stranger):
    kept = file_passwords.keep(desk, SECRET)
    with desk.store.reading() as session:
        row = session.get(Secret, kept)
        assert SECRET not in row.sealed
        assert file_passwords.opened(desk, session, desk.workspace_id, kept) == SECRET
        with pytest.raises(NotFound):
            file_passwords.opened(desk, session, stranger.workspace_id, kept)
    with pytest.raises(NotFound, match="key of this desk"):
        sealing.unseal(desk, row.sealed, desk.workspace_id, "another row", row.kind)
    assert sealing.seal(desk, SECRET, "x") != sealing.seal(desk, SECRET, "x")


@pytest.mark.parametrize("password", ["", "x" * 100, "é" * 50, "🔒" * 25, "line\nbreak", "nul\0", "\ud800"])
def test_a_password_nobody_could_type_is_refused(desk, password):
    with pytest.raises(BadInput, match="1 to 99 characters"):
        file_passwords.keep(desk, password)


def test_an_export_locks_its_file_and_the_password_is_nowhere_in_clear(desk, dataset_factory):
    dataset_factory("name,n\nAnn,1\n")
    job = exports.start(desk, spec(file_passwords.keep(desk, SECRET)))
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
    for password_id in (file_passwords.keep(stranger, SECRET), "no such id"):
        with pytest.raises(NotFound, match="no longer kept"):
            exports.start(desk, spec(password_id))


def test_a_password_that_nothing_names_any_more_is_forgotten_after_a_day(desk, dataset_factory):
    dataset_factory("name,n\nAnn,1\n")
    exported, saved, drafted, _, fresh = (file_passwords.keep(desk, f"{SECRET}{i}") for i in range(5))
    exports.start(desk, spec(exported))
    templates.save(desk, "Locked", "", spec(saved))
    drafts.keep(desk, str(uuid.uuid4()), {"anything": [drafted]})
    with desk.store.writing() as session:
        for secret in session.exec(select(Secret).where(Secret.id != fresh)):
            secret.created_at = utc_now() - timedelta(days=2)

    assert file_passwords.sweep(desk) == 1

    with desk.store.reading() as session:
        assert set(session.exec(select(Secret.id))) == {exported, saved, drafted, fresh}
    assert file_passwords.sweep(desk) == 0
