"""The file of a backup: a zip whose manifest names every member with its size and SHA-256, and what desk wrote it.

    manifest.json                         format, version, when, of which workspace, members
    contents.json                         core.backup.contents.Contents
    datasets/<version id>/table.parquet   and original, problems.jsonl beside it

An archive is somebody's word until it is checked: nothing is unpacked under a name it says, nothing beyond what it announced,
and every table is read to its end before anything of it is believed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import zipfile
import zlib
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core import __version__
from core.backup.contents import Contents, VersionRow, checked
from core.engine.session import open_session, quoted
from core.engine.table import Table
from core.errors import BadFile, DeskError, DiskFull
from storage.files import ORIGINAL, PROBLEMS, TABLE, sync_file

FORMAT, VERSION = "export-desk backup", 1
MANIFEST, CONTENTS = "manifest.json", "contents.json"
PARTS = (TABLE, ORIGINAL, PROBLEMS)  # of each version; a table there always is
BLOCK = 1 << 20
MOST_MEMBERS = 200_000
MOST_TEXT = 64 << 20  # bytes of manifest and contents, each
MOST_RATIO = 1100  # unpacked to packed: deflate reaches no more (RFC 1951)
SPARE = 64 << 20  # bytes left free on the disk
TORN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError, ValueError, KeyError)


class Member(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(max_length=200)
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", max_length=64)


class Manifest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: str
    version: int
    desk: str = Field(max_length=100)  # the version that wrote it
    made: datetime
    workspace: str = Field(max_length=2000)
    members: list[Member] = Field(max_length=MOST_MEMBERS)


def write(path: Path, contents: Contents, folder: Callable[[str], Path], step: Callable[[int], None]) -> Manifest:
    """Write a backup to a new file. `folder`: where a version lies; `step` is told the bytes of each piece.

    Raises FileNotFoundError where a version went away meanwhile.
    """
    members: list[Member] = []
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for version in contents.version_ids():
            for part in PARTS:
                source = folder(version) / part
                if source.exists() or part == TABLE:
                    # Parquet is packed already; what people brought often is not
                    kind = zipfile.ZIP_STORED if part == TABLE else zipfile.ZIP_DEFLATED
                    with source.open("rb") as file:
                        members.append(_add(archive, f"datasets/{version}/{part}", file, kind, step))
        said = contents.model_dump_json().encode()
        members.append(_text(archive, CONTENTS, said))
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            desk=__version__,
            made=datetime.now(UTC),
            workspace=contents.settings.name,
            members=members,
        )
        _text(archive, MANIFEST, manifest.model_dump_json(indent=1).encode())
    sync_file(path)
    return manifest


def unpack(
    path: Path, scratch: Path, folder: Callable[[int], Path], step: Callable[[int], None]
) -> tuple[Contents, Mapping[str, Path]]:
    """Check a backup from end to end and unpack its versions, each to `folder(n)`. Gives the contents, and old id → folder.

    Raises BadFile, naming what is wrong with it; DiskFull.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = _manifest(archive)
            announced = {member.name: member for member in manifest.members}
            _fits(archive, announced, scratch)
            contents = _contents(archive, announced)
            versions = [version for dataset in contents.datasets for version in dataset.versions]
            wanted = {f"datasets/{version.id}/{part}" for version in versions for part in PARTS}
            if strangers := set(announced) - wanted - {CONTENTS}:
                raise _broken(f"it holds “{min(strangers)[:80]}”, which belongs to nothing")
            unpacked: dict[str, Path] = {}
            for n, version in enumerate(versions):
                unpacked[version.id] = target = folder(n)
                target.mkdir(parents=True)
                for part in PARTS:
                    member = announced.get(f"datasets/{version.id}/{part}")
                    if member is not None:
                        _take(archive, member, target / part, step)
                _check_table(target / TABLE, version, scratch)
            return contents, unpacked
    except DeskError:
        raise
    except TORN as torn:
        raise _broken(f"it cannot be read to its end ({type(torn).__name__})") from torn


def _add(archive: zipfile.ZipFile, name: str, file: IO[bytes], kind: int, step: Callable[[int], None]) -> Member:
    digest, size = hashlib.sha256(), 0
    info = zipfile.ZipInfo(name, datetime.now(UTC).timetuple()[:6])
    info.compress_type, info.external_attr = kind, 0o600 << 16
    with archive.open(info, "w", force_zip64=True) as member:
        while block := file.read(BLOCK):
            digest.update(block)
            size += len(block)
            member.write(block)
            step(len(block))
    return Member(name=name, bytes=size, sha256=digest.hexdigest())


def _text(archive: zipfile.ZipFile, name: str, text: bytes) -> Member:
    archive.writestr(name, text)
    return Member(name=name, bytes=len(text), sha256=hashlib.sha256(text).hexdigest())


def _manifest(archive: zipfile.ZipFile) -> Manifest:
    """Before it is parsed: which names there are, and that there is one of each."""
    infos = archive.infolist()
    names = [info.filename for info in infos]
    if len(names) > MOST_MEMBERS or len(names) != len(set(names)) or MANIFEST not in names:
        raise BadFile("This is no backup of an Export Desk.", "Choose the zip that Back up made.")
    if any(info.flag_bits & 1 for info in infos):
        raise _broken("it is locked with a password")
    try:
        said = json.loads(_read(archive, MANIFEST, MOST_TEXT))
        if not isinstance(said, dict) or said.get("format") != FORMAT:
            raise BadFile("This is no backup of an Export Desk.", "Choose the zip that Back up made.")
        if said.get("version") != VERSION:
            raise BadFile(
                "This backup was written by another version of Export Desk.",
                f"Restore it with {str(said.get('desk'))[:40]} or a later one.",
            )
        manifest = Manifest.model_validate(said)
    except (ValidationError, ValueError) as wrong:
        raise _broken("its manifest cannot be understood") from wrong
    announced = [member.name for member in manifest.members]
    if len(announced) != len(set(announced)) or set(announced) != set(names) - {MANIFEST}:
        raise _broken("its files are not those its manifest names")
    return manifest


def _fits(archive: zipfile.ZipFile, announced: Mapping[str, Member], scratch: Path) -> None:
    for info in archive.infolist():
        if info.filename != MANIFEST and info.file_size != announced[info.filename].bytes:
            raise _broken(f"“{info.filename}” is not as large as announced")
        if info.file_size > BLOCK and info.file_size > MOST_RATIO * max(info.compress_size, 1):
            raise _broken(f"“{info.filename}” would unpack to more than any file can be packed from")
    needed, free = sum(member.bytes for member in announced.values()), shutil.disk_usage(scratch).free
    if needed + SPARE > free:
        raise DiskFull(
            f"Unpacked this backup takes {needed // 10**6:,} MB; {free // 10**6:,} MB are free on the desk’s disk.",
            "Make room, then try again.",
        )


def _contents(archive: zipfile.ZipFile, announced: Mapping[str, Member]) -> Contents:
    member = announced.get(CONTENTS)
    if member is None or member.bytes > MOST_TEXT:
        raise _broken("it does not say what it holds")
    said = _read(archive, CONTENTS, member.bytes)
    if hashlib.sha256(said).hexdigest() != member.sha256:
        raise _broken(f"“{CONTENTS}” was changed since it was written")
    try:
        return checked(Contents.model_validate_json(said))
    except (ValidationError, ValueError, DeskError) as wrong:
        raise _broken(f"what it holds cannot be understood ({_first(wrong)})") from wrong


def _read(archive: zipfile.ZipFile, name: str, most: int) -> bytes:
    """One member that is small enough to be held; what its header claims is not believed."""
    with archive.open(name) as file:
        content = file.read(most + 1)
    if len(content) > most:
        raise _broken(f"“{name}” is larger than it may be")
    return content


def _take(archive: zipfile.ZipFile, member: Member, target: Path, step: Callable[[int], None]) -> None:
    digest, size = hashlib.sha256(), 0
    with archive.open(member.name) as file, target.open("xb") as out:
        while block := file.read(BLOCK):
            size += len(block)
            if size > member.bytes:
                raise _broken(f"“{member.name}” unpacks to more than it announced")
            digest.update(block)
            out.write(block)
            step(len(block))
    if (size, digest.hexdigest()) != (member.bytes, member.sha256):
        raise _broken(f"“{member.name}” was changed since it was written")


def _check_table(path: Path, version: VersionRow, scratch: Path) -> None:
    """Its columns and rows are those it was announced with, and every value of it can be read."""
    try:
        table = Table.open(path)
        there = pq.read_schema(path).names
        if (table.rows, [*table.columns], there) != (version.rows, version.columns, [c.id for c in version.columns]):
            raise _broken(f"the table of “{version.source_name[:80]}” is not the one that was announced")
        # a count would not look at the values
        counted = ", ".join(f"max(hash({quoted(column.id)}))" for column in table.columns)
        with closing(open_session(scratch, memory_mb=128, threads=1, columns=len(table.columns))) as con:
            con.sql(f"select {counted or 'count(*)'} from read_parquet(?)", params=[str(path)]).fetchall()
    except (duckdb.Error, pa.ArrowException, ValidationError, KeyError, TypeError, OSError) as wrong:
        raise _broken(f"the table of “{version.source_name[:80]}” cannot be read") from wrong


def _broken(why: str) -> BadFile:
    return BadFile(f"This backup cannot be restored: {why}.", "Nothing was changed. Use another copy of it.")


def _first(wrong: Exception) -> str:
    """The first thing that is wrong, without what was said in its place."""
    if isinstance(wrong, ValidationError):
        found = wrong.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(step) for step in found['loc'])[:120]}: {found['msg'][:120]}"
    return str(wrong)[:200]
