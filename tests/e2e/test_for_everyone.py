"""Every screen, and what opens on it, as axe sees it: light and dark, on a desktop and on a phone; and nothing sticks out.

The pages of the door, before one is signed in, are audited where they are visited: test_sign_in.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from core.desk import Desk
from pages import routes
from tests import people
from tests.e2e import everyone, steps
from tests.e2e.conftest import Server, watched
from tests.e2e.used_desk import READY_SECONDS, Content, furnish

NAVIGATION = Path(routes.__file__).with_name("navigation.py")
Look = Literal["light", "dark"]
# Each look and each width once: the colours do not depend on the width, nor what there is on the colours.
LOOKS: tuple[tuple[Look, int], ...] = (("light", steps.WIDE), ("dark", steps.PHONE))


def pages() -> dict[str, str]:
    """File and address of every page there is: {"home.py": "/", "data/data.py": "/data"}."""
    found = {}
    for call in ast.walk(ast.parse(NAVIGATION.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.Page":
            given = {k.arg: k.value for k in call.keywords}
            name = str(getattr(routes, ast.unparse(call.args[0]).removeprefix("routes.")))
            found[name] = "/" + (ast.literal_eval(given["url_path"]) if "url_path" in given else "")
    return found


Opener = Callable[[Page, Content], None]
# What a page shows when its address says more, as (page, query); {…} are of Content.
FURTHER = (
    ("builder/builder.py", "?template={template}"),
    ("exports/my_exports.py", "?job={export}"),
    ("exports/my_exports.py", "?job={refused}"),
    ("data/data.py", "?adding=yes"),
    ("data/data.py", "?dataset={dataset}"),
    ("data/data.py", "?dataset=nothing"),
    ("data/data.py", "?uploads={upload}"),
    ("projects.py", "?project={project}"),
    ("templates/templates.py", "?run={template}"),
    ("schedules/schedules.py", "?schedule={schedule}"),
    ("schedules/schedules.py", "?template={template}"),
    ("check_file.py", "?check={check}"),
    *(("settings/settings.py", f"?section={name}") for name in ("Limits", "Retention", "Storage", "Access")),
)
VIEWS = [*pages().values(), *(pages()[name] + query for name, query in FURTHER)]
TOLD = {
    "?dataset=nothing": "There is no dataset",
    "?job={refused}": "at most 2 are allowed",
}  # and nothing else, anywhere


@pytest.fixture(scope="module")
def content(ana: Desk) -> Content:
    return furnish(ana)


@pytest.fixture(scope="module")
def page(browser: Browser, served: Server, ana: Desk) -> Iterator[Page]:
    """One browser for all: what is told of it is looked at when the last page was seen."""
    with watched(browser, served, ["404 (Not Found)"]) as context:
        held = people.cookie(ana, people.OWNER)
        context.add_cookies([{"name": n, "value": v, "url": served.url, "httpOnly": True} for n, v in held.items()])
        yield context.new_page()


def visit(page: Page, path: str) -> None:
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": steps.WIDE, "height": 900})
    steps.visit(page, path)


def look_at(page: Page, looks: Sequence[tuple[Look, int]] = LOOKS) -> list[str]:
    """The page as it is now, in these looks at these widths: what axe and a phone's edge hold against it."""
    found = []
    for look, width in looks:
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        steps.settled(page)
        found += [f"{look}, {width} px: {line}" for line in everyone.audit(page)]
        if width == steps.PHONE:
            found += [f"outside of a phone: {line}" for line in everyone.sticks_out(page)]
    return found + [f"a link that nobody wrote: {line}" for line in everyone.made_links(page)]


def test_every_page_of_the_navigation_is_looked_at():
    there = pages()
    assert set(there) == {
        value for name, value in vars(routes).items() if name.isupper() and str(value).endswith(".py")
    }
    assert len(set(there.values())) == len(there)


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_for_everyone(page: Page, content: Content, view: str) -> None:
    visit(page, view.format(**vars(content)))
    right = next((words for query, words in TOLD.items() if view.endswith(query)), "")
    for told in page.get_by_test_id("stAlertContentError").or_(page.get_by_test_id("stException")).all():
        assert right, told.inner_text()
        assert right in told.inner_text()
    everyone.unfold(page)
    found = look_at(page)
    steps.photograph(page, "page" + re.sub(r"\W+", "-", view))
    assert not found, "\n".join(found)


def of_list(address: str, name: str, action: str) -> Opener:
    """What an action of the ⋯ of something in a list opens."""

    def opened(page: Page, content: Content) -> None:
        visit(page, address)
        steps.choose(page, steps.item(page, name), action)

    return opened


def behind(address: str, name: str) -> Opener:
    """What a button of a page opens."""

    def opened(page: Page, content: Content) -> None:
        visit(page, address.format(**vars(content)))
        steps.press(page, name)

    return opened


def new_token(page: Page, content: Content) -> None:
    behind("/tokens", "New token")(page, content)
    page.get_by_role("dialog").get_by_text("Only what I choose").click()
    steps.settled(page)


def save_as_template(page: Page, content: Content) -> None:
    visit(page, f"/my-exports?job={content.export}")
    steps.choose(page, page.locator(".st-key-page_header_actions"), "Save as template")


def of_template(action: str) -> Opener:
    """What an action of the template's ⋯ opens."""

    def opened(page: Page, content: Content) -> None:
        visit(page, "/templates")
        tile = page.locator("[class*='st-key-card_template_']").filter(has_text="Visitors from afar")
        steps.choose(page, tile, action)

    return opened


DIALOGS: dict[str, Opener] = {
    "share": of_template("Sharing and project"),
    "name and tags": of_template("Name and tags"),
    "versions of a template": of_template("Version history"),
    "a template from a file": behind("/templates", "Add from a file"),
    "saved filters": behind("/new-export?template={template}", "Saved filters"),
    "saved columns": behind("/new-export?template={template}", "Saved columns"),
    "new destination": behind("/destinations", "New destination"),
    "several datasets": behind("/data", "Export several"),
    "data from elsewhere": behind("/data?dataset={dataset}", "Fetch it from elsewhere"),
    "copy a link": behind("/my-exports?job={export}", "Copy link"),
    "another format": behind("/my-exports?job={export}", "Another format"),
    "password of a link": behind("/my-exports?job={export}", "Set a password"),
    "revoke a link": behind("/my-exports?job={export}", "Revoke"),
    "delete a dataset that is used": of_list("/data", "Visitors", "Delete"),
    "replace a file": of_list("/data", "Visitors", "Replace file"),
    "save as template": save_as_template,
    "add a dataset": behind("/new-export?dataset={dataset}", "Add another dataset"),
    "match a sample": behind("/new-export?dataset={dataset}", "Match a sample file"),
    "new token": new_token,
    "revoke a token": behind("/tokens", "Revoke"),
    "invite": behind("/people", "Invite"),
    "remove somebody": of_list("/people", "budi@example.org", "Remove from this workspace"),
    "new address": of_list("/accounts", "budi@example.org", "Change the e-mail"),
    "new project": behind("/all-projects", "New project"),
    "tour": behind("/", "Take the tour"),
}


@pytest.mark.parametrize("opened", DIALOGS.values(), ids=DIALOGS)
def test_a_dialog_is_for_everyone(page: Page, content: Content, opened: Opener, request: pytest.FixtureRequest) -> None:
    opened(page, content)
    expect(page.get_by_role("dialog")).to_be_visible()
    found = look_at(page)
    steps.photograph_dialog(page, "dialog-" + request.node.callspec.id.replace(" ", "-"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not found, "\n".join(found)


def values(page: Page, content: Content) -> None:
    """The list of a filter's values."""
    visit(page, f"/new-export?template={content.template}")
    page.get_by_role("button", name="country is any of", exact=True).click()
    expect(page.get_by_role("option", name=re.compile("^Indonesia"))).to_have_count(1)


def ready(page: Page, content: Content) -> None:
    """A run that has just ended, in the builder."""
    behind("/new-export?template={template}", "Run export")(page, content)
    expect(page.get_by_text(re.compile("^Ready: "))).to_be_visible(timeout=READY_SECONDS * 1000)
    everyone.unfold(page)


def file_of(format: str) -> Opener:
    """The file itself, before it is made."""

    def opened(page: Page, content: Content) -> None:
        visit(page, f"/new-export?template={content.template}")
        page.get_by_role("radio", name=format, exact=True).click()
        steps.settled(page)
        page.get_by_role("radio", name="File", exact=True).click()
        steps.settled(page)
        expect(page.get_by_role("region", name="The file itself")).to_contain_text("Visitor")

    return opened


def role(page: Page, content: Content) -> None:
    """The roles somebody can have."""
    visit(page, "/people")
    steps.item(page, "budi@example.org").get_by_role("combobox").click()
    expect(page.get_by_role("option", name="Viewer")).to_be_visible()


def more(page: Page, content: Content) -> None:
    """What can be done with something in a list."""
    visit(page, "/data")
    steps.button(steps.item(page, "Visitors"), "More").click()
    expect(page.get_by_text("Replace file")).to_be_visible()


def explanation(page: Page, content: Content) -> None:
    """The two sentences beside a word."""
    visit(page, "/workspace")
    page.get_by_test_id("stMain").get_by_role("heading", level=1).get_by_test_id("stTooltipIcon").hover()
    expect(page.get_by_role("tooltip")).to_contain_text("room of one group of people")


def sidebar(page: Page, phone: bool) -> None:
    visit(page, "/")
    if phone:
        page.set_viewport_size({"width": steps.PHONE, "height": 900})
        steps.settled(page)
        page.get_by_test_id("stExpandSidebarButton").click()


def switcher(page: Page, phone: bool) -> None:
    """The workspaces there are."""
    sidebar(page, phone)
    steps.button(page, "Team").click()
    expect(page.get_by_text("New workspace")).to_be_visible()


def name_menu(page: Page, phone: bool) -> None:
    """My account, and the way out."""
    sidebar(page, phone)
    steps.button(page, "Ana").click()
    expect(page.get_by_role("button", name="Sign out", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "opened",
    [values, ready, file_of("Excel"), file_of("CSV"), role, more, explanation],
    ids=["values", "ready", "sheets", "text", "role", "more", "explanation"],
)
def test_what_opens_on_a_page_is_for_everyone(page: Page, content: Content, opened: Opener) -> None:
    opened(page, content)
    found = look_at(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("look", LOOKS, ids=["desktop", "phone"])
@pytest.mark.parametrize("opened", [switcher, name_menu])
def test_a_menu_of_the_sidebar_is_for_everyone(
    page: Page, content: Content, opened: Callable[[Page, bool], None], look: tuple[Look, int]
) -> None:
    opened(page, look[1] == steps.PHONE)
    found = look_at(page, [look])
    assert not found, "\n".join(found)


def test_a_planted_mistake_is_noticed(page: Page) -> None:
    visit(page, "/")
    page.evaluate(
        """document.querySelector('[data-testid=stMainBlockContainer]').insertAdjacentHTML('afterbegin',
        '<p style="color: #bbb; background: #fff">Faint</p><button style="margin-left: 2000px"></button>' +
        '<p data-testid="stMarkdownContainer"><a href="http://www.example.org">www.example.org</a></p>')"""
    )
    found = "\n".join(look_at(page))
    for mistake in ("color-contrast", "button-name", "outside of a phone", "a link that nobody wrote"):
        assert mistake in found
