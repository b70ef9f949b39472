"""`python -m core templates list`, `… save ID --to FILE`, `… add FILE --data SLUG`: from desk to desk without a browser."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.cli import whom
from core.desk import Desk
from core.errors import BadFile, BadInput
from core.templating import files as template_files
from core.templating import matching, templates
from storage.tables import Template


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("templates", help="list templates, save one as a file, add one from its file")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    save = actions.add_parser("save", help="write a template to a file, without ids and secrets")
    save.add_argument("id", metavar="ID", help="as `templates list` shows it")
    save.add_argument("--to", metavar="FILE", required=True, type=Path, help="a file that is not there yet")
    add = actions.add_parser("add", help="add a template from its file; its id stands alone on the last line")
    add.add_argument("file", metavar="FILE", type=Path)
    add.add_argument(
        "--data", metavar="SLUG", action="append", default=[], help="data it runs on, again for each of several; absent: "
        "that of the same name",
    )  # fmt: skip
    add.add_argument(
        "--column",
        metavar="WANTED=COLUMN",
        action="append",
        default=[],
        help="which column is which, where names do not say",
    )
    for action in (actions.add_parser("list", help="the templates there are"), save, add):
        action.add_argument("--owner", metavar="EMAIL", help="in whose name; absent: the workspace's first owner")
        whom.add_workspace(action)
    parser.set_defaults(main=main)


def main(args: argparse.Namespace) -> int:
    """Returns the exit status; refusals are raised as DeskError for `python -m core` to print."""
    desk = whom.acting_as(whom.operator("templates"), args.workspace, args.owner)
    match args.action:
        case "list":
            _print(*(_line(one) for one in templates.list(desk)))
        case "save":
            kept = template_files.dump(desk, args.id)
            _write(args.to, template_files.text(kept))
            _print(f"Saved “{kept.name}” as {args.to}.", *filter(None, [template_files.missing_words(kept)]))
        case "add":
            made = _add(desk, args.file, args.data, args.column)
            _print(f"Added “{made.name}”.", made.id)
    return 0


def _add(desk: Desk, path: Path, data: list[str], columns: list[str]) -> Template:
    try:
        with path.open("rb") as file:
            kept = template_files.read(file.read(template_files.MAX_BYTES + 1))
    except OSError as problem:
        raise BadFile(f"{path} cannot be read: {problem.strerror}.", "Name the file of a template.") from problem
    there = data or [one or "" for one in template_files.known_data(desk, kept)]
    said: dict[tuple[int, str], str | None] = {}
    for pair in columns:
        wanted, sign, column = pair.partition("=")
        if not sign:
            raise BadInput(f"“{pair}” says no column.", "Write WANTED=COLUMN, such as amount=Total.", field="column")
        said |= {(n, wanted): column for n in _sources(kept, wanted)}
    return template_files.add(desk, kept, there, said)


def _sources(kept: template_files.TemplateFile, wanted: str) -> list[int]:
    """Which datasets of the file use that column; the first, where none does: it is told what they use."""
    return matching.sources_of(kept.spec, wanted) or [0]


def _write(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        raise BadInput(
            f"{path} cannot be written: {problem.strerror}.", "Choose another place, or another name.", field="to"
        ) from problem


def _line(one: Template) -> str:
    ran = f"ran {one.last_run_at:%Y-%m-%d %H:%M} UTC" if one.last_run_at else "not run yet"
    tags = f"  [{', '.join(one.tags)}]" if one.tags else ""
    return f"{one.id}  {one.name}  version {one.version}, {ran}{tags}"


def _print(*lines: str) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
