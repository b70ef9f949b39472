"""Every screen, as axe sees it: light and dark, on a desktop and on a phone; and nothing sticks out of the phone."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core import bin as recycle
from core import datasets, exports, invitations, projects, templates, tokens, uploads
from core.desk import Desk
from core.engine.spec import ExportSpec
from pages import routes
from storage.tables import Role
from tests import people
from tests.e2e import everyone, steps
from tests.e2e.conftest import Server, watched

NAVIGATION = Path(routes.__file__).with_name("navigation.py")
VISITORS = "name,country,born,amount\n" + "".join(
    f"Visitor {n},{('Perú', 'Indonesia', 'Österreich')[n % 3]},19{60 + n % 40}-0{1 + n % 9}-11,{n * 1.5}\n"
    for n in range(60)
)
LOOKS = (("light", steps.WIDE), ("dark", steps.WIDE), ("dark", steps.PHONE), ("light", steps.PHONE))


def pages() -> dict[str, str]:
    """File and address of every page there is: {"home.py": "/", "data.py": "/data"}."""
    found = {}
    for call in ast.walk(ast.parse(NAVIGATION.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "st.Page":
            given = {k.arg: k.value for k in call.keywords}
            name = str(getattr(routes, ast.unparse(call.args[0]).removeprefix("routes.")))
            found[name] = "/" + (ast.literal_eval(given["url_path"]) if "url_path" in given else "")
    return found


@dataclass(frozen=True)
class Content:
    """What Ana has on her desk: ids."""

    dataset: str
    template: str
    export: str
    project: str
    upload: str


# What a page shows when its address says more, as (page, query); {…} are of Content.
FURTHER = (
    ("builder.py", "?template={template}"),
    ("my_exports.py", "?job={export}"),
    ("data.py", "?dataset={dataset}"),
    ("data.py", "?dataset=nothing"),
    ("data.py", "?uploads={upload}"),
    ("projects.py", "?project={project}"),
    *(("settings.py", f"?section={name}") for name in ("Limits", "Retention", "Storage", "Access")),
)
VIEWS = [*pages().values(), *(pages()[name] + query for name, query in FURTHER)]


def added(desk: Desk, name: str, content: str) -> str:
    upload = uploads.store(desk, f"{name}.csv", content.encode())
    job = datasets.wait(desk, datasets.add(desk, upload.id, name=name).id, 60)
    assert job.state == "succeeded", job.error
    return str((job.result or {})["datasets"][0]["id"])


def finished(desk: Desk, spec: ExportSpec) -> str:
    job = exports.start(desk, spec)
    while exports.get(desk, job.id).state in ("queued", "running"):
        exports.wait(desk, job.id, 1)
    assert exports.get(desk, job.id).state == "succeeded", exports.get(desk, job.id).error
    return job.id


@pytest.fixture(scope="module")
def content(ana: Desk) -> Content:
    """A desk that has been used: data, exports, a template, a project, a token, people, and something deleted."""
    dataset = added(ana, "Visitors", VISITORS)
    only = {"column": {"name": "country"}, "operator": "is_any_of", "values": ["Perú", "Indonesia"]}
    spec = ExportSpec.model_validate(
        {
            "name": "Visitors from afar",
            "sources": [{"dataset": dataset, "filters": {"items": [only]}}],
            "output": {"format": "csv"},
        }
    )
    template = templates.save(ana, "Visitors from afar", "For the embassy", spec)
    templates.pin(ana, template.id)
    export, away = finished(ana, spec), finished(ana, spec)
    exports.delete(ana, away)
    project = projects.make(ana, "Embassy")
    projects.put(ana, "dataset", dataset, project.id)
    tokens.create(ana, "Nightly", ["datasets:read"], per_hour=100)
    invitations.invite(ana, Role.VIEWER, "somebody@example.org")
    people.somebody(ana, "budi@example.org")
    assert recycle.list(ana)
    upload = uploads.store(ana, "More visitors.csv", VISITORS.replace(",", ";").encode())
    return Content(dataset, template.id, export, project.id, upload.id)


@pytest.fixture(scope="module")
def page(browser: Browser, served: Server, ana: Desk) -> Iterator[Page]:
    """One browser for all: what is told of it is looked at when the last page was seen."""
    with watched(browser, served, ["404 (Not Found)"]) as context:
        held = people.cookie(ana, people.OWNER)
        context.add_cookies([{"name": n, "value": v, "url": served.url, "httpOnly": True} for n, v in held.items()])
        yield context.new_page()


def look_at(page: Page) -> list[str]:
    """The page in both looks and at both widths: what axe and a phone's edge hold against it.

    What an element is does not depend on the look, so in the dark only contrast is measured again.
    """
    found = []
    for look, width in LOOKS:
        page.emulate_media(color_scheme=look, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 900})
        steps.settled(page)
        rules = everyone.RULES if look == "light" else everyone.CONTRAST
        found += [f"{look}, {width} px: {line}" for line in everyone.audit(page, rules)]
        if (look, width) == ("light", steps.PHONE):
            found += [f"outside of a phone: {line}" for line in everyone.sticks_out(page)]
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    page.set_viewport_size({"width": steps.WIDE, "height": 900})
    steps.settled(page)
    return found


def test_every_page_of_the_navigation_is_looked_at():
    there = pages()
    assert set(there) == {
        value for name, value in vars(routes).items() if name.isupper() and str(value).endswith(".py")
    }
    assert len(set(there.values())) == len(there)


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_is_for_everyone(page: Page, content: Content, view: str) -> None:
    steps.visit(page, view.format(**vars(content)))
    everyone.unfold(page)
    found = look_at(page)
    assert not found, "\n".join(found)


def share(page: Page, content: Content) -> None:
    steps.visit(page, "/templates")
    tile = page.locator("[class*='st-key-card_template_']").filter(has_text="Visitors from afar")
    steps.choose(page, tile, "Sharing and project")


def add_dataset(page: Page, content: Content) -> None:
    steps.visit(page, f"/new-export?dataset={content.dataset}")
    steps.press(page, "Add another dataset")


def match_sample(page: Page, content: Content) -> None:
    steps.visit(page, f"/new-export?dataset={content.dataset}")
    steps.press(page, "Match a sample file")


def new_token(page: Page, content: Content) -> None:
    steps.visit(page, "/tokens")
    steps.press(page, "New token")
    page.get_by_role("dialog").get_by_text("Only what I choose").click()
    steps.settled(page)


def tour(page: Page, content: Content) -> None:
    steps.visit(page, "/")
    steps.press(page, "Take the tour")


@pytest.mark.parametrize("opened", [share, add_dataset, match_sample, new_token, tour], ids=lambda f: f.__name__)
def test_a_dialog_is_for_everyone(page: Page, content: Content, opened: Callable[[Page, Content], None]) -> None:
    opened(page, content)
    expect(page.get_by_role("dialog")).to_be_visible()
    found = look_at(page)
    steps.photograph_dialog(page, f"everyone-{opened.__name__}")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert not found, "\n".join(found)


def test_a_planted_mistake_is_noticed(page: Page) -> None:
    steps.visit(page, "/")
    page.evaluate(
        """document.querySelector('[data-testid=stMainBlockContainer]').insertAdjacentHTML('afterbegin',
        '<p style="color: #bbb; background: #fff">Faint</p><button style="margin-left: 2000px"></button>')"""
    )
    found = "\n".join(look_at(page))
    for mistake in ("color-contrast", "button-name", "outside of a phone"):
        assert mistake in found
