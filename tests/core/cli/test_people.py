"""Unattended set-up: `python -m core users`, `workspaces` and `tokens` on the data folder of a desk that runs or does not."""

import os
import subprocess
import sys

import pytest

from core import audit, workspaces
from core.access import recovery, setup, sign_in, tokens, users
from core.desk import Caller
from core.errors import NotAllowed
from storage.tables import Role

PASSWORD = "correct horse battery staple"
ASKED = ("--password-file", "-")
HERE = Caller(address="127.0.0.1", agent="a test")


@pytest.fixture
def ana(tmp_path, done):
    """The arguments that make Ana, the first who can sign in."""
    (tmp_path / "secret").write_text(f"{PASSWORD}\nthis line is not the password\n")
    return "users", "create", "--email", "ana@example.org", "--name", "Ana", "--password-file", str(tmp_path / "secret")


def test_the_first_person_becomes_the_owner_and_the_desk_needs_no_set_up(done, ana, opened):
    assert setup.needed(opened(sign_in="required"))
    assert done(*ana) == ["Ana (ana@example.org), owner of “My workspace”, can sign in now."]
    desk = opened(sign_in="required")
    assert not setup.needed(desk)
    secret = sign_in.with_password(desk, "ana@example.org", PASSWORD, HERE)
    acting, _ = sign_in.resume(desk, secret, HERE)
    assert (acting.role, acting.administrator) == (Role.OWNER, True)
    (only,) = users.list(desk)  # she took the place of the one person the desk had before
    assert only.account.id == desk.account_id


def test_somebody_is_shut_out_at_once_and_let_in_again(done, refusal, ana, opened):
    done(*ana)
    done("users", "create", "--email", "budi@example.org", "--name", "Budi", *ASKED, stdin=f"{PASSWORD} too\n")
    desk = opened(sign_in="required")

    def enter():
        return sign_in.with_password(desk, "budi@example.org", f"{PASSWORD} too", HERE)

    cookie = enter()
    secret = tokens.create(sign_in.resume(desk, cookie, HERE)[0], "Reports", ["*"])[1]
    assert done("users", "close", "BUDI@example.org") == ["Budi (budi@example.org) is shut out."]
    assert done("users", "close", "budi@example.org") == ["Budi (budi@example.org) is shut out."]
    for attempt in (
        enter,
        lambda: sign_in.resume(desk, cookie, HERE),
        lambda: tokens.authenticate(desk, secret, "jobs:read"),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    assert done("users", "list")[1].endswith("  closed")
    assert done("users", "open", "budi@example.org") == ["Budi (budi@example.org) can sign in again."]
    with pytest.raises(NotAllowed):
        sign_in.resume(desk, cookie, HERE)  # what was ended stays ended
    assert enter()
    assert tokens.authenticate(desk, secret, "jobs:read")
    assert [
        e.action for e in audit.list(desk, actions=["account_closed", "account_opened"], of_installation=True)[0]
    ] == [
        "account_opened",
        "account_closed",
    ]
    assert "only administrator" in refusal("users", "close", "ana@example.org")
    assert "Nobody here has" in refusal("users", "close", "citra@example.org")


def test_everybody_after_is_an_editor_unless_it_is_said(done, ana, opened):
    done(*ana)
    done("users", "create", "--email", "budi@example.org", "--name", "Budi", *ASKED, stdin=f"{PASSWORD} too\n")
    more = ("--role", "admin", "--administrator")
    done(
        "users", "create", "--email", "citra@example.org", "--name", "Citra", *more, *ASKED, stdin=f"{PASSWORD} three\n"
    )
    desk = opened(sign_in="required")
    found = {u.account.name: ([r for _, r in u.places], u.account.administrator) for u in users.list(desk)}
    assert found == {
        "Ana": ([Role.OWNER], True), "Budi": ([Role.EDITOR], False), "Citra": ([Role.ADMIN], True)
    }  # fmt: skip
    sign_in.with_password(desk, "budi@example.org", f"{PASSWORD} too", HERE)
    lines = done("users", "list")
    assert [line.split("  ")[1:] for line in lines] == [
        ["ana@example.org", "Ana", "owner of My workspace", "administrator"],
        ["budi@example.org", "Budi", "editor of My workspace"],
        ["citra@example.org", "Citra", "admin of My workspace", "administrator"],
    ]
    added = [e for e in audit.list(desk)[0] if e.action == "members.added"]
    assert [(e.actor, e.agent, e.subject) for e in added] == [
        ("Command line", "python -m core users", name) for name in ("Citra", "Budi", "Ana")
    ]
    assert PASSWORD not in str([e.model_dump() for e in added])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"--email": "not an address"}, "is no e-mail address"),
        ({"--name": " "}, "1 to 120 characters"),
        ({"--password-file": "nowhere"}, "There is no file “nowhere”"),
        ({"--password-file": "{tmp}/empty"}, "There is no password"),
        ({"--password-file": "{tmp}/weak"}, "This password is"),
        ({"--workspace": "Nowhere"}, "There is no workspace “Nowhere”"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_nobody_is_made(refusal, ana, opened, tmp_path, change, words):
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "weak").write_text("password123\n")
    arguments = dict(zip(ana[2::2], ana[3::2], strict=True)) | change
    assert words in refusal("users", "create", *[p.format(tmp=tmp_path) for pair in arguments.items() for p in pair])
    assert setup.needed(opened(sign_in="required"))


def test_without_a_password_a_link_to_choose_one_stands_alone_on_the_last_line(done, opened):
    first = ("users", "create", "--email", "ana@example.org", "--name", "Ana")
    said, path = done(*first)
    assert said.startswith("Ana (ana@example.org), owner of “My workspace”, chooses a password here, once, within 24 h")
    desk = opened(sign_in="required")
    recovery.use(desk, path.rpartition("/")[2], PASSWORD, HERE)
    sign_in.with_password(desk, "ana@example.org", PASSWORD, HERE)
    said, path = done("users", "create", "--email", "budi@example.org", "--name", "Budi")
    assert "editor of" in said
    assert recovery.look(desk, path.rpartition("/")[2]).name == "Budi"


def test_an_e_mail_has_one_account(done, refusal, ana):
    done(*ana)
    assert "has an account here already" in refusal(*ana[:2], "--email", "ANA@example.org", *ana[4:])
    assert "has an account here already" in refusal(*ana, "--role", "owner")


def test_a_role_nobody_has_is_a_misuse_that_lists_them(command, ana):
    finished = command(*ana, "--role", "boss")
    assert finished.returncode == 2
    assert all(role in finished.stderr for role in ("viewer", "editor", "admin", "owner"))


def test_a_workspace_is_found_by_its_name_its_alias_and_its_id(done, refusal, ana, opened):
    done(*ana)
    *_, made = done(
        "workspaces", "create", "Field office", "--alias", "field", "--alias", "org-7", "--zone", "Asia/Tokyo"
    )
    lines = done("workspaces", "list")
    assert [line.split("  ")[1:] for line in lines] == [
        ["Field office", "aliases: field, org-7", "1 person"], ["My workspace", "1 person"]
    ]  # fmt: skip
    assert lines[0].split("  ")[0] == made
    desk = opened()
    for n, said in enumerate((made, "FIELD", "org-7", "field OFFICE")):
        done(
            "users",
            "create",
            "--email",
            f"u{n}@example.org",
            "--name",
            f"U{n}",
            "--workspace",
            said,
            *ASKED,
            stdin=PASSWORD,
        )
        assert [place.id for place, _ in users.list(desk)[-1].places] == [made]
    assert "5 people" in done("workspaces", "list")[0]
    assert workspaces.named(desk, "field").zone == "Asia/Tokyo"
    assert "There are: Field office, My workspace" in refusal("tokens", "list", "--workspace", "Nowhere")


def test_of_two_workspaces_with_one_name_the_id_says_which(done, refusal):
    *_, one = done("workspaces", "create", "Twins")
    *_, other = done("workspaces", "create", "twins")
    said = refusal("tokens", "create", "x", "--scopes", "*", "--workspace", "Twins")
    assert one in said
    assert other in said
    done("tokens", "create", "x", "--scopes", "*", "--workspace", other)


def test_a_workspace_gets_the_owner_it_is_given(done, refusal, ana, opened):
    done(*ana)
    done("users", "create", "--email", "budi@example.org", "--name", "Budi", *ASKED, stdin=PASSWORD)
    *_, made = done("workspaces", "create", "Budi's", "--owner", "budi@example.org")
    (budi,) = [u for u in users.list(opened()) if u.account.name == "Budi"]
    assert [(place.id, role) for place, role in budi.places if place.id == made] == [(made, Role.OWNER)]
    assert "Nobody here has the e-mail" in refusal("workspaces", "create", "X", "--owner", "nobody@example.org")


def test_a_token_stands_alone_on_the_last_line_and_acts_for_its_owner(done, ana, opened):
    done(*ana)
    done("users", "create", "--email", "budi@example.org", "--name", "Budi", *ASKED, stdin=PASSWORD)
    *_, everything = done("tokens", "create", "nightly", "--scopes", "*")
    options = ("--owner", "budi@example.org", "--per-minute", "60", "--per-hour", "600", "--per-day", "6000")
    *_, some = done("tokens", "create", "some", "--scopes", "jobs:read, jobs:write", *options, "--expires", "30")
    desk = opened(sign_in="required")
    acting, token = tokens.authenticate(desk, everything, "templates:write")
    assert (acting.role, token.per_minute, token.expires_at) == (Role.OWNER, None, None)
    acting, token = tokens.authenticate(desk, some, "jobs:read")
    assert (acting.role, token.scopes) == (Role.EDITOR, ["jobs:read", "jobs:write"])
    assert (token.per_minute, token.per_hour, token.per_day) == (60, 600, 6000)
    assert round((token.expires_at - token.created_at).total_seconds() / 86_400) == 30


def test_in_a_process_of_its_own_the_last_line_is_the_token_and_nothing_else(tmp_path, opened):
    environment = {**os.environ, "DESK_DATA_DIR": str(tmp_path / "data")}
    arguments = [sys.executable, "-m", "core", "tokens", "create", "nightly", "--scopes", "*"]
    finished = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=120, check=True)
    assert finished.stderr == ""
    tokens.authenticate(opened(), finished.stdout.splitlines()[-1], "jobs:read")


def test_tokens_are_listed_and_revoked_by_their_id(done, refusal, opened):
    *_, secret = done("tokens", "create", "nightly", "--scopes", "jobs:read", "--per-day", "1000")
    (line,) = done("tokens", "list")
    assert line.split("  ")[1:] == [
        f"{secret[:12]}…", "nightly", "(jobs:read, 1,000 requests a day)", "of Owner", "no expiry, never used"
    ]  # fmt: skip
    assert secret not in line
    assert done("tokens", "revoke", line.split("  ")[0]) == ["Revoked “nightly”: it works no longer."]
    with pytest.raises(NotAllowed):
        tokens.authenticate(opened(), secret, "jobs:read")
    assert done("tokens", "list") == []
    assert "This token is not there" in refusal("tokens", "revoke", line.split("  ")[0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--scopes", "jobs:reed"], "Unknown scope “jobs:reed”"),
        (["--scopes", ""], "at least one scope"),
        (["--scopes", "*", "--per-minute", "0"], "A limit of 0 requests a minute"),
        (["--scopes", "*", "--expires", "0"], "in the past"),
        (["--scopes", "*", "--owner", "nobody@example.org"], "Nobody here has the e-mail"),
    ],
)
def test_a_token_that_cannot_be_is_refused_in_a_sentence(refusal, options, words):
    assert words in refusal("tokens", "create", "x", *options)


def test_a_viewer_gets_no_token_and_a_stranger_none_here(done, refusal, ana):
    done(*ana)
    viewer = ("users", "create", "--email", "vi@example.org", "--name", "Vi", "--role", "viewer")
    done(*viewer, *ASKED, stdin=PASSWORD)
    done("workspaces", "create", "Elsewhere")
    assert "You may not make tokens" in refusal("tokens", "create", "x", "--scopes", "*", "--owner", "vi@example.org")
    there = ("--workspace", "Elsewhere", "--owner", "vi@example.org")
    assert "is not in the workspace “Elsewhere”" in refusal("tokens", "create", "x", "--scopes", "*", *there)
