"""A workspace in one file and back: the same data and the same answers; no secret goes along, no hostile file comes in."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest
from sqlmodel import update

from core import datasets, destinations, exports, projects, sharing, uploads, workspaces
from core.backup import backups
from core.backup import file as backup_file
from core.engine.spec import Delivering, ExportSpec, Output, Source
from core.errors import Conflict, Forbidden, NotAllowed, NotFound
from core.keeping import retention
from core.scheduling import schedules as schedules_core
from core.templating import templates  # fmt: skip
from core.work import inline
from storage.tables import Feed, Job, JobKind, utc_now
from tests.core.backup.there_and_back import backed_up, restored
from tests.things import add_person

CSV = "name,n,day\nAnn,1,2026-01-05\nBob,2,2026-02-06\nÇelik,3,\n"
SECRET = "hunter2-hunter2"


@pytest.fixture
def full(desk, dataset_factory):
    """A workspace with one of each, among them a secret and a feed."""
    dataset = dataset_factory(CSV, name="People")
    upload = uploads.store(desk, "people.csv", (CSV + "Dora,4,2026-03-01\n").encode())
    datasets.add(desk, upload.id, replace=dataset.id)
    inline.run_queued(desk)
    place = destinations.make(desk, "Hook", "webhook", {"url": "https://example.org/in"}, {"signing": SECRET})
    spec = ExportSpec(
        name="Report", sources=(Source(dataset=dataset.id),), output=Output(format="csv"),
        delivering=Delivering(destinations=(place.id,)),
    )  # fmt: skip
    template = templates.save(desk, "Monthly", "for Ana", spec)
    templates.update(desk, template.id, description="for Budi")
    project = projects.make(desk, "Spring")
    projects.put(desk, "dataset", dataset.id, project.id)
    plan = {"name": "Nightly", "cadence": {"every": "day", "at": "02:30"}}
    schedules_core.make(desk, template.id, schedules_core.checked(plan))
    with desk.store.writing() as session:
        session.add(
            Feed(
                dataset_id=dataset.id, workspace_id=desk.workspace_id, owner_id=desk.account_id, method="web",
                options={"url": "https://example.org/people.csv"}, secrets={"password": "sealed"},
            )
        )  # fmt: skip
    return desk


def test_what_comes_back_is_what_went_in_with_ids_of_its_own(full):
    done, copy = restored(full, backed_up(full))
    assert done.state == "succeeded", done.error
    assert copy.workspace().name == "Copy"
    (before,), (after,) = datasets.list(full), datasets.list(copy)
    assert (after.name, after.slug, after.rows, after.number) == (before.name, before.slug, 4, 2)
    assert after.id != before.id
    for part in ("table.parquet", "original"):
        one, other = (d.files.dataset(v.version_id) / part for d, v in ((full, before), (copy, after)))
        assert one.read_bytes() == other.read_bytes()
    assert [v.number for v in datasets.versions(copy, after.id)] == [2, 1]
    (template,) = templates.list(copy)
    assert (template.name, template.description, template.version) == ("Monthly", "for Budi", 2)
    assert template.spec["sources"][0]["dataset"] == after.id
    (project,) = projects.list(copy)
    assert (project.name, after.project_id) == ("Spring", project.id)


def test_the_restored_workspace_exports_the_same_bytes(full):
    _, copy = restored(full, backed_up(full))
    hashes = []
    for desk in (full, copy):
        job = exports.start(desk, ExportSpec(sources=(Source(dataset="people"),), output=Output(format="csv")))
        inline.run_queued(desk)
        hashes.append(exports.file(desk, job.id).sha256)
    assert hashes[0] == hashes[1]


def test_schedules_rest_and_destinations_have_lost_their_secrets(full):
    path = backed_up(full)
    with zipfile.ZipFile(path) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert SECRET.encode() not in everything
    assert b"sealed" not in everything
    assert all(value.encode() not in everything for value in destinations.list(full)[0].secrets.values())
    _, copy = restored(full, path)
    (listed,) = schedules_core.list(copy)
    assert (listed.schedule.paused_why, listed.schedule.next_at) == ("restored from a backup", None)
    assert listed.schedule.template_id == templates.list(copy)[0].id
    (destination,) = destinations.list(copy)
    assert (destination.secrets, destination.options["url"]) == ({}, "https://example.org/in")
    assert templates.list(copy)[0].spec["delivering"]["destinations"] == [destination.id]
    with copy.store.reading() as session:
        assert session.get(Feed, datasets.list(copy)[0].id).secrets == {}


def test_every_member_is_named_with_its_hash(full):
    with zipfile.ZipFile(backed_up(full)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        said = {member["name"]: member for member in manifest["members"]}
        assert set(said) | {"manifest.json"} == set(archive.namelist())
        for name, member in said.items():
            content = archive.read(name)
            assert (member["bytes"], member["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
    assert (manifest["format"], manifest["version"]) == ("export-desk backup", 1)


def test_it_goes_into_the_workspace_itself_only_while_that_is_empty(full, stranger):
    path = backed_up(full)
    upload = uploads.store(full, "backup.zip", path.read_bytes())
    with pytest.raises(Conflict, match="not empty"):
        backups.restore(full, upload.id)
    done, _ = restored(stranger, path, into=None)
    assert done.state == "succeeded", done.error
    assert [one.name for one in datasets.list(stranger)] == ["People"]
    assert stranger.workspace().name == "Elsewhere"
    upload = uploads.store(stranger, "backup.zip", path.read_bytes())
    with pytest.raises(Conflict, match="not empty"):
        backups.restore(stranger, upload.id)


def test_what_others_keep_to_themselves_goes_along_only_for_whoever_runs_the_desk(full):
    admin = add_person(full, "Adi", "admin")
    assert backup_names(backed_up(admin)) == []
    sharing.share(full, "dataset", datasets.list(full)[0].id)
    assert backup_names(backed_up(admin)) == ["People"]


def backup_names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return [one["name"] for one in json.loads(archive.read("contents.json"))["datasets"]]


def test_only_administrators_back_up_and_nobody_fetches_anothers(full, stranger):
    editor, admin = add_person(full, "Edi", "editor"), add_person(full, "Adi", "admin")
    with pytest.raises(Forbidden):
        backups.start(editor)
    job = backups.start(full)
    inline.run_queued(full)
    for other in (admin, stranger):
        with pytest.raises(NotFound):
            backups.file(other, job.id)
    with pytest.raises(NotFound):
        exports.get(full, job.id)  # it is no export: it is not shared, linked or delivered
    with pytest.raises(NotAllowed):
        backups.open(full, "forged", full.caller)
    token = backups.link(full, job.id).rpartition("/")[2]
    assert backups.open(full, token, full.caller).file.sha256 == backups.file(full, job.id).sha256


def test_only_whoever_may_make_workspaces_restores_into_a_new_one(full):
    path = backed_up(full)
    admin = add_person(full, "Adi", "admin")
    upload = uploads.store(admin, "backup.zip", path.read_bytes())
    with pytest.raises(Forbidden):
        backups.restore(admin, upload.id, into="Mine")


# ---------------------------------------------------------------- files that are not what they seem


@pytest.fixture
def altered(full, tmp_path):
    """A backup with some of its members changed: altered(change) → bytes. `change` gets and gives {name: content}."""
    with zipfile.ZipFile(backed_up(full)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def make(change, *, resigned: bool = True, twice: str = "") -> bytes:
        changed = change(dict(members))
        if resigned:
            manifest = json.loads(changed["manifest.json"])
            manifest["members"] = [
                {"name": n, "bytes": len(c), "sha256": hashlib.sha256(c).hexdigest()}
                for n, c in changed.items()
                if n != "manifest.json"
            ]
            changed["manifest.json"] = json.dumps(manifest).encode()
        path = tmp_path / "altered.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name, content in changed.items():
                out.writestr(name, content)
            if twice:
                out.writestr(twice, b"again")
        return path.read_bytes()

    return make


def said(members, change) -> dict[str, bytes]:
    contents = json.loads(members["contents.json"])
    change(contents)
    return members | {"contents.json": json.dumps(contents).encode()}


def table(members) -> str:
    return next(name for name in members if name.endswith("table.parquet"))


LATER = re.compile(rb'("version": ?)1')
HOSTILE = {
    "another manifest": (lambda m: m | {"manifest.json": b'{"format": "holiday photos"}'}, False, "no backup of an"),
    "no manifest": (lambda m: {n: c for n, c in m.items() if n != "manifest.json"}, False, "no backup of an"),
    "not json": (lambda m: m | {"manifest.json": b"[" * 100_000}, False, "cannot be"),
    "a later version": (lambda m: m | {"manifest.json": LATER.sub(rb"\g<1>2", m["manifest.json"])}, False, "another version"),
    "a changed table": (lambda m: m | {table(m): m[table(m)][:-9] + b"123456789"}, False, "changed since"),
    "a changed list": (lambda m: said(m, lambda c: c["settings"].update(name="Other")), False, "as large|changed since"),
    "a way out": (lambda m: m | {"../../etc/passwd": b"x"}, True, "belongs to nothing"),
    "an absolute path": (lambda m: m | {"/etc/passwd": b"x"}, True, "belongs to nothing"),
    "a stranger": (lambda m: m | {"datasets/x/table.parquet": b"x"}, True, "belongs to nothing"),
    "no table": (lambda m: m | {table(m): b"PAR1" + b"\0" * 100 + b"PAR1"}, True, "cannot be read"),
    "an id as a path": (
        lambda m: said(m, lambda c: c["datasets"][0]["versions"][0].update(id="../../../tmp/x")), True, "understood",
    ),
    "other rows": (lambda m: said(m, lambda c: c["datasets"][0]["versions"][0].update(rows=9)), True, "not the one"),
    "no such method": (lambda m: said(m, lambda c: c["destinations"][0].update(method="os.system")), True, "understood"),
    "a bad spec": (
        lambda m: said(m, lambda c: c["templates"][0]["spec"].update(sources=[])), True, "understood",
    ),
    "a bad zone": (lambda m: said(m, lambda c: c["settings"].update(zone="Mars/Base")), True, "understood"),
    "an id twice": (lambda m: said(m, lambda c: c["projects"].append(c["projects"][0])), True, "used twice"),
    "a NUL": (lambda m: said(m, lambda c: c["projects"][0].update(name="a\0b")), True, "understood"),
    "more fields": (lambda m: said(m, lambda c: c["datasets"][0].update(administrator=True)), True, "understood"),
    "a lost template": (lambda m: said(m, lambda c: c.update(templates=[])), True, "template that is not there"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_file_that_is_not_what_it_seems_is_refused_and_leaves_nothing(full, altered, name):
    change, resigned, why = HOSTILE[name]
    before = {path.name for path in full.files.datasets.iterdir()}
    places = len(workspaces.every(full))
    done, _ = restored(full, altered(change, resigned=resigned))
    assert done.state == "failed"
    assert done.error["code"] == "BadFile", done.error
    assert re.search(why, done.error["message"]), done.error
    assert {path.name for path in full.files.datasets.iterdir()} == before
    assert len(workspaces.every(full)) == places


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_stands_twice_in_the_zip_is_refused(full, altered):
    done, _ = restored(full, altered(lambda m: m, twice="contents.json"))
    assert done.error["code"] == "BadFile"


def test_a_member_that_unpacks_to_more_than_announced_is_refused_before_the_disk_is_full(full, altered):
    def bomb(members):
        manifest = json.loads(members["manifest.json"])
        manifest["members"][0]["bytes"] = 10
        return members | {"manifest.json": json.dumps(manifest).encode()}

    done, _ = restored(full, altered(bomb, resigned=False))
    assert "is not as large as announced" in done.error["message"]


def test_what_would_not_fit_the_disk_is_refused_before_it_is_unpacked(full, monkeypatch):
    path = backed_up(full)
    monkeypatch.setattr(backup_file, "SPARE", 10**18)
    done, _ = restored(full, path)
    assert done.error["code"] == "DiskFull"


def test_a_file_that_is_no_zip_is_refused(full):
    done, _ = restored(full, b"name,n\nAnn,1\n")
    assert done.error["code"] == "BadFile"


def test_a_second_backup_waits_for_the_first(full):
    backups.start(full)
    with pytest.raises(Conflict, match="on its way already"):
        backups.start(full)


def test_a_backup_goes_like_any_file_once_its_time_is_over(full):
    path = backed_up(full)
    with full.store.writing() as session:
        session.exec(update(Job).where(Job.kind == JobKind.BACKUP).values(expires_at=utc_now()))
    retention.sweep(full)
    assert not path.exists()
