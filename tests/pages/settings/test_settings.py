"""Installation settings: what holds and why, what an administrator changes, what others are told; and the test mail."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from core import choices
from core.choices import Access, Limits, Mail
from core.desk import Caller
from tests import people
from tests.pages.driving import button, field, read, texts
from tests.servers.smtp import PASSWORD, USER, smtp


@pytest.fixture(autouse=True)
def _chosen_beside_the_page_holds_at_once(monkeypatch):
    monkeypatch.setattr(choices, "FRESH_SECONDS", 0.0)


def test_each_limit_says_where_it_comes_from_and_can_be_taken_back(open_page, page_desk):
    choices.choose(page_desk, Limits, job_seconds=90)
    page = open_page("settings/settings.py", section="Limits")
    assert field(page.number_input, "Time of one job (seconds)").value == 90
    said = texts(page)
    assert "0: no limit. Chosen here." in said
    assert "This is the default." in said
    button(page, "Back to 0").click().run()
    assert choices.limits(page_desk).job_seconds == 0
    assert field(page.number_input, "Time of one job (seconds)").value == 0


def test_a_value_of_the_environment_names_its_variable(open_page, monkeypatch):
    monkeypatch.setenv("DESK_MAX_ROWS", "1000")
    st.cache_resource.clear()
    page = open_page("settings/settings.py", section="Limits")
    assert "Set by DESK_MAX_ROWS when the desk was started." in texts(page)


def test_a_limit_is_saved(open_page, page_desk):
    page = open_page("settings/settings.py", section="Limits")
    field(page.number_input, "Rows of one export").set_value(5000)
    button(page, "Save").click().run()
    assert choices.limits(page_desk).max_rows == 5000
    assert choices.origins(page_desk, Limits)["workers"] != "chosen"


def test_a_limit_that_cannot_be_says_why_and_keeps_what_was_typed(open_page, page_desk):
    page = open_page("settings/settings.py", section="Limits")
    field(page.number_input, "Memory of one job (MB)").set_value(1)
    button(page, "Save").click().run()
    assert "Memory of one job (MB): this has to be at least 64" in texts(page)
    assert field(page.number_input, "Memory of one job (MB)").value == 1


@pytest.mark.parametrize("section", ["Limits", "Retention"])
def test_others_see_limits_and_retention_and_why_they_may_not_change_them(open_as, section):
    page = open_as("budi@example.org", "settings/settings.py", role="owner", section=section)
    save = button(page, "Save")
    assert save.disabled
    assert "Only an administrator of this installation may" in save.help
    assert "Ask Ana." in save.help
    assert all(number.disabled for number in page.number_input)


@pytest.mark.parametrize("section", ["Mail", "Storage", "Access"])
def test_which_servers_and_networks_there_are_others_do_not_see(open_as, section):
    page = open_as("budi@example.org", "settings/settings.py", role="owner", section=section)
    assert "This is for administrators" in texts(page)
    assert not page.text_input
    assert not page.text_area


def test_mail_is_set_up_and_tried_on_the_screen(open_page, page_desk, tmp_path: Path, monkeypatch):
    with smtp(tmp_path) as box:
        monkeypatch.setenv("SSL_CERT_FILE", str(box.certificate))
        page = open_page("settings/settings.py", section="Mail")
        assert button(page, "Send a test mail").help == "Name a server and the sender’s address first."
        field(page.text_input, "Server").set_value("localhost")
        field(page.number_input, "Port").set_value(box.port)
        field(page.text_input, "User name").set_value(USER)
        field(page.text_input, "Password").set_value("wrong")
        field(page.text_input, "Sender’s address").set_value("desk@example.org").run()
        assert button(page, "Send a test mail").help == "Save first: the test uses what is saved."
        button(page, "Save").click().run()
        assert field(page.text_input, "Password").value == ""
        field(page.text_input, "Send a test mail to").set_value("ana@example.org")
        button(page, "Send a test mail").click().run()
        assert "localhost did not accept the user name and password: 535" in texts(page)
        field(page.text_input, "Password").set_value(PASSWORD)
        button(page, "Save").click().run()
        button(page, "Send a test mail").click().run()
        assert f"localhost:{box.port} took the mail for ana@example.org, encrypted with TLS" in texts_of_success(page)
        assert len(box.taken) == 1


def test_another_server_needs_the_password_anew(open_page, page_desk):
    choices.choose(page_desk, Mail, host="mail.example.org", user="desk", password="x", sender="desk@example.org")
    page = open_page("settings/settings.py", section="Mail")
    field(page.text_input, "Server").set_value("mail.example.com")
    button(page, "Save").click().run()
    assert choices.mail(page_desk).host == "mail.example.com"
    assert choices.mail(page_desk).password == ""


def test_the_data_folder_and_its_room_are_shown(open_page, page_desk):
    page = open_page("settings/settings.py", section="Storage")
    assert "are free on its disk" in texts(page)
    field(page.number_input, "Warn below (MB free)").set_value(7)
    button(page, "Save").click().run()
    assert choices.storage(page_desk).low_disk_mb == 7


def test_networks_are_typed_one_a_line_and_a_wrong_one_is_named(open_page, page_desk):
    page = open_page("settings/settings.py", section="Access")
    field(page.text_area, "Allowed networks").set_value("10.0.0.0/8\noffice")
    button(page, "Save").click().run()
    assert "“office” is not a network" in texts(page)
    field(page.text_area, "Allowed networks").set_value("10.0.0.0/8\n192.168.7.0/24\n")
    button(page, "Save").click().run()
    assert choices.access(page_desk) == Access(networks=("10.0.0.0/8", "192.168.7.0/24"))


def test_open_intake_is_off_and_opened_for_one_workspace(open_page, page_desk):
    page = open_page("settings/settings.py", section="Access")
    chosen = field(page.selectbox, "They enter")
    assert chosen.value == ""
    chosen.set_value(page_desk.workspace_id).run()
    assert "can export what is shared in My workspace, without signing in" in texts(page)
    field(page.text_area, "Websites whose pages may ask").set_value("example.org")
    page.button(key="intake_save").click().run()
    assert "“example.org” is not the address of a website" in texts(page)
    field(page.text_area, "Websites whose pages may ask").set_value("https://example.org\n")
    field(page.number_input, "Requests a minute of one address").set_value(5)
    page.button(key="intake_save").click().run()
    now = choices.intake(page_desk)
    assert (now.workspace_id, now.origins, now.per_minute) == (page_desk.workspace_id, ("https://example.org",), 5)
    field(page.selectbox, "They enter").set_value("").run()
    page.button(key="intake_save").click().run()
    assert choices.intake(page_desk).workspace_id == ""


@pytest.mark.parametrize(("remote", "hidden"), [("127.0.0.1", True), ("198.51.100.4", False)])
def test_where_a_proxy_hides_from_where_people_come_the_screen_tells(open_as, monkeypatch, remote, hidden):
    monkeypatch.setattr(people, "CALLER", Caller(address=remote, agent="tests"))
    said = texts(open_as(people.OWNER, "settings/settings.py", section="Access"))
    assert f"You are at {remote}" in said
    assert ("a proxy that DESK_TRUSTED_PROXIES does not name" in said) is hidden


def texts_of_success(page) -> str:
    return "\n".join(read(e.value) for e in page.success)
