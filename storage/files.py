"""The folder beside the database: where every byte lives, and the one way a file becomes visible.

uploads/<upload id>                      grows by chunks
datasets/<version id>/                   table.parquet, original, problems.jsonl: never overwritten
exports/<job id>.<attempt>.<n>.<ext>     published files; the attempt in the name keeps a late worker from overwriting
scratch/<job id>.<attempt>/              one attempt's own, removed whole
deliveries/<job id>.json                 what one try of a delivery leaves for the next
keys/  run/                              secrets (0600) · the supervisors' wake-up pipes
"""

from __future__ import annotations

import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

FOLDERS = ("keys", "uploads", "datasets", "exports", "scratch", "deliveries", "run")
TABLE, ORIGINAL, PROBLEMS, ATTEMPT = "table.parquet", "original", "problems.jsonl", "attempt"
RECEIPT = "receipt.json"  # what a receipt's stored name ends in
SECRET_BYTES = 32


@dataclass(frozen=True)
class Files:
    """The layout of one data folder. Methods that only name a path touch nothing on disk."""

    root: Path

    def prepare(self) -> None:
        """Make the folders, readable by this user alone."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in FOLDERS:
            (self.root / name).mkdir(exist_ok=True, mode=0o700)

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def datasets(self) -> Path:
        return self.root / "datasets"

    @property
    def exports(self) -> Path:
        return self.root / "exports"

    @property
    def scratches(self) -> Path:
        return self.root / "scratch"

    @property
    def run(self) -> Path:
        return self.root / "run"

    def upload(self, upload_id: str) -> Path:
        return self.uploads / _plain(upload_id)

    def dataset(self, version_id: str) -> Path:
        return self.datasets / _plain(version_id)

    def table(self, version_id: str) -> Path:
        return self.dataset(version_id) / TABLE

    def original(self, version_id: str) -> Path:
        return self.dataset(version_id) / ORIGINAL

    def problems(self, version_id: str) -> Path:
        return self.dataset(version_id) / PROBLEMS

    def export(self, stored: str) -> Path:
        """A published file by its stored name (receipt.File.stored)."""
        return self.exports / _plain(stored)

    def scratch(self, job_id: str, attempt: int) -> Path:
        return self.scratches / attempt_name(job_id, attempt)

    @property
    def deliveries(self) -> Path:
        return self.root / "deliveries"

    def memo(self, job_id: str) -> Path:
        """What the tries of a delivery leave for each other."""
        return self.deliveries / f"{_plain(job_id)}.json"

    def secret(self, name: str = "secret") -> bytes:
        """The installation's secret of that name, made once; two processes that start together get the same one."""
        path = self.root / "keys" / _plain(name)
        if not path.exists():
            mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
            with open(os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(secrets.token_bytes(SECRET_BYTES))
                out.flush()
                os.fsync(out.fileno())
            try:
                os.link(mine, path)  # fails if another process was first; never replaces
            except FileExistsError:
                pass
            finally:
                mine.unlink()
            sync_folder(path.parent)
        return path.read_bytes()

    def free_bytes(self) -> int:
        """Bytes this user may still write."""
        return shutil.disk_usage(self.root).free


def attempt_name(job_id: str, attempt: int) -> str:
    """What the files of one attempt are called by: "<job id>.<attempt>"."""
    return f"{job_id}.{attempt}"


def stored_name(job_id: str, attempt: int, n: int, extension: str) -> str:
    """The name on disk of the n-th file of an attempt."""
    return f"{attempt_name(job_id, attempt)}.{n}.{extension}"


def attempt_of(name: str) -> tuple[str, int] | None:
    """The (job id, attempt) a name in exports/ or scratch/ belongs to; None if it is nobody's."""
    parts = name.lstrip(".").split(".")  # a file that is copied from another disk is hidden until it is whole
    if len(parts) < 2 or not parts[1].isdigit():
        return None
    return parts[0], int(parts[1])


def publish(part: Path, final: Path) -> None:
    """Make a finished file visible under its final name, so that it survives a power cut: fsync, rename, fsync the folder."""
    sync_file(part)
    os.rename(part, final)
    sync_folder(final.parent)


def publish_folder(part: Path, final: Path) -> None:
    """The same for a folder of finished files: all of them become visible at once."""
    for file in part.iterdir():
        sync_file(file)
    sync_folder(part)
    os.rename(part, final)
    sync_folder(final.parent)


def sync_file(path: Path) -> None:
    with open(path, "rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove(path: Path) -> bool:
    """Remove a file or a whole folder; True if there was one. Somebody else removing it at the same time is no error."""
    try:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return False
    return True


def _plain(name: str) -> str:
    """Refuse a name that would leave its folder. Names here are our own ids: this is the second lock on that door."""
    if not name or name.startswith(".") or "/" in name or "\\" in name or "\0" in name:
        raise ValueError(f"not a name of ours: {name!r}")
    return name
