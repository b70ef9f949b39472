"""What people and commands do beside a running desk: an account from the command line, a password forgotten and chosen anew."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from core import choices
from core.access import invitations, members
from core.choices import FRESH_SECONDS, Mail
from core.desk import open_desk
from core.settings import Settings
from storage.tables import Role
from tests import people
from tests.api.conftest import ROOT, Door, enter, is_signed_in, start, stop
from tests.helpers import wait_until
from tests.people import PASSWORD
from tests.servers.ports import free_port
from tests.servers.smtp import Mailbox, smtp

PUBLIC = "https://desk.example.org"
NEW = "a wholly different sentence"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("beside")


@pytest.fixture(scope="module")
def desk(folder: Path) -> Iterator[Door]:
    """A desk for a team that knows where people reach it, with Ana, who set it up, and Budi."""
    known = {"PORT": str(free_port()), "DESK_PUBLIC_URL": PUBLIC}
    process, url = start(folder / "data", DESK_SIGN_IN="required", DESK_HOST="127.0.0.1", **known)
    ana = people.set_up(open_desk(Settings(data_dir=folder / "data", sign_in="required")))
    people.somebody(ana, "budi@example.org")
    yield Door(url, ana)
    assert stop(process) == 0


@pytest.fixture
def box(desk: Door, folder: Path) -> Iterator[Mailbox]:
    """A mail server, set up for as long as the test."""
    with smtp(folder, "none") as running:
        wanted = {"host": "localhost", "port": running.port, "security": "none", "sender": "desk@example.org"}
        choices.choose(desk.ana, Mail, **wanted)
        yield running
        choices.choose(desk.ana, Mail, host=None)


@pytest.fixture
def visitor(desk: Door) -> Iterator[httpx.Client]:
    with desk.browser() as client:
        yield client


def command(folder: Path, *arguments: str, given: str = "") -> list[str]:
    """The lines it prints, run as a process of its own on the data folder of the running desk."""
    env = os.environ | {"DESK_DATA_DIR": str(folder / "data"), "DESK_PUBLIC_URL": PUBLIC}
    done = subprocess.run(
        [sys.executable, "-m", "core", *arguments], cwd=ROOT, env=env, input=given, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_an_account_from_the_command_line_signs_in_at_once(desk, folder, visitor):
    new = ("users", "create", "--email", "citra@example.org", "--name", "Citra")
    assert enter(visitor, "citra@example.org").status_code == 401
    assert command(folder, *new, "--password-file", "-", given=f"{PASSWORD}\n") == [
        "Citra (citra@example.org), editor of “Team”, can sign in now."
    ]
    assert enter(visitor, "citra@example.org").status_code == 303
    assert is_signed_in(visitor)


def test_the_link_of_an_account_without_a_password_works_on_the_running_desk(desk, folder, visitor):
    *_, link = command(folder, "users", "create", "--email", "dewi@example.org", "--name", "Dewi")
    assert link.startswith(f"{PUBLIC}/new-password/")
    assert visitor.post(link.removeprefix(PUBLIC), data={"password": PASSWORD}).status_code == 303
    assert is_signed_in(visitor)


def test_the_workspaces_of_a_running_desk_are_listed_with_their_people(desk, folder):
    people.somebody(desk.ana, "eko@example.org")
    place, there = desk.ana.workspace_id, len(members.list(desk.ana))
    assert command(folder, "workspaces", "list") == [f"{place}  Team  {there} people"]


def test_a_forgotten_password_is_chosen_anew_by_the_mailed_link_and_ends_every_other_sign_in(desk, box, visitor):
    with desk.browser("budi@example.org") as elsewhere:
        assert is_signed_in(elsewhere)
        # what was chosen beside the server holds there within seconds; the page says so itself
        wait_until(lambda: 'name="email"' in visitor.get("/forgot").text, 10 * FRESH_SECONDS, 0.2, "mail is set up")
        assert visitor.post("/forgot", data={"email": "budi@example.org"}).status_code == 200
        letter = wait_until(lambda: box.taken and box.taken[-1], what="the mail arrives")
        assert str(letter["To"]) == "budi@example.org"
        (path,) = re.findall(rf"{re.escape(PUBLIC)}(/new-password/\S+)", letter.get_content())
        assert "For Budi" in visitor.get(path).text
        assert is_signed_in(elsewhere)
        assert visitor.post(path, data={"password": NEW}).status_code == 303
        assert is_signed_in(visitor)
        assert not is_signed_in(elsewhere)
    with desk.browser() as later:
        assert enter(later, "budi@example.org", PASSWORD).status_code == 401
        assert enter(later, "budi@example.org", NEW).status_code == 303
        assert is_signed_in(later)
        assert later.get(path).status_code == 404


def test_whoever_was_removed_from_everywhere_comes_back_by_a_new_link_and_the_password_they_have(desk, visitor):
    fitri = people.somebody(desk.ana, "fitri@example.org")
    members.remove(desk.ana, fitri.account_id, hand_to=desk.ana.account_id)
    refused = enter(visitor, "fitri@example.org")
    assert refused.status_code == 401
    assert "Ask for an invitation, and come by its link." in refused.text
    path = invitations.invite(desk.ana, Role.VIEWER)[1]
    form = {"name": "Fitri", "email": "fitri@example.org", "password": "not the one they have"}
    wrong = visitor.post(path, data=form)
    assert "has an account here already" in wrong.text
    assert not is_signed_in(visitor)
    assert visitor.post(path, data=form | {"password": PASSWORD}).status_code == 303
    assert is_signed_in(visitor)
    assert visitor.get(path).status_code == 404
