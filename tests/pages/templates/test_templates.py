"""The gallery of templates, a template on a new file, its versions and its file; saved filters and columns."""

from __future__ import annotations

import pytest

from core import datasets, exports, uploads
from core.engine.spec import Group
from core.templating import files as template_files
from core.templating import saved_sets, templates
from core.templating.saved_sets import Columns, SetKind
from core.work import inline
from storage.tables import Role
from tests.pages.driving import button, draft_of, field, texts
from tests.things import add_person, make_things

GUESTS = b"Country,Full name,Nr\nIndonesia,Ayu,1\nPeru,Ben,2\n"


@pytest.fixture
def kept(page_desk, indonesians):
    named = indonesians.model_copy(
        update={"sources": (indonesians.sources[0].model_copy(update={"columns": _columns("name", "id")}),)}
    )
    return templates.save(page_desk, "Weekly", "For Jakarta", named, tags=["Bank"])


@pytest.fixture
def guests(page_desk):
    """The id of a table in which the columns are called otherwise."""
    upload = uploads.store(page_desk, "Guests.csv", GUESTS)
    job = datasets.add(page_desk, upload.id, name="Guests")
    inline.run_queued(page_desk)
    return (datasets.job(page_desk, job.id).result or {})["datasets"][0]["id"]


def _columns(*names):
    return Columns.model_validate({"columns": names}).columns


def choose(app, thing_id, action):
    next(b for b in app.get("menu_button") if thing_id in b.proto.id).set_value(action).run()
    assert not app.exception
    return app


def test_the_gallery_is_searched_by_words_and_tags_and_says_how_much_each_gives(
    open_page, page_desk, kept, indonesians
):
    templates.save(page_desk, "Yearly", "", indonesians)
    app = open_page("templates/templates.py")
    assert "about 50 rows" in texts(app)
    app.text_input(key="q").set_value("jakarta bank").run()
    assert "Weekly" in texts(app)
    assert "Yearly" not in texts(app)
    app.text_input(key="q").set_value("nobody").run()
    assert "No template matches" in texts(app)
    app.text_input(key="q").set_value("").run()
    app.multiselect(key="tag").set_value(["Bank"]).run()
    assert "Yearly" not in texts(app)


def test_name_tags_and_days_are_changed_in_one_dialog(open_page, page_desk, kept):
    app = choose(open_page("templates/templates.py"), kept.id, "Name and tags")
    field(app.text_input, "Name").set_value("Monthly")
    field(app.multiselect, "Tags", -1).set_value([])
    field(app.number_input, "Keep its files for so many days").set_value(5)
    button(app, "Save").click().run()
    found = templates.get(page_desk, kept.id)
    assert (found.name, found.tags, found.keep_days, found.version) == ("Monthly", [], 5, 2)


def test_the_history_says_what_changed_and_brings_a_version_back(open_page, page_desk, kept):
    templates.update(page_desk, kept.id, name="Other")
    app = choose(open_page("templates/templates.py"), kept.id, "Version history")
    assert "It is called “Other” instead of “Weekly”." in texts(app)
    app.button(key="restore_1").click().run()
    assert templates.get(page_desk, kept.id).name == "Weekly"


def test_a_template_is_duplicated_and_taken_along_as_a_file(open_page, page_desk, kept):
    app = choose(open_page("templates/templates.py"), kept.id, "Duplicate")
    assert "Weekly (copy)" in texts(app)
    app = choose(open_page("templates/templates.py"), kept.id, "Save as a file")
    assert [b.proto.label for b in app.get("download_button")] == ["Download"]


def test_on_a_new_file_each_column_is_shown_and_nothing_runs_before_all_are_there(open_page, page_desk, kept, guests):
    app = open_page("templates/templates.py", run=kept.id)
    assert not [b for b in app.button if b.label == "Run export"]
    app.selectbox(key="run_data_0").set_value(guests).run()
    assert "Not in this data. Which column is it?" in texts(app)
    assert "Only the name is similar" in texts(app)
    assert "1 column is still missing." in texts(app)
    assert button(app, "Run export").disabled
    field(app.selectbox, "Column for id").set_value("c3").run()
    button(app, "Run export").click().run()
    assert not app.exception
    inline.run_queued(page_desk)
    jobs, _ = exports.list(page_desk)
    made = exports.file(page_desk, jobs[0].id).path.read_text(encoding="utf-8-sig")
    assert made.splitlines() == ["name,id", "Ayu,1"]

    again = open_page("templates/templates.py", run=kept.id)
    again.selectbox(key="run_data_0").set_value(guests).run()
    assert "as you said before" in texts(again)
    assert not button(again, "Run export").disabled


def test_a_suggestion_that_is_cleared_is_missing(open_page, kept, guests):
    app = open_page("templates/templates.py", run=kept.id)
    app.selectbox(key="run_data_0").set_value(guests).run()
    field(app.selectbox, "Column for id").set_value("c3").run()
    field(app.selectbox, "Column for name").set_value(None).run()
    assert button(app, "Run export").disabled


def test_a_template_that_is_not_there_says_so(open_page):
    app = open_page("templates/templates.py", run="nothing")
    assert "This template is not there." in texts(app)


def test_a_template_that_came_as_a_file_finds_its_data_and_is_added(open_page, page_desk, kept):
    app = open_page("templates/templates.py")
    app.session_state["template_file_at_hand"] = template_files.dump(page_desk, kept.id).model_copy(
        update={"name": "From elsewhere"}
    )
    app.run()
    assert "Add “From elsewhere”" in texts(app)
    assert "All 3 columns were found by their names" in "".join(e.label for e in app.expander)
    button(app, "Add the template").click().run()
    assert [one.name for one in templates.list(page_desk)] == ["From elsewhere", "Weekly"]
    assert "Add “From elsewhere”" not in texts(app)


def test_an_edited_template_is_saved_back_as_its_next_version(open_page, page_desk, kept):
    app = open_page("builder/builder.py", template=kept.id)
    assert button(app, "Save as version 2").disabled
    field(app.number_input, "No more than this many rows").set_value(7).run()
    assert "At most 7 rows are kept." in texts(app)
    button(app, "Save as version 2").click().run()
    assert templates.get(page_desk, kept.id).spec["sources"][0]["limit"] == 7
    assert button(app, "Save as version 3").disabled


def test_an_export_is_kept_as_a_template_before_it_ever_ran(open_page, page_desk, team):
    app = open_page("builder/builder.py", dataset=team)
    button(app, "Save as template").click().run()
    field(app.text_input, "Description").set_value("For Ana")
    button(app, "Save template").click().run()
    assert [(one.name, one.description) for one in templates.list(page_desk)] == [("Team", "For Ana")]
    assert "Template **Team**" in texts(app)


def test_a_template_is_shared_with_its_data_as_it_is_saved(page_as, page_desk):
    ana, budi = (add_person(page_desk, name, Role.EDITOR) for name in ("Ana", "Budi"))
    its = make_things(budi, "His")
    app = choose(page_as(budi, "exports/my_exports.py"), its.export, "Save as template")
    field(app.text_input, "Name").set_value("Ours")
    field(app.radio, "Seen by").set_value(True)
    button(app, "Save template").click().run()
    assert [one.name for one in templates.list(ana)] == ["Ours"]
    assert datasets.get(ana, its.dataset).shared
    copy = choose(page_as(ana, "templates/templates.py"), templates.list(ana)[0].id, "Duplicate")
    assert "Ours (copy)" in texts(copy)
    assert "by Budi" in texts(copy)


def test_saved_filters_join_those_of_another_export(open_page, page_desk, team):
    peru = Group.model_validate({"items": [{"column": "Country", "operator": "is", "values": ["Peru"]}]})
    saved = saved_sets.save(page_desk, SetKind.FILTERS, "Peru", peru)
    app = open_page("builder/builder.py", dataset=team)
    button(app, "Saved filters").click().run()
    app.selectbox(key="use_filters").set_value(saved.id).run()
    button(app, "Use it").click().run()
    assert not app.exception
    filters = draft_of(app, page_desk)["sources"][0]["filters"]
    assert [(one["column"], one["values"]) for one in filters["items"]] == [("c3", ["Peru"])]


def test_columns_are_saved_from_the_builder_and_listed_under_templates(open_page, page_desk, team):
    app = open_page("builder/builder.py", dataset=team)
    button(app, "Saved columns").click().run()
    field(app.text_input, "Name", -1).set_value("For the bank")
    button(app, "Save").click().run()
    (saved,) = saved_sets.list(page_desk, SetKind.COLUMNS)
    assert saved.name == "For the bank"

    app = open_page("templates/templates.py", kind="Filters and columns")
    assert "4 columns: id, name, country and joined" in texts(app)
    choose(app, saved.id, "Rename")
    field(app.text_input, "Name").set_value("For another bank")
    button(app, "Save").click().run()
    choose(open_page("templates/templates.py", kind="Filters and columns"), saved.id, "Delete")
    assert saved_sets.get(page_desk, saved.id).name == "For another bank"


def test_a_set_of_other_data_says_what_it_leaves_out(open_page, page_desk, team):
    other = Columns.model_validate({"columns": ["wage", "bonus"]})
    saved = saved_sets.save(page_desk, SetKind.COLUMNS, "Pay", other)
    app = open_page("builder/builder.py", dataset=team)
    button(app, "Saved columns").click().run()
    app.selectbox(key="use_columns").set_value(saved.id).run()
    assert "no fitting column for “wage”, “bonus”" in "".join(w.value for w in app.warning).replace("\\", "")
    assert button(app, "Use it").disabled
