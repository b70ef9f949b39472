"""Every page as each role, as a stranger from another workspace: what is there, what is not, what cannot be pressed and why.

The pages come from pages/navigation.py itself: a new one fails here until it has its line, and so does a new button.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from core import datasets
from core.access import members, roles
from storage.tables import Role
from tests.navigation import PAGES
from tests.pages.everybody import ELSEWHERE, PRIVATE, ROLES, SHARED, Screen, plainly

MENU_OF_EXPORT = {
    "More": "exports.run",
    "More: Run again": "exports.run",
    "More: Open in the builder": "exports.run",
    "More: Copy link": "exports.link",
    "More: Another format": "exports.run",
    "More: Save as template": "templates.save",
    "More: Schedule": "schedules.change",
    "More: Delete": "exports.delete",
}
OF_FINISHED = ("More: Copy link", "More: Another format")
MENU_OF_DATASET = {
    "More": "data.change",
    "More: Rename": "data.change",
    "More: Replace file": "data.change",
    "More: Delete": "data.delete",
}
MENU_OF_PROJECT = {"More": "projects.change", "More: Rename": "projects.change", "More: Archive": "projects.change"}
ACTIONS_OF_SCHEDULE = {
    "Run now": "schedules.run",
    "Pause": "schedules.run",
    "More: Change": "schedules.change",
    "More: Sharing and project": "schedules.share",
    "More: Delete": "schedules.delete",
}
BINNED = "data.delete templates.delete schedules.delete exports.delete"
WORKSPACE = (
    "Name", "Time zone", "Dates", "Numbers in files", "New exports begin as", "Only invite addresses at", "Also called",
    "Only mail files to addresses at", "Days the files of an export stay", "Save",
)  # fmt: skip
BUILDER = {"Add another dataset", "Change", "Add filter", "Add sort", "Saved filters", "Saved columns"}


@dataclass(frozen=True)
class Line:
    """What stands on a page for somebody who looks at what Citra shares.

    `shows`: for everybody; `shows_to`: words → the use case that lets one see them. `locked`: label → the use cases (of
    Citra's things) of which one must be allowed; `own`: the same of what is one's own. `free`: what everybody may press.
    `unready`: what nobody can press yet.
    """

    script: str
    query: str = ""  # "dataset": the id of that thing of Citra's
    shows: tuple[str, ...] = ()
    shows_to: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    own: dict[str, str] = field(default_factory=dict)
    free: frozenset[str] | set[str] = frozenset()
    unready: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.script} {self.query}".strip()


LINES = (
    Line(
        "home.py",
        shows=("Heron export", "Heron failed", "Heron later", "Heron template", "Heron schedule"),
        locked={
            "New export": "exports.run",
            "Run": "exports.run",
            "Try again": "exports.stop",
            "Cancel": "exports.stop",
            "Open in the builder": "exports.run",
            **MENU_OF_EXPORT,
        },
        free={"Unpin", "Download", "Details", "All exports", "Take the tour", "No, thanks", "Look at it"},
    ),
    Line(
        "builder/builder.py",
        shows=("Heron data",),
        shows_to={"Paste a table": "data.add"},
        free={"Use this", "Use this table", "Try it"},
    ),
    Line(
        "exports/my_exports.py",
        shows=("Heron export", "Heron failed", "Heron later", "by Citra"),
        locked={"Try again": "exports.stop", "Cancel": "exports.stop", **MENU_OF_EXPORT},
        free={"Download", "Details"},
    ),
    Line(
        "data/data.py",
        shows=("by Citra", "2 rows"),
        locked={
            "Add data": "data.add",
            "New export": "exports.run",
            **MENU_OF_DATASET,
        },
        free={"Heron data"},
    ),
    Line(
        "templates/templates.py",
        shows=("Heron template", "by Citra"),
        locked={
            "Run": "exports.run",
            "More: Run on a new file": "exports.run",
            "More: Edit": "exports.run",
            "More: Name and tags": "templates.change",
            "More: Duplicate": "templates.save",
            "More: Schedule": "schedules.change",
            "More: Sharing and project": "templates.change",
            "More: Delete": "templates.delete",
            "Add from a file": "templates.save",
        },
        free={"Unpin", "More", "More: Version history", "More: Save as a file"},
    ),
    Line("check_file.py", shows=("Check a file", "It is compared and then forgotten")),
    Line("insights.py", shows=("By format", "CSV"), free={"Heron export", "Download as CSV"}),
    Line(
        "schedules/schedules.py",
        shows=("Heron schedule", "Every day at 08:00", "by Citra"),
        locked={"New schedule": "schedules.change", **ACTIONS_OF_SCHEDULE},
        free={"Heron schedule", "More", "More: Its template"},
    ),
    Line(
        "schedules/schedules.py",
        "schedule",
        shows=("Heron schedule", "The next runs", "Heron template", "It has not run yet"),
        locked={"Seen by": "schedules.share", "Project of this": "schedules.change", **ACTIONS_OF_SCHEDULE},
        free={"Schedules", "More", "More: Its template"},
    ),
    Line(
        "projects.py",
        shows=("1 dataset · 1 export · 1 template",),
        locked={"New project": "projects.change", **MENU_OF_PROJECT},
        free={"Spring"},
    ),
    Line(
        "people/tokens.py",
        shows_to={"Robot of Citra": "tokens.manage"},
        locked={"New token": "tokens.make"},
        free={"What programs can do", "Revoke"},
    ),
    Line(
        "recently_deleted.py",
        shows=(
            "Heron deleted data",
            "Heron deleted template",
            "Heron deleted schedule",
            "Heron deleted export",
            "of Citra",
        ),
        locked={"Restore": BINNED, "Delete for good": BINNED},
    ),
    Line(
        "activity.py",
        shows=("Activity",),
        shows_to={"shared the export Heron later": "audit.see"},
        free={"Download as", "Download as: CSV", "Download as: Excel", "Download as: JSON"},
    ),
    Line(
        "settings/workspace_settings.py",
        locked=dict.fromkeys(WORKSPACE, "workspace.change") | {"Back up now": "workspace.backup"},
    ),
    Line(
        "settings/storage.py",
        shows_to={"Takes most": "workspace.storage", "Heron data": "workspace.storage"},
    ),
    Line(
        "destinations.py",
        shows=("Heron place", "by Citra", "E-mail"),
        locked={
            "Send a test file": "destinations.change",
            "More": "destinations.change destinations.delete",
            "More: Change": "destinations.change",
            "More: Sharing and project": "destinations.change",
            "More: Delete": "destinations.delete",
        },
        own={"New destination": "destinations.change"},
    ),
    Line("notices.py", shows=("Nothing to tell you yet",), free={"Choose what you are told"}),
    Line("settings/status.py", shows=("This is for administrators", "Ask Owner.")),
    Line("people/accounts.py", shows=("This is for administrators", "Ask Owner.")),
    Line("settings/settings.py", shows=("This is for administrators", "Ask Owner.")),
    Line(
        "people/account.py",
        shows=("Where you are signed in",),
        free={"Save", "Sign out"},
        unready={
            "E-mail": "You sign in with it. An administrator changes it.",
            "By e-mail": "This desk cannot send mail yet.",
            "Save the address": "Type another address to save it.",
            "Sign out everywhere else": "",
        },
    ),
    Line(
        "data/data.py",
        "dataset",
        shows=("Heron data", "2 rows", "finch"),
        locked={
            "New export from this": "exports.run",
            "Seen by": "data.share",
            "Project of this": "data.change",
            "Read again": "data.change",
            "Fetch it from elsewhere": "data.feed",
            **MENU_OF_DATASET,
        },
        free={"Data"},
        unready={"Read again": "Change a setting first."},
    ),
    Line(
        "exports/my_exports.py",
        "export",
        shows=("Heron export", "2 rows"),
        locked={
            "Copy link": "exports.link",
            "Keep": "exports.keep",
            "Run again": "exports.run",
            "Another format": "exports.run",
            "Schedule": "schedules.change",
            "Send to": "exports.deliver",
            "Send": "exports.deliver",
            "Seen by": "exports.share",
            "Project of this": "exports.change",
            **MENU_OF_EXPORT,
        },
        free={"My exports", "Download", "Download the receipt"},
        unready={"Send": "Choose a destination first."},
    ),
    Line(
        "exports/my_exports.py",
        "failed",
        shows=("Heron failed", "robin did not fit"),
        locked={
            "Try again": "exports.stop",
            "Open in the builder": "exports.run",
            "Seen by": "exports.share",
            "Project of this": "exports.change",
            **{label: use for label, use in MENU_OF_EXPORT.items() if label not in OF_FINISHED},
        },
        free={"My exports"},
    ),
    Line(
        "exports/my_exports.py",
        "waiting",
        shows=("Heron later",),
        locked={"Cancel": "exports.stop", "Seen by": "exports.share", "Project of this": "exports.change"},
        free={"My exports"},
    ),
    Line(
        "projects.py",
        "project",
        shows=("Spring", "1 dataset · 1 export · 1 template"),
        locked=MENU_OF_PROJECT,
        free={"Projects", "Heron data", "Heron export", "Heron template"},
    ),
    Line(
        "builder/builder.py",
        "template",
        shows=("Heron data", "2 rows", "finch"),
        locked={
            "Run export": "exports.run",
            "Match a sample file": "data.add",
            "Save as template": "templates.save",
            "Save as version 2": "templates.change",
        },
        free=BUILDER,
        unready={"Save as version 2": "Nothing was changed yet."},
    ),
)
PEOPLE = "people/people.py"  # depends on each person's role: a test of its own


@pytest.fixture(scope="module")
def seen(world):
    """`seen(role, line)`: what that role sees there, drawn once."""
    drawn: dict[tuple[str, str], Screen] = {}

    def look(role, line):
        if (role, str(line)) not in drawn:
            query = {NAMES.get(line.query, line.query): of(world, line.query)} if line.query else {}
            drawn[role, str(line)] = world.look(world.people[role], line.script, **query)
        return drawn[role, str(line)]

    return look


NAMES = {"export": "job", "failed": "job", "waiting": "job"}  # in addresses


def of(world, what):
    """The id of one of Citra's shared things."""
    if what == "project":
        return world.project
    return getattr(world.shared if what in ("failed", "waiting") else world.shared.things, what)


def test_every_page_has_its_line():
    assert {page.script for page in PAGES} == {line.script for line in LINES} | {PEOPLE}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_a_page_shows_what_is_shared_and_nothing_of_what_is_not(world, seen, role, line):
    screen = seen(role, line)
    assert screen.names(PRIVATE + ELSEWHERE) == []
    for words in line.shows:
        assert words in screen.everything, words
    for words, use in line.shows_to.items():
        assert (words in screen.everything) == roles.may(world.people[role], use), words


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("line", LINES, ids=str)
def test_what_a_role_may_not_do_cannot_be_pressed_and_says_why(world, seen, role, line):
    person, screen = world.people[role], seen(role, line)
    theirs = datasets.get(world.citra, world.shared.things.dataset)
    locked = {
        label: {roles.blocked(person, use, theirs) for use in uses.split()}
        for label, uses in line.locked.items()
        if not all(roles.may(person, use, theirs) for use in uses.split())
    } | {label: {roles.blocked(person, use)} for label, use in line.own.items() if not roles.may(person, use)}
    assert screen.locked == locked.keys() | line.unready.keys()
    for control in screen.controls:
        if control.locked and not control.label.startswith("More: "):  # what a menu says: the test below
            reasons = locked.get(control.label) or {line.unready[control.label]}
            assert any(reason in control.reason or reason in screen.everything for reason in reasons), control


@pytest.mark.parametrize("line", LINES, ids=str)
def test_everything_that_can_be_pressed_has_its_line(seen, line):
    acts = {c.label for role in ROLES for c in seen(role, line).controls if c.acts}
    assert (
        acts
        - line.locked.keys()
        - line.own.keys()
        - line.free
        - line.unready.keys()
        - {"My account", "My account: Sign out"}
        == set()
    )


def test_people_shows_everybody_and_lets_each_role_change_whom_it_may(world):
    for role, person in world.people.items():
        screen = world.look(person, PEOPLE)
        assert screen.names(PRIVATE + SHARED + ELSEWHERE) == []
        there = {one.account_id: one for one in members.list(person)}
        assert all(one.name in screen.everything for one in there.values())
        for one in there.values():
            use = "members.owners" if one.role == Role.OWNER else "members.manage"
            menu = next(c for c in screen.controls if c.key == f"more_{one.account_id}")
            assert menu.locked == (not one.me and not roles.may(person, use)), (role, one)
            chosen = next(c for c in screen.controls if c.label == f"Role of {one.name}")
            assert chosen.locked == (one.me or not roles.may(person, use)), (role, one)
            assert bool(chosen.reason) == chosen.locked
        assert ("Invite" in screen.locked) == (not roles.may(person, "members.manage"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.script)
def test_a_stranger_from_another_workspace_sees_nothing_of_this_one(world, page):
    screen = world.look(world.stranger, page.script)
    assert screen.names((*PRIVATE, *SHARED, "Citra", "My workspace", "Spring", "@example.org")) == []


def test_the_owner_of_what_is_private_sees_all_of_it(world):
    """Or else the words that are searched for above could not be found at all."""
    kept = world.private
    for script, query in (
        ("data/data.py", {"dataset": kept.things.dataset}),
        ("builder/builder.py", {"template": kept.things.template}),
    ):
        screen = world.look(world.citra, script, **query)
        assert screen.names(PRIVATE) == [*PRIVATE]
    assert "Zebrafish deleted data" in world.look(world.citra, "recently_deleted.py").everything
    assert "Zebrafish failed" in world.look(world.citra, "home.py").everything
    assert "2 datasets · 2 exports · 2 templates" in world.look(world.citra, "projects.py").everything


def test_what_a_menu_shows_with_a_lock_says_why_when_it_is_chosen_and_does_nothing(world):
    editor, dataset = world.people[Role.EDITOR], world.shared.things.dataset
    with pytest.MonkeyPatch.context() as patch:
        world.browser(editor, patch)
        app = world.open("data/data.py", dataset=dataset)
        next(b for b in app.get("menu_button") if dataset in b.proto.id).set_value("Delete").run()
        said = plainly(app.toast[0].value)
    assert said == roles.blocked(editor, "data.delete", datasets.get(editor, dataset))
    assert datasets.get(editor, dataset).deleted_at is None
