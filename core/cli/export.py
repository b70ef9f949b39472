"""`python -m core export INPUT [--to OUTPUT] [--spec SPEC.json]`: the engine on one file, without a server or a database.

The receipt is printed as JSON on standard output; what a person should know goes to standard error, with a progress bar
when that is a terminal.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from tqdm import tqdm

from core.engine import pipeline
from core.engine.formats import FORMATS, get
from core.engine.ingest import ImportOptions, Ingested, ingest
from core.engine.ingest.problems import PROBLEMS_FILE
from core.engine.packaging import ENDINGS
from core.engine.planning import arranged
from core.engine.progress import Progress
from core.engine.receipt import Receipt
from core.engine.spec import ExportSpec, Output, Resolved, Source
from core.engine.table import Table
from core.errors import BadFile, BadSpec, NotFound
from core.settings import Settings

DEFAULT_FORMAT = "xlsx"


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("export", help="turn one file into another, without a server")
    parser.add_argument(
        "input", type=Path, metavar="INPUT", help="CSV, Excel, ODS, JSON, JSON Lines or Parquet; .gz, .zip"
    )
    parser.add_argument("--to", type=Path, metavar="OUTPUT", help="the file to write; its ending says the format")
    parser.add_argument("--spec", type=Path, metavar="SPEC.json", help="an export spec; absent: every row and column")
    parser.add_argument("--sheet", metavar="NAME", help="which sheet or member, if the input holds several tables")
    parser.add_argument("--options", metavar="JSON", help='how to read INPUT: \'{"delimiter": ";", "decimal": ","}\'')
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="a file whose first line is the password to lock the output with",
    )
    parser.add_argument("--zone", help="IANA time zone for relative dates and zoned times; absent: DESK_ZONE, else UTC")
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Read, export, publish, print the receipt. Returns 0; refusals are raised as DeskError."""
    if not args.input.is_file():
        raise NotFound(f"There is no file “{args.input}”.", "Check the path.", field="input")
    options = _parsed(ImportOptions, args.options, "--options") if args.options else ImportOptions()
    spec = _parsed(ExportSpec, _text(args.spec), str(args.spec)) if args.spec else None
    output = args.to.absolute() if args.to else None
    if output is not None and not output.parent.is_dir():
        raise NotFound(f"There is no folder “{output.parent}”.", "Make it first, or choose another.", field="to")
    home = output.parent if output else Path.cwd()
    with tempfile.TemporaryDirectory(prefix=".export-", dir=home) as room, _bar() as report:
        scratch = Path(room)
        taken = _chosen(
            ingest(args.input, args.input.name, scratch / "tables", options, report, scratch), args.sheet, spec
        )
        tables = {name: Table.open(one.path) for name, one in taken.items()}
        password = _password(args.password_file)
        spec = _completed(spec, next(iter(tables.values())), output, locked=password is not None)
        resolved = Resolved(now=datetime.now(UTC), zone=args.zone or Settings().zone or "UTC")
        published = scratch / "files"
        published.mkdir()
        receipt = pipeline.run(
            spec,
            {source.dataset: tables.get(source.dataset) or next(iter(tables.values())) for source in spec.sources},
            resolved,
            folder=published,
            stored=lambda n: f"{n}.out",
            scratch=scratch,
            report=report,
            password=password,
        )
        files = _publish(receipt, published, output, home)
        told = [line for one in taken.values() for line in (*one.understood.notes, *_keep_problems(one, files[0]))]
    for line in dict.fromkeys(told):
        sys.stderr.write(line + "\n")
    sys.stdout.write(json.dumps(receipt.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n")
    return 0


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFound(f"There is no file “{path}”.", "Check the path.", field="spec") from None
    except UnicodeDecodeError:
        raise BadSpec(f"“{path}” is not UTF-8 text.", "Save it as UTF-8.", field="spec") from None


def _parsed(model: type[Any], text: str, where: str) -> Any:
    try:
        return model.model_validate_json(text)
    except ValidationError as refusal:
        first = refusal.errors()[0]
        place = ".".join(str(p) for p in first["loc"])
        raise BadSpec(
            f"{where} cannot be used: {place + ': ' if place else ''}{first['msg']}.",
            "Mend it and run again.",
            field=place,
        ) from None


def _chosen(tables: list[Ingested], sheet: str | None, spec: ExportSpec | None) -> dict[str, Ingested]:
    """The tables meant, by what the spec calls them: by --sheet, by the spec's datasets, or because there is only one."""
    if sheet is None and spec is not None and len(tables) > 1:
        return {source.dataset: _called(tables, source.dataset) for source in spec.sources}
    found = [t for t in tables if sheet is None or sheet in _names(t)]
    if len(found) != 1:
        if sheet is not None:
            return {sheet: _called(tables, sheet)}
        raise BadFile(
            f"The input holds {len(tables)} tables.", f"Say which with --sheet: {_listed(tables)}.", field="sheet"
        )
    return {found[0].name: found[0]}


def _called(tables: list[Ingested], name: str) -> Ingested:
    found = [t for t in tables if name in _names(t)]
    if len(found) != 1:
        raise BadFile(
            f"The input holds {'no' if not found else 'several'} tables “{name}”.", f"There are: {_listed(tables)}."
        )
    return found[0]


def _names(table: Ingested) -> tuple[str | None, ...]:
    return table.understood.sheet, table.understood.member, table.name


def _listed(tables: list[Ingested]) -> str:
    return ", ".join(f"“{t.understood.sheet or t.understood.member or t.name}”" for t in tables)


def _password(path: Path | None) -> str | None:
    """The first line of a file: a password on the command line would be seen by everybody on the computer."""
    if path is None:
        return None
    found = _text(path).splitlines()
    if not found or not found[0]:
        raise BadSpec(f"“{path}” holds no password.", "Put it on the first line.", field="password-file")
    return found[0]


def _completed(spec: ExportSpec | None, table: Table, output: Path | None, *, locked: bool) -> ExportSpec:
    """The spec with its format and packaging as OUTPUT's ending says; absent: everything, as OUTPUT's format."""
    found = spec or ExportSpec(sources=(Source(dataset=table.name),), output=Output(format=DEFAULT_FORMAT))
    if locked:  # which password it is, the command line knows; the spec only says that there is one
        found = found.model_copy(update={"packaging": found.packaging.model_copy(update={"password": "given"})})
    if output is None:
        return found
    name = output.name.lower()
    packaging = found.packaging
    for compression, ending in ENDINGS.items():
        if ending and name.endswith(ending):
            name, packaging = name.removesuffix(ending), packaging.model_copy(update={"compression": compression})
    found = found.model_copy(update={"packaging": packaging})
    ending = name.rsplit(".", 1)[-1] if "." in name else ""
    wanted = next((f.name for f in FORMATS.values() if ending in (f.extension, f.name)), None)
    if wanted is None:
        if spec is not None:
            return _named_as_made(found, output)
        known = ", ".join("." + f.extension for f in FORMATS.values())
        raise BadSpec(f"“{output.name}” does not say its format.", f"Use an ending such as {known}.", field="to")
    chosen = found.output
    if get(chosen.format).extension != get(wanted).extension:
        if spec is not None and "format" in spec.output.model_fields_set:
            raise BadSpec(
                f"The spec asks for {spec.output.format}, but “{output.name}” is named as {wanted}.",
                "Give them the same format.",
                field="to",
            )
        chosen = chosen.model_copy(update={"format": wanted})
    return _named_as_made(found.model_copy(update={"output": chosen}), output)


def _named_as_made(spec: ExportSpec, output: Path) -> ExportSpec:
    """The same spec. Raises BadSpec where a zip would get a name that hides it: no program opens a zip called out.csv."""
    _, compression, _ = arranged(spec, get(spec.output.format))
    if compression == "zip" and not output.name.lower().endswith(ENDINGS["zip"]):
        raise BadSpec(
            f"This export makes a zip, but “{output.name}” is not named as one.",
            f"Call it “{output.name}.zip”.",
            field="to",
        )
    return spec


def _publish(receipt: Receipt, published: Path, output: Path | None, home: Path) -> list[Path]:
    """Move the finished, verified files to where they were asked for; nothing half-written is ever seen there."""
    found = []
    for file in receipt.files:
        target = output if output is not None and len(receipt.files) == 1 else home / file.name
        os.replace(published / file.stored, target)
        found.append(target)
    return found


def _keep_problems(taken: Ingested, beside: Path) -> list[str]:
    if not taken.problems:
        return []
    target = beside.with_name(beside.name + f".{PROBLEMS_FILE}")
    os.replace(taken.path.with_name(PROBLEMS_FILE), target)
    n = taken.problems
    said = "row does not fit the table and was" if n == 1 else "rows do not fit the table and were"
    return [f"{n:,} {said} set aside in {target}."]


@contextmanager
def _bar() -> Iterator[Callable[[Progress], None]]:
    """A progress bar on standard error if that is a terminal, else silence."""
    hidden, size = not sys.stderr.isatty(), shutil.get_terminal_size()  # some terminals say 0 by 0: then 80 by 24
    shape = {"ncols": size.columns, "nrows": size.lines}
    with tqdm(unit=" rows", unit_scale=True, disable=hidden, file=sys.stderr, leave=False, **shape) as bar:

        def report(progress: Progress) -> None:
            bar.set_description(f"{progress.phase} ({progress.step}/{progress.steps})", refresh=False)
            bar.total = progress.total
            bar.n = progress.rows
            bar.refresh()

        yield report
