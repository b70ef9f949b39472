"""Insights, another format, and a file that is checked, as people see them."""

from __future__ import annotations

from core import checks, exports, uploads
from core.work import inline
from tests.pages.driving import button, field, texts


def test_figures_of_a_period_are_shown_with_a_table_beside_each_chart(open_page, exported):
    page = open_page("insights.py")
    assert [metric.value for metric in page.metric][:3] == ["1", "100%", "50"]
    tables = [table.value for table in page.dataframe]
    assert [[*table.columns][:2] for table in tables] == [["Day", "Exports"], ["Name", "Exports"], ["Name", "Exports"]]
    assert tables[1].iloc[0].to_list()[:5] == ["CSV", 1, 1, 0, 50]
    assert len(page.get("download_button")) == 1
    button(page, "Indonesians").click().run()
    assert "The same rows" not in texts(page)
    assert "counted by reading it again" in texts(page)


def test_a_period_without_exports_says_so(open_page, page_desk):
    page = open_page("insights.py")
    assert "Nothing was exported in this time" in "\n".join(h.value for h in page.header)


def test_an_export_is_had_in_another_format(open_page, page_desk, exported):
    page = open_page("exports/my_exports.py", job=exported)
    assert "Data as of" in texts(page)
    button(page, "Another format").click().run()
    assert "csv" not in field(page.selectbox, "Format").options
    field(page.selectbox, "Format").set_value("json").run()
    button(page, "Make it").click().run()
    made = page.query_params["job"]
    inline.run_queued(page_desk)
    done = exports.get(page_desk, made if isinstance(made, str) else made[0])
    assert (done.format, done.rows) == ("json", 50)
    page.run()
    assert "The same rows in another format as" in texts(page)
    button(page, "Indonesians").click().run()
    assert page.query_params["job"] in (exported, [exported])


def test_a_file_is_told_to_be_one_of_ours_or_what_was_changed(open_page, page_desk, exported):
    content = exports.file(page_desk, exported).path.read_bytes()
    for written, said in (
        (content, "Yes, this is one of yours"),
        (content.replace(b"Person 2,", b"Person X,"), "No, not as it is"),
        (b"x,y\n1,2\n", "It is no file of an export you can see"),
    ):
        job = checks.check(page_desk, uploads.store(page_desk, "theirs.csv", written).id)
        inline.run_queued(page_desk)
        page = open_page("check_file.py", check=job.id)
        shown = "\n".join(str(e.value) for kind in (page.success, page.warning, page.info) for e in kind)
        assert said in shown.replace("*", "")
    assert "Check a file" in page.title[0].value
