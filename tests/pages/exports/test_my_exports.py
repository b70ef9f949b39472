import json

import pytest

from core import exports, file_passwords
from core.engine.spec import ColumnRef, ExportSpec, Output, Packaging, Source, Split
from core.templating import templates
from core.work import inline
from tests.pages.conftest import texts


def test_an_empty_list_invites_to_make_the_first_export(open_page):
    app = open_page("exports/my_exports.py")
    assert "Nothing exported yet" in texts(app)
    assert app.button(key="first_export").label == "New export"


def test_a_finished_export_shows_its_rows_and_offers_its_file(open_page, exported):
    app = open_page("exports/my_exports.py")
    assert "Indonesians" in texts(app)
    assert "CSV · 50 rows" in texts(app)
    links = app.get("link_button")
    assert links[0].proto.url.startswith("/api/files/")


def test_the_search_and_the_state_narrow_the_list(open_page, exported):
    app = open_page("exports/my_exports.py")
    app.text_input(key="q").set_value("nobody").run()
    assert "No export matches" in texts(app)
    app.text_input(key="q").set_value("indones").run()
    assert "50 rows" in texts(app)
    app.get("button_group")[0].set_value("Failed").run()
    assert "No export matches" in texts(app)


def test_a_failed_export_says_why_and_can_be_tried_again(open_page, page_desk, indonesians):
    limited = indonesians.model_copy(update={"limits": indonesians.limits.model_copy(update={"rows": 10})})
    job = exports.start(page_desk, limited)
    inline.run_queued(page_desk)
    app = open_page("exports/my_exports.py")
    assert "10" in texts(app)
    app.button(key=f"retry_{job.id}").click().run()
    assert exports.get(page_desk, job.id).state == "queued"


def test_a_waiting_export_says_its_place_and_can_be_cancelled(open_page, page_desk, indonesians):
    job = exports.start(page_desk, indonesians)
    app = open_page("exports/my_exports.py")
    app.button(key=f"cancel_{job.id}").click().run()
    assert exports.get(page_desk, job.id).state == "cancelled"


def test_the_details_show_the_receipt_step_by_step(open_page, exported):
    app = open_page("exports/my_exports.py", job=exported)
    assert "SHA-256" in texts(app)
    assert "**100** rows → **50** after country is Indonesia → **50** in the file" in texts(app)


def test_details_of_an_export_that_is_not_there_say_so(open_page):
    app = open_page("exports/my_exports.py", job="00000000-0000-0000-0000-000000000000")
    assert app.error


def test_a_template_is_listed_with_what_it_keeps(open_page, page_desk, indonesians):
    saved = templates.save(page_desk, "Weekly", "For Jakarta", indonesians)
    app = open_page("templates/templates.py")
    assert "Weekly" in texts(app)
    assert "For Jakarta" in texts(app)
    assert "Indonesia" in texts(app)
    app.button(key=f"run_{saved.id}").click().run()
    jobs, total = exports.list(page_desk)
    assert total == 1
    assert jobs[0].template_id == saved.id


def test_an_export_on_its_way_is_watched_on_every_page(open_page, page_desk, indonesians):
    job = exports.start(page_desk, indonesians.model_copy(update={"output": Output(format="json")}))
    app = open_page("templates/templates.py")
    assert app.session_state["watched_exports"] == {job.id}
    inline.run_queued(page_desk)
    app.run()
    assert [t.value for t in app.toast] == ["**Indonesians** is ready: 50 rows."]


@pytest.fixture
def split_by_country(page_desk, team):
    """`split_by_country("zip")`: the id of a finished export of one file a country, packed so."""

    def made(compression, **packaging):
        spec = ExportSpec(
            name="By country",
            sources=(Source(dataset=team),),
            output=Output(format="csv"),
            packaging=Packaging(
                compression=compression, split=Split(by="value", column=ColumnRef(name="country")), **packaging
            ),
        )
        job = exports.start(page_desk, spec)
        inline.run_queued(page_desk)
        assert exports.get(page_desk, job.id).state == "succeeded", exports.get(page_desk, job.id).error
        return job.id

    return made


def bodies(app):
    return " ".join(h.proto.body for h in app.get("html"))


def test_what_a_zip_holds_is_listed_with_rows_and_sizes(open_page, split_by_country):
    job = split_by_country("zip")
    assert "2 files in a zip" in texts(open_page("exports/my_exports.py"))

    app = open_page("exports/my_exports.py", job=job)
    assert "2 files inside" in texts(app)
    assert "By country Indonesia.csv" in bodies(app)
    assert "50 rows" in bodies(app)
    assert "in 2 files, counted by reading them again" in texts(app)


def test_files_one_by_one_are_listed_as_links_and_downloaded_together(open_page, split_by_country):
    job = split_by_country("none")
    app = open_page("exports/my_exports.py")
    assert not app.get("link_button")
    app.button(key=f"files_{job}").click().run()

    assert bodies(app).count("href='/api/files/") == 2
    given = next(c.proto for c in app.get("bidi_component") if c.proto.component_name.endswith("download_all"))
    assert json.loads(given.json)["label"] == "Download all 2 files"


def test_of_a_thousand_files_the_first_are_listed_and_the_manifest_is_named():
    from streamlit.testing.v1 import AppTest

    def page():
        from core.engine.receipt import File, Member
        from pages.components import file_list

        members = tuple(Member(name=f"Part {n}.csv", bytes=9, rows=1, sha256="") for n in range(100))
        file_list.members(
            File(
                name="All.zip",
                stored="x",
                media_type="application/zip",
                bytes=9,
                rows=1000,
                sha256="",
                members=members,
                member_count=1000,
            )
        )

    app = AppTest.from_function(page).run()
    assert bodies(app).count("<div>") == 20
    assert "… and 980 more, all listed in the manifest inside the zip." in texts(app)


def test_a_locked_file_says_that_it_opens_only_with_its_password(open_page, page_desk, split_by_country):
    job = split_by_country("zip", password=file_passwords.keep(page_desk, "otter plum quiet harbour"))
    assert "opens with its password" in texts(open_page("exports/my_exports.py"))
    assert "opens only with its password" in texts(open_page("exports/my_exports.py", job=job))
