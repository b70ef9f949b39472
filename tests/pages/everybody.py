"""One workspace in which Citra shares some things and keeps others, seen by one person of each role, and a second workspace.

`World.look` opens a screen as somebody, in a browser session of its own, and gives back all that Streamlit was told to
draw. Whatever is private bears a word that stands nowhere else, so that one search through a whole screen finds it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core import datasets, drafts, exports, projects, sharing, uploads
from core.access import sign_in, tokens
from core.desk import Caller, Desk, open_desk
from core.scheduling import schedules
from core.settings import Settings
from core.templating import templates
from pages.builder.draft import ExportDraft
from pages.components import layout
from storage import accounts, jobs
from storage import workspaces as workspaces_rows
from storage.tables import Role
from tests.things import Things, add_person, make_things, spec

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"
ROLES = (Role.VIEWER, Role.EDITOR, Role.ADMIN, Role.OWNER)
# names, a column's name and a value: of what Citra keeps to herself, of what she shares, of the other workspace
PRIVATE, SHARED, ELSEWHERE = (
    ("Zebrafish", "quokka", "axolotl"),
    ("Heron", "finch", "robin"),
    ("Narwhal", "orca", "krill"),
)
LOCK = ":material/lock:"


@dataclass(frozen=True)
class Control:
    """A button, a field or an entry of a menu ("More: Rename"). `reason`: the help of one that is disabled."""

    label: str
    key: str
    locked: bool
    reason: str
    acts: bool  # a button or an entry of a menu, not a field


@dataclass(frozen=True)
class Screen:
    """What was drawn for somebody."""

    everything: str  # every message to the browser, as text, without the signs of Markdown
    controls: tuple[Control, ...]
    problems: tuple[str, ...]  # what went wrong, in boxes
    address: dict[str, list[str]]  # its query parameters afterwards

    @property
    def locked(self) -> set[str]:
        """The labels of what cannot be pressed or changed."""
        return {control.label for control in self.controls if control.locked}

    def names(self, words: tuple[str, ...]) -> list[str]:
        """Which of these words stand anywhere on it, without case."""
        return [word for word in words if word.lower() in self.everything.lower()]


@dataclass(frozen=True)
class Kept:
    """What somebody made: ids."""

    desk: Desk  # of whoever made it
    name: str  # begins all their names
    things: Things
    deleted: Things  # in the bin
    failed: str  # an export that did not work
    draft: str
    upload: str
    shared: bool
    waiting: str = ""  # an export in the queue


@dataclass
class World:
    ana: Desk  # who began: owner of the workspace, administrator of the installation
    citra: Desk  # whose things all are
    people: dict[Role, Desk]
    stranger: Desk  # owner of the other workspace
    shared: Kept
    private: Kept
    elsewhere: Kept  # the stranger's, shared there
    project: str
    other_project: str  # of the other workspace
    secrets: dict[tuple[str, str], str] = field(default_factory=dict)
    registered: Any = None  # the pages as Streamlit knows them once the navigation ran: the same for everybody

    def browser(self, person: Desk, patch: pytest.MonkeyPatch) -> None:
        """From now on pages are opened in a browser in which that person is signed in."""
        patch.setenv("DESK_DATA_DIR", str(person.settings.data_dir))
        patch.setenv("DESK_SIGN_IN", "required")
        whose = (person.workspace_id, person.account_id)
        if whose not in self.secrets:
            self.secrets[whose] = signed_in(person)
        Browser({sign_in.COOKIE: self.secrets[whose]}).comes(patch)

    def open(self, script: str, /, **query: str) -> AppTest:
        """A page in the browser at hand, after its first run."""
        if self.registered is None:
            self.registered = AppTest.from_file(str(NAVIGATION), default_timeout=30).run()._registered_pages
        app = AppTest.from_file(str(NAVIGATION), default_timeout=30)
        app._registered_pages = self.registered
        for name, value in query.items():
            app.query_params[name] = value
        return app.switch_page(script).run()

    def look(self, person: Desk, script: str, /, **query: str) -> Screen:
        """What that person sees there. Fails where the page did."""
        with pytest.MonkeyPatch.context() as patch:
            self.browser(person, patch)
            return screen(self.open(script, **query))


@dataclass(frozen=True)
class Browser:
    """What Streamlit knows of a browser. AppTest has none, so it is given in its place."""

    cookies: dict[str, str]
    headers: tuple[tuple[str, str], ...] = ()
    remote_ip: str = "127.0.0.1"

    def comes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """From now on every page is opened in it."""
        monkeypatch.setattr("streamlit.runtime.context._get_client_context", lambda: self)


def signed_in(person: Desk) -> str:
    """The secret of a new sign-in of theirs, in the workspace of that Desk."""
    with person.store.writing() as session:
        account = accounts.account(session, person.account_id)
        assert account is not None
        account.workspace_id = person.workspace_id  # where signing in lands them
        session.add(account)
        return sign_in.start(person, session, account, Caller())


def screen(app: AppTest) -> Screen:
    """What the app drew. Fails where it raised something."""
    assert not app.exception, app.exception[0].value
    drawn = [*_protos(app._tree)]
    controls = tuple(control for proto in drawn for control in _controls(proto))
    address = {n: v if isinstance(v, list) else [v] for n, v in app.query_params.items()}
    problems = tuple(plainly(problem.value) for problem in app.error)
    return Screen(plainly("\n".join(map(str, drawn))), controls, problems, address)


def plainly(text: str) -> str:
    """As people read it: without the signs of Markdown and what keeps them from being read as such."""
    return re.sub(r"(?<!\\)\*|\\", "", text).replace(layout.NOTHING, "")


def _protos(node: Any) -> Iterator[Any]:
    if (proto := getattr(node, "proto", None)) is not None:
        yield proto
    for child in getattr(node, "children", {}).values():
        yield from _protos(child)


def _controls(proto: Any) -> Iterator[Control]:
    if not hasattr(proto, "label") or not hasattr(proto, "disabled"):
        return
    label, key, reason = plainly(proto.label).strip(), getattr(proto, "id", "").split("-", 2)[-1], plainly(proto.help)
    kind = type(proto).__name__
    yield Control(label, key, proto.disabled, reason, kind in ("Button", "LinkButton", "MenuButton"))
    if kind == "MenuButton" and not key.startswith("workspace_menu"):
        for entry in proto.options:
            words = re.sub(r"^:material/\w+: ", "", plainly(entry))
            yield Control(f"{label}: {words}", key, proto.disabled or entry.startswith(LOCK), reason, True)


def build(settings: Settings) -> World:
    """The two workspaces. What waits is put into the queue last: until then whatever is in it runs."""
    desk = open_desk(settings)
    with desk.store.writing() as session:
        workspace, account = workspaces_rows.create(session, "Narwhal office", "UTC", "Narwhal owner")
        account.administrator = False  # of the installation; Ana is
        session.add(account)
    stranger = desk.acting_as(workspace.id, account.id, Caller())
    citra = add_person(desk, "Citra", Role.EDITOR)
    people = {role: add_person(desk, f"One {role}", role) for role in ROLES}
    made = [_make(citra, SHARED, True), _make(citra, PRIVATE, False), _make(stranger, ELSEWHERE, True)]
    shared, private, elsewhere = (replace(one, waiting=_wait(one)) for one in made)
    project, other = projects.make(citra, "Spring"), projects.make(stranger, "Narwhal project")
    for of in (shared, private):
        for kind in ("dataset", "export", "template"):
            projects.put(citra, kind, getattr(of.things, kind), project.id)
    for person in (citra, *people.values()):
        templates.pin(person, shared.things.template)
    templates.pin(citra, private.things.template)
    tokens.create(citra, "Robot of Citra", ["*"])
    return World(desk, citra, people, stranger, shared, private, elsewhere, project.id, other.id)


def _make(desk: Desk, words: tuple[str, ...], shared: bool) -> Kept:
    """One of each kind that bears these words. What is never shared (a draft, a file that just arrived) bears them too."""
    name, column, value = words
    csv = f"{column},n\n{value},1\n{value},2\n".encode()
    there, gone = (make_things(desk, called, shared=shared, csv=csv) for called in (name, f"{name} deleted"))
    templates.delete(desk, gone.template)
    schedules.delete(desk, gone.schedule)
    exports.delete(desk, gone.export)
    datasets.move_to_bin(desk, gone.dataset)
    failed = exports.start(desk, spec(there.dataset, f"{name} failed"))
    with desk.store.writing() as session:
        job = jobs.claim(session, "tests", 60)
        assert job is not None
        jobs.fail(session, jobs.Lease.of(job), {"message": f"{name} {value} did not fit."}, None)
    if shared:
        sharing.share(desk, "export", failed.id)
    draft = ExportDraft.new(there.dataset, datasets.table(desk, there.dataset))
    draft.name = f"{name} draft"
    drafts.keep(desk, draft.id, draft.dump())
    arrived = uploads.store(desk, f"{name} arrived.csv", csv)
    return Kept(desk, name, there, gone, failed.id, draft.id, arrived.id, shared=shared)


def _wait(kept: Kept) -> str:
    """The id of an export that stays in the queue: nobody runs jobs here any more."""
    job = exports.start(kept.desk, spec(kept.things.dataset, f"{kept.name} later"))
    if kept.shared:
        sharing.share(kept.desk, "export", job.id)
    return job.id
