from core import datasets, exports, uploads
from core.templating import templates
from core.work import inline
from tests.pages.conftest import texts


def test_with_no_data_yet_the_page_shows_the_ways_in(open_page):
    app = open_page("data/data.py")
    assert "Paste a table" in texts(app)
    assert "Or try it with sample data" in texts(app)


def test_a_dataset_is_listed_with_its_size_and_use(open_page, exported):
    app = open_page("data/data.py")
    assert "100 rows · 4 columns" in texts(app)
    assert "used by 1 export" in texts(app)


def test_a_name_with_markdown_in_it_is_shown_as_it_is(open_page, page_desk, team):
    datasets.rename(page_desk, team, "*Team* [2026](http://x.y)")
    app = open_page("data/data.py")
    assert app.button(key=f"open_{datasets.get(page_desk, team).id}").label.startswith(r"**\*Team\* \[2026\]")


def test_the_search_narrows_the_list(open_page, team):
    app = open_page("data/data.py")
    app.text_input(key="find").set_value("zzz").run()
    assert "Nothing by that name" in texts(app)


def test_the_dataset_page_says_what_its_columns_hold_and_why(open_page, page_desk, team):
    app = open_page("data/data.py", dataset=team)
    html = "".join(h.proto.body for h in app.get("html"))
    assert "joined" in html
    assert "start" in html  # why 0001 stays text
    assert "Every row of the file could be read" in texts(app)


def test_the_main_date_column_can_be_chosen(open_page, page_desk, team):
    found = datasets.get(page_desk, team)
    app = open_page("data/data.py", dataset=team)
    assert app.selectbox(key=f"date_column_{found.id}").options == ["joined"]


def test_a_dataset_that_is_gone_says_where_to_look(open_page, team):
    app = open_page("data/data.py", dataset="no-such-thing")
    assert "it may be under Recently deleted" in texts(app)


def test_before_a_dataset_is_deleted_what_uses_it_is_named(open_page, page_desk, team, indonesians):
    templates.save(page_desk, "Weekly", "", indonesians)
    exports.start(page_desk, indonesians)
    app = open_page("data/data.py")
    dialogs_of(app, "Delete", page_desk, team)
    assert "Used by 1 template and 1 export in the queue" in texts(app)
    assert "Weekly" in texts(app)
    app.button(key="delete_dataset").click().run()
    assert datasets.list(page_desk) == []


def test_before_a_file_is_replaced_what_uses_it_is_named(open_page, page_desk, team, indonesians):
    templates.save(page_desk, "Weekly", "", indonesians)
    app = open_page("data/data.py")
    dialogs_of(app, "Replace file", page_desk, team)
    assert "Used by 1 template" in texts(app)


def test_an_earlier_version_is_brought_back_from_the_dataset_page(open_page, page_desk, team):
    upload = uploads.store(page_desk, "Newer.csv", b"id,name\n1,A\n")
    datasets.add(page_desk, upload.id, replace=team)
    inline.run_queued(page_desk)
    app = open_page("data/data.py", dataset=team)
    said = texts(app).replace("\\", "")
    assert "Newer.csv" in said
    assert "by Owner" in said
    app.button(key="use_1").click().run()
    assert not app.exception
    assert datasets.table(page_desk, team).rows == 100


def dialogs_of(app, action, desk, slug):
    """Open a dialog of the ⋯ menu, which AppTest cannot press."""
    app.session_state["open_dialog"] = (f"dataset {action}", datasets.get(desk, slug).id)
    app.run()
    assert not app.exception
