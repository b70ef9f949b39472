"""`python -m core data`: datasets are fetched again, and a file is checked."""

from core import datasets, exports, feeds, uploads
from core.engine.spec import ExportSpec
from core.work import inline


def test_a_dataset_is_fetched_again(done, refusal, opened, tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir()
    file = tmp_path / "shared" / "orders.csv"
    file.write_text("code,n\n001,1\n")
    monkeypatch.setenv("DESK_ALLOWED_FOLDERS", str(file.parent))
    desk = opened(allowed_folders=str(file.parent))
    feeds.add(desk, "Orders", "folder", {"root": str(file.parent), "file": "orders.csv"})
    inline.run_queued(desk)
    assert done("data", "refresh", "orders", "--sync") == ["Orders: unchanged."]
    file.write_text("code\n001\n002\n")
    assert done("data", "refresh", "orders", "--sync") == [
        "Orders: a new version with 2 rows.",
        "The columns of “Orders” changed. Missing: “n”.",
    ]
    file.unlink()
    assert "There is no “orders.csv”" in refusal("data", "refresh", "orders", "--sync")
    [job] = done("data", "refresh", "orders")
    assert feeds.job(desk, job).state == "queued"
    assert "There is no dataset “gone”" in refusal("data", "refresh", "gone")


def test_a_file_is_checked(command, refusal, opened, tmp_path):
    desk = opened()
    job = datasets.add(desk, uploads.store(desk, "a.csv", b"a,b\n1,2\n").id)
    inline.run_queued(desk)
    [made] = datasets.job(desk, job.id).result["datasets"]
    export = exports.start(
        desk,
        ExportSpec.model_validate({"name": "A", "sources": [{"dataset": made["id"]}], "output": {"format": "csv"}}),
    )
    inline.run_queued(desk)
    finished = command("data", "check", exports.file(desk, export.id).path)
    assert finished.returncode == 0
    assert finished.stdout.splitlines()[0] == "Yes: this is “A.csv” of the export “A”, byte for byte."
    assert finished.stdout.splitlines()[-1].endswith(f"by Owner: {export.id}")
    (tmp_path / "other.csv").write_text("a,b\n1,3\n")
    finished = command("data", "check", tmp_path / "other.csv")
    assert (finished.returncode, finished.stdout.splitlines()[1]) == (1, "Values are others in “b”.")
    assert "There is no file" in refusal("data", "check", tmp_path / "gone.csv")
