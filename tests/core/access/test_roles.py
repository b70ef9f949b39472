"""Every role tries every use case: on things of its own, on shared things of others, and on what others keep to themselves.

The workspace of these tests is made once and copied for each of them.
"""

from __future__ import annotations

import ast
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core import (
    audit,
    checks,
    datasets,
    deliveries,
    destinations,
    exports,
    feeds,
    fetching,
    links,
    projects,
    sharing,
    stats,
    uploads,
    workspaces,
)
from core.access import members, roles, tokens
from core.access.roles_page import PAGE, page
from core.backup import backups
from core.desk import Desk, open_desk
from core.errors import Forbidden, NotFound
from core.keeping import retention, space
from core.scheduling import schedules
from core.settings import Settings
from core.templating import saved_sets, templates
from storage.tables import Feed, Role
from tests.things import Things, add_person, make_things, spec

CORE = Path(__file__).parents[3] / "core"


@dataclass(frozen=True)
class Place:
    """Where a test is: the data folder, who is there, and what they made."""

    desk: Desk  # of the workspace's first owner
    people: dict[Role, str]  # account ids
    budi: str
    own: dict[Role, Things]
    shared: Things  # Budi's
    private: Things  # Budi's
    token: str  # Budi's


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    desk = open_desk(Settings(data_dir=tmp_path_factory.mktemp("people") / "data", zone="UTC"))
    people = {role: add_person(desk, role.title(), role) for role in Role}
    budi = add_person(desk, "Budi", Role.EDITOR)
    own = {role: make_things(person, role.title()) for role, person in people.items()}
    shared, private = make_things(budi, "Shared", shared=True), make_things(budi, "Private")
    token, _ = tokens.create(budi, "Budi's reports", ["*"])
    yield Place(desk, {r: p.account_id for r, p in people.items()}, budi.account_id, own, shared, private, token.id)
    desk.store.close()


@pytest.fixture
def place(made: Place, tmp_path: Path) -> Iterator[Place]:
    """A copy, to be changed at will."""
    made.desk.store.close()
    shutil.copytree(made.desk.files.root, tmp_path / "data")
    desk = open_desk(Settings(data_dir=tmp_path / "data", zone="UTC"))
    yield replace(made, desk=desk)
    desk.store.close()


Call = Callable[[Desk, Things, Place], object]


@dataclass(frozen=True)
class Tried:
    """`call` does what the use case says. `of`: the kind of thing it is done to; empty: to none in particular.

    `otherwise`: what those get who may not.
    """

    call: Call
    of: str = ""
    otherwise: str = "refused"


def _share_schedule(desk: Desk, its: Things) -> object:
    """With the template it runs, which others would not see otherwise."""
    with desk.store.writing() as session:
        template = session.get_one(templates.Template, its.template)
        template.shared = True
        session.add(template)
    return sharing.share(desk, "schedule", its.schedule)


def _fetch_something_else(desk: Desk, its: Things) -> object:
    """Of the server for which whoever connected it gave a password, which is kept."""
    where = {"host": "db.example.org", "database": "d", "user": "u", "query": "select 1"}
    with desk.store.writing() as session:
        owner = session.get_one(datasets.Dataset, its.dataset).owner_id
        parts = {"workspace_id": desk.workspace_id, "owner_id": owner, "secrets": {"password": "sealed"}}
        options = fetching.get("postgresql").model.model_validate(where).model_dump(mode="json")
        session.add(Feed(dataset_id=its.dataset, method="postgresql", options=options, **parts))
    return feeds.connect(desk, its.dataset, "postgresql", where | {"query": "select 2"})


def _check(desk: Desk) -> object:
    return checks.check(desk, uploads.store(desk, "theirs.csv", b"name,n\nAnn,1\n", use="exports.check").id)


TRIED: dict[str, Tried] = {
    "data.see": Tried(lambda desk, its, place: datasets.get(desk, its.dataset), "dataset"),
    "data.add": Tried(lambda desk, its, place: uploads.begin(desk, "new.csv", 10)),
    "data.change": Tried(lambda desk, its, place: datasets.rename(desk, its.dataset, "Other"), "dataset"),
    "data.delete": Tried(lambda desk, its, place: datasets.move_to_bin(desk, its.dataset), "dataset"),
    "data.share": Tried(lambda desk, its, place: sharing.share(desk, "dataset", its.dataset), "dataset"),
    "data.feed": Tried(
        lambda desk, its, place: feeds.connect(desk, its.dataset, "web", {"url": "https://example.org/a.csv"}),
        "dataset",
    ),
    "data.secrets": Tried(lambda desk, its, place: _fetch_something_else(desk, its), "dataset"),
    "exports.see": Tried(lambda desk, its, place: exports.get(desk, its.export), "export"),
    "exports.check": Tried(lambda desk, its, place: _check(desk)),
    "exports.run": Tried(lambda desk, its, place: exports.start(desk, spec(its.dataset)), "dataset"),
    "exports.change": Tried(lambda desk, its, place: projects.put(desk, "export", its.export, None), "export"),
    "exports.stop": Tried(lambda desk, its, place: exports.cancel(desk, its.export), "export"),
    "exports.delete": Tried(lambda desk, its, place: exports.delete(desk, its.export), "export"),
    "exports.share": Tried(lambda desk, its, place: sharing.share(desk, "export", its.export), "export"),
    "exports.deliver": Tried(lambda desk, its, place: deliveries.send(desk, its.export, its.destination), "export"),
    "exports.link": Tried(lambda desk, its, place: links.make(desk, its.export, hours=24), "export"),
    "templates.see": Tried(lambda desk, its, place: templates.get(desk, its.template), "template"),
    "templates.pin": Tried(lambda desk, its, place: templates.pin(desk, its.template), "template"),
    "templates.save": Tried(lambda desk, its, place: templates.save(desk, "New", "", spec(its.dataset)), "dataset"),
    "templates.change": Tried(lambda desk, its, place: templates.update(desk, its.template, name="Other"), "template"),
    "templates.delete": Tried(lambda desk, its, place: templates.delete(desk, its.template), "template"),
    "templates.share": Tried(
        lambda desk, its, place: sharing.share(desk, "template", its.template, with_data=True), "template"
    ),
    "schedules.see": Tried(lambda desk, its, place: schedules.get(desk, its.schedule), "schedule"),
    "schedules.change": Tried(lambda desk, its, place: schedules.update(desk, its.schedule, name="Other"), "schedule"),
    "schedules.run": Tried(lambda desk, its, place: schedules.pause(desk, its.schedule), "schedule"),
    "schedules.delete": Tried(lambda desk, its, place: schedules.delete(desk, its.schedule), "schedule"),
    "schedules.share": Tried(lambda desk, its, place: _share_schedule(desk, its), "schedule"),
    "destinations.see": Tried(lambda desk, its, place: destinations.get(desk, its.destination), "destination"),
    "destinations.change": Tried(
        lambda desk, its, place: destinations.change(desk, its.destination, name="Other"), "destination"
    ),
    "destinations.delete": Tried(lambda desk, its, place: destinations.delete(desk, its.destination), "destination"),
    "destinations.share": Tried(
        lambda desk, its, place: sharing.share(desk, "destination", its.destination), "destination"
    ),
    "sets.see": Tried(lambda desk, its, place: saved_sets.get(desk, its.saved), "set"),
    "sets.change": Tried(lambda desk, its, place: saved_sets.update(desk, its.saved, name="Other"), "set"),
    "sets.delete": Tried(lambda desk, its, place: saved_sets.delete(desk, its.saved), "set"),
    "sets.share": Tried(lambda desk, its, place: sharing.share(desk, "set", its.saved), "set"),
    "projects.see": Tried(lambda desk, its, place: projects.list(desk)),
    "projects.change": Tried(lambda desk, its, place: projects.make(desk, "Spring")),
    "tokens.make": Tried(lambda desk, its, place: tokens.create(desk, "Reports", ["*"])),
    "tokens.manage": Tried(lambda desk, its, place: tokens.revoke(desk, place.token), otherwise="not found"),
    "members.see": Tried(lambda desk, its, place: members.list(desk)),
    "members.manage": Tried(lambda desk, its, place: members.change_role(desk, place.budi, Role.VIEWER)),
    "members.owners": Tried(lambda desk, its, place: members.change_role(desk, place.budi, Role.OWNER)),
    "members.hand_over": Tried(lambda desk, its, place: members.hand_over(desk, place.budi, place.desk.account_id)),
    "workspace.change": Tried(lambda desk, its, place: workspaces.change(desk, name="Elsewhere")),
    "exports.keep": Tried(lambda desk, its, place: retention.keep(desk, its.export), "export"),
    "workspace.storage": Tried(lambda desk, its, place: space.things(desk)),
    "workspace.backup": Tried(lambda desk, its, place: backups.list(desk)),
    "workspace.leave": Tried(lambda desk, its, place: members.leave(desk, place.desk.account_id)),
    "insights.see": Tried(lambda desk, its, place: stats.insights(desk)),
    "audit.see": Tried(lambda desk, its, place: audit.list(desk)),
}


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except Forbidden:
        return "refused"
    except NotFound:
        return "not found"
    return "done"


def reaches(role: Role, least: Role | None) -> bool:
    return least is not None and roles.LADDER.index(role) >= roles.LADDER.index(least)


@pytest.mark.parametrize("use", roles.USE_CASES)
@pytest.mark.parametrize("role", roles.LADDER)
def test_each_role_may_do_what_the_table_says_and_nothing_else(place: Place, role: Role, use: str) -> None:
    tried, case = TRIED[use], roles.USE_CASES[use]
    desk = place.desk.acting_as(place.desk.workspace_id, place.people[role])
    mine = "done" if reaches(role, case.least) else tried.otherwise
    theirs = "done" if reaches(role, case.others or case.least) else tried.otherwise
    of_budi = outcome(lambda: tried.call(desk, place.shared, place)) if tried.of else mine
    hidden = outcome(lambda: tried.call(desk, place.private, place)) if tried.of else "not found"
    of_ones_own = outcome(lambda: tried.call(desk, place.own[role], place))
    assert of_ones_own == mine
    assert of_budi == (theirs if tried.of else mine)
    # who may do it at all is told that there is no such thing; who may not, nothing of the thing either
    assert hidden == "not found" or (hidden == "refused" and mine == "refused")


def test_every_use_case_is_tried() -> None:
    assert set(TRIED) == set(roles.USE_CASES)


@pytest.mark.parametrize(
    "use",
    [use for use, tried in TRIED.items() if tried.otherwise == "refused" and roles.USE_CASES[use].least != Role.VIEWER],
)
def test_a_refusal_says_whom_to_ask_and_is_in_the_audit_log(place: Place, use: str) -> None:
    viewer = place.desk.acting_as(place.desk.workspace_id, place.people[Role.VIEWER])
    with pytest.raises(Forbidden) as refused:
        TRIED[use].call(viewer, place.own[Role.VIEWER], place)
    assert "you are a viewer" in refused.value.message
    assert refused.value.next_step.startswith("Ask ")
    entries, _ = audit.list(place.desk, refused=True)
    assert (entries[0].account_id, entries[0].details["use"]) == (viewer.account_id, refused.value.field)


def test_what_one_may_not_do_is_explained_before_it_is_tried(place: Place) -> None:
    editor = place.desk.acting_as(place.desk.workspace_id, place.people[Role.EDITOR])
    shared = datasets.get(editor, place.shared.dataset)
    own = datasets.get(editor, place.own[Role.EDITOR].dataset)
    assert roles.blocked(editor, "data.delete", own) == ""
    assert roles.blocked(editor, "data.delete", shared).startswith(
        "Only the owner of this, or an administrator may delete and restore datasets. Ask Admin"
    )
    assert roles.blocked(editor, "audit.see").startswith("Only an admin or owner may read the audit log.")


def test_nobody_is_told_to_ask_themselves_or_somebody_who_may_not_either(place: Place) -> None:
    admin = place.desk.acting_as(place.desk.workspace_id, place.people[Role.ADMIN])
    assert roles.whom_to_ask(admin, "members.owners") == "Ask Owner or Owner."
    assert "Admin" not in roles.whom_to_ask(admin)


def test_the_page_about_roles_is_current() -> None:
    """After a change: `python -m core.access.roles_page`."""
    assert PAGE.read_text(encoding="utf-8") == page()


# ---------------------------------------------------------------- every function that changes something asks

# What people do to nobody's things but their own, or before they are anybody here.
UNASKED = {
    "access.accounts": "one's own name, password and looks",
    "access.sign_in": "proves who somebody is",
    "access.setup": "makes the first owner, by the code in the log",
    "access.recovery": "a new password of one's own, by a link",
    "access.oidc": "proves who somebody is",
    "drafts": "one's own unfinished exports",
    "preview_sessions": "keeps nothing",
    "access.limits": "counts",
    "access.tries": "counts",
    "audit": "notes what others do",
    "audit_file.make": "asks who may read the log; all it writes is that somebody took it along",
    "keeping.housekeeping": "the desk's own work",
    "health": "asks whether the store answers",
    "access.installation": "asks for an administrator of the installation",
    "file_passwords": "one's own, sealed",
    "keeping.bin.purge": "the desk's own work",
    "datasets.cancel": "one's own reading of a file",
    "exports.downloaded": "notes what others do",
    "notifying.notices": "what one was told oneself",
    "keeping.retention.sweep": "the desk's own work",
    "keeping.retention.settle_earlier": "the desk's own work",
    "keeping.retention.settle": "the desk's own work",
    "backup.backups.open": "whoever holds the path, which asks again",
    "backup.backups.fetched": "notes what others do",
    "notifying.scan.scan": "the desk's own work",
    "notifying.ways": "what one was told oneself",
    "status.tick": "the clock says that it runs",
    "checks.check": "one's own file, as a question",
    "matching.match_sample": "one's own sample, as a suggestion",
    "uploads.append": "one's own upload, which began with asking",
    "uploads.cancel": "one's own upload, which began with asking",
    "access.invitations.join": "whoever holds the link",
    "access.invitations.join_as": "whoever holds the link",
    "links.open": "whoever holds the link",
    "links.downloaded": "notes what others do",
    "access.tokens.authenticate": "whoever holds the token; what it then does asks",
    "access.tokens.revoke": "one's own at any time; those of others are not found without the role for it",
}


ROLES = "access.roles.require"
PARTS = ("cli", "delivery", "engine", "fetching", "work")  # below what is asked: commands, ways, the engine, jobs


def imported(tree: ast.Module) -> dict[str, str]:
    """What a module calls the parts of core it uses: {"template_files": "templating.files"}."""
    return {
        name.asname or name.name: f"{node.module}.{name.name}".removeprefix("core.")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("core")
        for name in node.names
    }


class Functions(ast.NodeVisitor):
    """Of one module of core: what its functions call, which write to the store, which ask the table.

    All are called as core sees them: "scheduling.schedules.create".
    """

    def __init__(self, module: str, tree: ast.Module) -> None:
        self.imported = imported(tree)
        self.calls: dict[str, set[str]] = {}
        self.writes: set[str] = set()
        self.asks: set[str] = set()
        self.public: set[str] = set()
        for node in tree.body:
            if isinstance(node, ast.FunctionDef):
                name = f"{module}.{node.name}"
                first = node.args.args[0].arg if node.args.args else ""
                if not node.name.startswith("_") and first == "desk":
                    self.public.add(name)
                self.calls[name] = set()
                for call in (n for n in ast.walk(node) if isinstance(n, ast.Call)):
                    self._note(module, name, call)

    def _note(self, module: str, name: str, call: ast.Call) -> None:
        written = ast.unparse(call.func)
        first, dot, rest = written.partition(".")
        if first in self.imported:
            written = f"{self.imported[first]}{dot}{rest}"
        if written.endswith("store.writing"):
            self.writes.add(name)
        seeing = written == ROLES and ast.unparse(call.args[1]).strip("'").endswith(".see")
        if written in (ROLES, "access.installation.require") and not seeing:
            self.asks.add(name)
        self.calls[name].add(written if "." in written else f"{module}.{written}")


def reaching(start: set[str], calls: dict[str, set[str]]) -> set[str]:
    """`start` and every function that calls one of them, at any distance."""
    found = set(start)
    while more := {name for name, called in calls.items() if called & found} - found:
        found |= more
    return found


def test_every_function_of_core_that_changes_something_asks_the_table() -> None:
    calls: dict[str, set[str]] = {}
    writes, asks, public = set[str](), set[str](), set[str]()
    for path in sorted(p for p in CORE.rglob("*.py") if p.relative_to(CORE).parts[0] not in PARTS):
        found = Functions(
            ".".join(path.relative_to(CORE).with_suffix("").parts), ast.parse(path.read_text(encoding="utf-8"))
        )
        calls |= found.calls
        writes, asks, public = writes | found.writes, asks | found.asks, public | found.public
    own = {name for name in calls if name in UNASKED or name.rpartition(".")[0] in UNASKED}
    silent = (public & reaching(writes - own, calls)) - reaching(asks, calls) - own
    assert not silent, f"these change something and ask nobody: {', '.join(sorted(silent))}"
    assert {"datasets.rename", "sharing.share", "access.members.remove"} <= asks  # the search finds what there is
