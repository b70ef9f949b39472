"""Delivery to a folder of the server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.delivery.base import BLOCK, Way
from core.delivery.folder import METHOD, Options
from core.errors import Cancelled, Undeliverable, Unreachable
from tests.core.delivery.conftest import MakeParcel, Stopping


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (allowed := tmp_path / "shared").mkdir()
    return allowed


@pytest.fixture
def way(root: Path, way: Way) -> Way:
    return replace(way, folders=(str(root),))


def test_files_arrive_whole_under_their_names_in_a_folder_that_is_made(root: Path, parcel: MakeParcel, way: Way):
    parcels = [parcel("Réport – März.csv", BLOCK + 5), parcel("empty.csv", 0, seed=2)]
    arrived = METHOD.deliver(Options(root=str(root), folder="reports/2026"), {}, parcels, way)
    folder = root / "reports" / "2026"
    assert [a.where for a in arrived] == [str(folder / p.name) for p in parcels]
    assert {f.name: f.read_bytes() for f in folder.iterdir()} == {p.name: p.path.read_bytes() for p in parcels}


def test_a_stopped_delivery_leaves_no_file_of_that_name_and_nothing_once_it_is_given_up(
    root: Path, parcel: MakeParcel, way: Way
):
    file, options = parcel(size=2 * BLOCK), Options(root=str(root))
    with pytest.raises(Cancelled):
        METHOD.deliver(options, {}, [file], replace(way, sent=Stopping(after=BLOCK)))
    assert [f.name for f in root.iterdir()] == [file.part]
    for _again in range(2):
        METHOD.abandon(options, {}, [file], way)
        assert [*root.iterdir()] == []


@pytest.mark.parametrize(
    ("existing", "names"), [("replace", ["a.csv"]), ("keep_both", ["a (2).csv", "a (3).csv", "a.csv"])]
)
def test_a_file_that_is_there_is_replaced_or_kept(
    root: Path, parcel: MakeParcel, way: Way, existing: str, names: list[str]
):
    options = Options.model_validate({"root": str(root), "existing": existing})
    for seed in (1, 2, 3):
        METHOD.deliver(options, {}, [parcel("a.csv", seed=seed)], way)
    assert sorted(f.name for f in root.iterdir()) == names
    assert (root / "a.csv").read_bytes() == parcel(seed=3 if existing == "replace" else 1).path.read_bytes()


@pytest.mark.parametrize("folder", ["..", "../shared-not", "a/../../b", "/../x", "link/x"])
def test_nothing_is_put_outside_of_what_is_allowed(
    root: Path, tmp_path: Path, parcel: MakeParcel, way: Way, folder: str
):
    (outside := tmp_path / "outside").mkdir()
    (root / "link").symlink_to(outside)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Undeliverable, match="may not be put into") as refused:
        METHOD.deliver(Options(root=str(root), folder=folder), {}, [parcel()], way)
    assert refused.value.field == "folder"
    assert [p for p in sorted(tmp_path.rglob("*")) if p not in before] == [parcel().path]


def test_a_folder_nobody_allowed_is_refused(tmp_path: Path, parcel: MakeParcel, way: Way):
    for other in (tmp_path, tmp_path / "shared" / "within", Path("/etc")):
        with pytest.raises(Undeliverable, match="may not be put into"):
            METHOD.deliver(Options(root=str(other)), {}, [parcel()], way)


def test_a_link_with_the_name_of_the_file_is_replaced_and_not_followed(
    root: Path, tmp_path: Path, parcel: MakeParcel, way: Way
):
    (secret := tmp_path / "secret").write_text("kept")
    (root / "orders.csv").symlink_to(secret)
    METHOD.deliver(Options(root=str(root)), {}, [parcel()], way)
    assert secret.read_text() == "kept"
    assert (root / "orders.csv").read_bytes() == parcel().path.read_bytes()


def test_a_link_left_where_the_half_sent_file_goes_is_not_followed(
    root: Path, tmp_path: Path, parcel: MakeParcel, way: Way
):
    (secret := tmp_path / "secret").write_text("kept")
    (root / parcel().part).symlink_to(secret)
    with pytest.raises(Undeliverable, match="left a link"):
        METHOD.deliver(Options(root=str(root)), {}, [parcel()], way)
    assert secret.read_text() == "kept"


def test_a_share_that_is_not_mounted_is_tried_again(root: Path, parcel: MakeParcel, way: Way):
    root.rmdir()
    with pytest.raises(Unreachable, match="is not there"):
        METHOD.deliver(Options(root=str(root)), {}, [parcel()], way)


def test_a_folder_that_is_a_file_is_said(root: Path, parcel: MakeParcel, way: Way):
    (root / "reports").write_text("a file")
    with pytest.raises(Undeliverable, match="is not a folder"):
        METHOD.deliver(Options(root=str(root), folder="reports"), {}, [parcel()], way)


@pytest.mark.parametrize("existing", ["refuse", "keep_both", "replace"])
@pytest.mark.parametrize("named", [False, True])
def test_a_second_try_goes_on_with_the_file_the_first_one_did_not_bring(
    root: Path, parcel: MakeParcel, way: Way, existing: str, named: bool
):
    """`named`: the first try died in between the second file getting its name and noting it."""
    options = Options.model_validate({"root": str(root), "existing": existing})
    parcels = [parcel("a.csv"), parcel("b.csv", seed=2)]
    with pytest.raises(Cancelled):
        METHOD.deliver(options, {}, parcels, replace(way, sent=Stopping(after=4000)))
    if named:
        (root / parcels[1].part).rename(root / "b.csv")
        way.memo["placing " + parcels[1].part] = str(root / "b.csv")
    again = METHOD.deliver(options, {}, parcels, way)
    assert [one.name for one in again] == ["a.csv", "b.csv"]
    assert [one.resumed_at for one in again] == [2000, 2000 if named and existing != "replace" else 0]
    assert {f.name: f.read_bytes() for f in root.iterdir()} == {p.name: p.path.read_bytes() for p in parcels}


def test_another_file_that_came_in_between_is_not_taken_for_ones_own(root: Path, parcel: MakeParcel, way: Way):
    file, options = parcel("a.csv"), Options.model_validate({"root": str(root), "existing": "refuse"})
    way.memo["placing " + file.part] = str(root / "a.csv")
    (root / "a.csv").write_bytes(b"x" * file.size)
    with pytest.raises(Undeliverable, match="already a file called"):
        METHOD.deliver(options, {}, [file], way)
