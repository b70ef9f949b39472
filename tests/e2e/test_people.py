"""Several people on one desk: invited, seeing what is shared and nothing else, in more than one workspace."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from core import datasets, exports, projects, sharing, uploads, workspaces
from core.access import members
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.templating import templates
from storage.tables import Role
from tests import people
from tests.e2e import steps
from tests.e2e.conftest import Server, watched

Person = Callable[..., Page]


def made(desk: Desk, name: str) -> str:
    """A dataset of somebody's own; its slug."""
    upload = uploads.store(desk, f"{name}.csv", b"name,country\nAyu,Indonesia\nBen,Peru\n")
    job = datasets.wait(desk, datasets.add(desk, upload.id, name=name).id, 60)
    assert job.state == "succeeded", job.error
    return str((job.result or {})["datasets"][0]["slug"])


def exported(desk: Desk, slug: str, name: str) -> str:
    """A finished export of it, and a template: the export's id."""
    spec = ExportSpec.model_validate({"name": name, "sources": [{"dataset": slug}], "output": {"format": "csv"}})
    templates.save(desk, name, "", spec)
    job = exports.start(desk, spec)
    deadline = time.monotonic() + 60
    while (found := exports.get(desk, job.id)).state in ("queued", "running") and time.monotonic() < deadline:
        exports.wait(desk, job.id, 1)
    assert found.state == "succeeded", found.error
    return job.id


@pytest.fixture
def newcomer(browser: Browser, served: Server) -> Iterator[Page]:
    """A browser in which nobody is signed in."""
    with watched(browser, served, []) as context:
        yield context.new_page()


def test_somebody_is_invited_by_link_and_joins_in_a_browser_of_their_own(
    as_person: Person, ana: Desk, newcomer: Page
) -> None:
    page = as_person(people.OWNER)
    steps.visit(page, "/people")
    steps.press(page, "Invite")
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("Editor", exact=True).click()
    steps.settled(page)
    steps.button(dialog, "Make a link").click()
    expect(dialog.get_by_text("It is shown only now")).to_be_visible()
    dialog.get_by_role("button", name="Copy link").click()
    expect(dialog.get_by_text("Copied.")).to_be_visible()
    link = str(page.evaluate("navigator.clipboard.readText()"))
    steps.photograph(page, "invitation-link")

    newcomer.goto(link)
    expect(newcomer.get_by_text("Team").first).to_be_visible()
    newcomer.get_by_label("Your name").fill("Citra")
    newcomer.get_by_label("E-mail").fill("citra@example.org")
    newcomer.get_by_label("Password").first.fill(people.PASSWORD)
    newcomer.get_by_role("button", name="Join").click()
    steps.settled(newcomer)
    expect(newcomer.get_by_test_id("stSidebarNav")).to_contain_text("My exports")

    steps.visit(page, "/people")
    expect(steps.item(page, "citra@example.org")).to_contain_text("Citra")
    steps.photograph(page, "people")
    again = newcomer.request.get(link)
    assert again.status == 404
    assert "does not work any more" in again.text()


def test_whoever_is_shut_out_of_the_desk_is_out_at_the_next_click(as_person: Person) -> None:
    hers = as_person("gita@example.org")
    steps.visit(hers, "/data")
    page = as_person(people.OWNER)
    steps.visit(page, "/accounts")
    expect(steps.item(page, people.OWNER)).to_contain_text("Owner of Team")
    steps.photograph(page, "accounts")
    steps.visit(page, "/accounts?q=gita")
    gita = steps.item(page, "gita@example.org")
    expect(gita).to_contain_text("Editor of Team")
    steps.choose(page, gita, "Close the account")
    steps.button(page.get_by_role("dialog"), "Close the account").click()
    expect(gita).to_contain_text("Closed")
    steps.go(hers, "Templates")
    expect(hers.get_by_text("You are signed out")).to_be_visible()
    steps.choose(page, gita, "Open the account again")
    expect(gita).not_to_contain_text("Closed")


def test_two_people_see_what_the_other_shared_and_nothing_private(as_person: Person, ana: Desk) -> None:
    budi = people.somebody(ana, "budi@example.org")
    his, secret = made(budi, "Budi shared"), made(budi, "Budi private")
    exported(budi, secret, "Private report")
    shared_job = exported(budi, his, "Shared report")
    sharing.share(budi, "dataset", datasets.get(budi, his).id)
    hers, own = as_person(people.OWNER), as_person("budi@example.org")

    steps.visit(hers, "/data")
    expect(steps.item(hers, "Budi shared")).to_contain_text("by Budi")
    expect(hers.get_by_text("Budi private")).to_have_count(0)
    steps.visit(own, "/data")
    expect(own.get_by_text("Budi private")).to_be_visible()

    steps.visit(hers, f"/data?dataset={secret}")
    expect(hers.get_by_text("There is no dataset")).to_be_visible()
    steps.visit(hers, "/my-exports")
    expect(hers.get_by_text("Shared report")).to_have_count(0)

    steps.visit(own, f"/my-exports?job={shared_job}")
    steps.choose_option(own, "Seen by", "Everybody in Team")
    expect(own.get_by_text("Everybody in Team sees")).to_be_visible()
    steps.photograph(own, "export-shared")
    steps.visit(hers, "/my-exports")
    expect(steps.item(hers, "Shared report")).to_contain_text("by Budi")
    steps.photograph(hers, "exports-of-others")
    expect(hers.get_by_text("Private report")).to_have_count(0)

    steps.choose_option(own, "Seen by", "Only me")
    steps.visit(hers, "/my-exports")
    expect(hers.get_by_text("Shared report")).to_have_count(0)


def test_a_template_is_shared_with_its_data_or_not_at_all(as_person: Person, ana: Desk) -> None:
    budi = people.somebody(ana, "budi@example.org")
    exported(budi, made(budi, "Guests"), "Guest list")
    page = as_person("budi@example.org")
    steps.visit(page, "/templates")
    tile = page.locator("[class*='st-key-card_template_']").filter(has_text="Guest list")
    steps.choose(page, tile, "Sharing and project")
    steps.choose_option(page, "Seen by", "Everybody in Team")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("uses data that only you can see")
    steps.photograph(page, "share-with-data")
    steps.button(dialog, "Share both").click()
    expect(tile).to_contain_text("Shared")
    assert [d.name for d in datasets.list(ana) if d.name == "Guests"] == ["Guests"]


def test_a_viewer_looks_downloads_and_is_told_whom_to_ask_for_more(as_person: Person, ana: Desk) -> None:
    slug = made(ana, "For all")
    job = exported(ana, slug, "For all")
    for kind, thing in (("dataset", datasets.get(ana, slug).id), ("export", job)):
        sharing.share(ana, kind, thing)
    page = as_person("vera@example.org", role="viewer")
    steps.visit(page, "/my-exports")
    row = steps.item(page, "For all")
    with page.expect_download() as download:
        row.get_by_role("link", name="Download").click()
    assert "Indonesia" in download.value.path().read_text("utf-8-sig")
    steps.visit(page, "/data")
    expect(steps.button(steps.item(page, "For all"), "New export")).to_be_disabled()
    steps.photograph(page, "viewer-data")
    steps.visit(page, "/people")
    expect(steps.button(page, "Invite")).to_be_disabled()
    steps.button(page, "Invite").hover(force=True)
    expect(page.get_by_role("tooltip")).to_contain_text("Ask Ana")


def test_somebody_goes_from_one_workspace_to_another_and_finds_each_as_it_was(as_person: Person, ana: Desk) -> None:
    made(ana, "Of the team")
    page = as_person(people.OWNER)
    steps.visit(page, "/data")
    expect(page.get_by_text("Of the team", exact=True)).to_be_visible()
    steps.button(page, "Team").click()
    page.get_by_role("menuitem", name="New workspace").or_(
        page.get_by_role("option", name="New workspace")
    ).first.click()
    page.get_by_role("dialog").get_by_label("Name").fill("Finance")
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(steps.button(page, "Finance")).to_be_visible()
    steps.visit(page, "/data")
    expect(page.get_by_text("Of the team", exact=True)).to_have_count(0)
    steps.photograph(page, "another-workspace")
    steps.button(page, "Finance").click()
    page.get_by_role("menuitem", name="Team").or_(page.get_by_role("option", name="Team")).first.click()
    expect(steps.button(page, "Team")).to_be_visible()
    steps.visit(page, "/data")
    expect(page.get_by_text("Of the team", exact=True)).to_be_visible()
    assert [place.name for place, _ in workspaces.mine(ana)] == ["Finance", "Team"]


def test_somebody_who_is_removed_is_out_at_their_next_click(as_person: Person, ana: Desk) -> None:
    page = as_person("dao@example.org")
    steps.visit(page, "/data")
    dao = people.somebody(ana, "dao@example.org")
    members.remove(ana, dao.account_id, ana.account_id)
    page.get_by_test_id("stSidebarNav").get_by_role("link", name="Templates").click()
    expect(page.get_by_text("You are signed out")).to_be_visible()


def test_a_project_gathers_what_belongs_together_and_its_list_is_a_link(as_person: Person, ana: Desk) -> None:
    slug = made(ana, "Spring guests")
    made(ana, "Something else")
    page = as_person(people.OWNER)
    steps.visit(page, "/all-projects")
    steps.press(page, "New project")
    page.get_by_role("dialog").get_by_label("Name").fill("Spring school")
    page.get_by_role("dialog").get_by_role("button", name="Make it").click()
    expect(steps.item(page, "Spring school")).to_contain_text("Nothing in it yet")
    steps.visit(page, f"/data?dataset={slug}")
    steps.choose_option(page, "Project of this", "Spring school")
    expect(page.get_by_text("is in Spring school now")).to_be_visible()
    steps.photograph(page, "dataset-belonging")
    steps.visit(page, "/data?project=Spring+school")
    expect(page.locator("[class*='st-key-item_']")).to_have_count(1)
    steps.photograph(page, "data-of-project")
    steps.visit(page, "/all-projects")
    expect(steps.item(page, "Spring school")).to_contain_text("1 dataset")
    steps.photograph(page, "projects")
    steps.press(page, "Spring school")
    expect(page.locator(".st-key-card_inside_Data")).to_contain_text("Spring guests")
    steps.photograph(page, "project")
    assert projects.counts(ana)


def test_the_settings_of_a_workspace_hold_for_new_exports_and_for_the_screens(as_person: Person, ana: Desk) -> None:
    slug = made(ana, "Settings")
    page = as_person(people.OWNER)
    steps.visit(page, "/workspace")
    steps.choose_option(page, "New exports begin as", "CSV")
    steps.choose_option(page, "Dates", "31.10.2026")
    steps.press(page, "Save")
    expect(page.get_by_text("Saved.")).to_be_visible()
    steps.photograph(page, "workspace-settings")
    steps.visit(page, f"/new-export?dataset={slug}")
    expect(page.get_by_text("CSV options (1 changed)")).to_be_visible()
    workspaces.change(ana, default_format="xlsx", date_format="iso")


def test_a_role_given_from_the_list_holds_at_once(as_person: Person, ana: Desk) -> None:
    page, own = as_person(people.OWNER), as_person("erik@example.org", role="viewer")
    steps.visit(own, "/all-projects")
    expect(steps.button(own, "New project").first).to_be_disabled()
    steps.visit(page, "/people")
    steps.choose_option(page, "Role of Erik", "Editor")
    expect(page.get_by_text("Erik is now editor.")).to_be_visible()
    steps.visit(own, "/all-projects")
    expect(steps.button(own, "New project").first).to_be_enabled()
    assert {m.name: m.role for m in members.list(ana)}["Erik"] == Role.EDITOR
