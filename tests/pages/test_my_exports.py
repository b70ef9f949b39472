from core import exports, templates
from core.engine.spec import Output
from tests.pages.conftest import texts


def test_an_empty_list_invites_to_make_the_first_export(open_page):
    app = open_page("my_exports.py")
    assert "Nothing exported yet" in texts(app)
    assert app.button(key="first_export").label == "New export"


def test_a_finished_export_shows_its_rows_and_offers_its_file(open_page, exported):
    app = open_page("my_exports.py")
    assert "Indonesians" in texts(app)
    assert "CSV · 50 rows" in texts(app)
    links = app.get("link_button")
    assert links[0].proto.url.startswith("/api/files/")


def test_the_search_and_the_state_narrow_the_list(open_page, exported):
    app = open_page("my_exports.py")
    app.text_input(key="q").set_value("nobody").run()
    assert "No export matches" in texts(app)
    app.text_input(key="q").set_value("indones").run()
    assert "50 rows" in texts(app)
    app.get("button_group")[0].set_value("Failed").run()
    assert "No export matches" in texts(app)


def test_a_failed_export_says_why_and_can_be_tried_again(open_page, page_desk, indonesians):
    from core.work import inline

    limited = indonesians.model_copy(update={"limits": indonesians.limits.model_copy(update={"rows": 10})})
    job = exports.start(page_desk, limited)
    inline.run_queued(page_desk)
    app = open_page("my_exports.py")
    assert "10" in texts(app)
    app.button(key=f"retry_{job.id}").click().run()
    assert exports.get(page_desk, job.id).state == "queued"


def test_a_waiting_export_says_its_place_and_can_be_cancelled(open_page, page_desk, indonesians):
    job = exports.start(page_desk, indonesians)
    app = open_page("my_exports.py")
    app.button(key=f"cancel_{job.id}").click().run()
    assert exports.get(page_desk, job.id).state == "cancelled"


def test_the_details_show_the_receipt_step_by_step(open_page, exported):
    app = open_page("my_exports.py", job=exported)
    assert "SHA-256" in texts(app)
    assert "**100** rows → **50** after country is Indonesia → **50** in the file" in texts(app)


def test_details_of_an_export_that_is_not_there_say_so(open_page):
    app = open_page("my_exports.py", job="00000000-0000-0000-0000-000000000000")
    assert app.error


def test_a_template_is_listed_with_what_it_keeps(open_page, page_desk, indonesians):
    saved = templates.save(page_desk, "Weekly", "For Jakarta", indonesians)
    app = open_page("templates.py")
    assert "Weekly" in texts(app)
    assert "For Jakarta" in texts(app)
    assert "Indonesia" in texts(app)
    app.button(key=f"run_{saved.id}").click().run()
    jobs, total = exports.list(page_desk)
    assert total == 1
    assert jobs[0].template_id == saved.id


def test_an_export_on_its_way_is_watched_on_every_page(open_page, page_desk, indonesians):
    job = exports.start(page_desk, indonesians.model_copy(update={"output": Output(format="json")}))
    app = open_page("templates.py")
    assert app.session_state["watched_exports"] == {job.id}
    from core.work import inline

    inline.run_queued(page_desk)
    app.run()
    assert [t.value for t in app.toast] == ["**Indonesians** is ready: 50 rows."]
