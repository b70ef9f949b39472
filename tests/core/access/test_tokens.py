"""Tokens: shown once, stored as a hash, limited to their scopes and to their owner's role, ended at once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import audit
from core.access import members, tokens
from core.desk import Caller
from core.errors import BadInput, Forbidden, NotAllowed, NotFound
from storage import accounts
from storage import members as rows
from storage.tables import Role, Token, utc_now


@pytest.fixture
def colleague(desk):
    """`colleague(role, name)`: somebody else of the same workspace."""

    def made(role, name="Budi"):
        with desk.store.writing() as session:
            account = accounts.add(session, desk.workspace_id, name, f"{name.lower()}@example.org")
            rows.add(session, desk.workspace_id, account.id, role)
        return desk.acting_as(desk.workspace_id, account.id)

    return made


def entries(desk, action):
    return [e for e in audit.list(desk)[0] if e.action == action]


def test_a_token_opens_the_workspace_it_was_made_in(desk, stranger):
    _, secret = tokens.create(stranger, "report", ["jobs:read"])
    acting, _ = tokens.authenticate(desk, secret, "jobs:read")
    assert (acting.workspace_id, acting.account_id) == (stranger.workspace_id, stranger.account_id)


def test_the_secret_is_stored_nowhere(desk):
    token, secret = tokens.create(desk, "report", ["*"])
    assert secret.startswith("exd_")
    assert len(secret) >= 47
    with desk.store.reading() as session:
        row = session.exec(select(Token)).one()
    assert secret not in str(row.model_dump())
    assert secret.encode() not in b"".join(p.read_bytes() for p in desk.files.root.glob("desk.db*"))
    assert token.prefix == secret[: len(token.prefix)]


@pytest.mark.parametrize("secret", ["", "exd_", "exd_" + "A" * 43, "nonsense", "é"])
def test_a_token_nobody_made_opens_nothing(desk, secret):
    tokens.create(desk, "report", ["*"])
    with pytest.raises(NotAllowed) as refused:
        tokens.authenticate(desk, secret, "jobs:read")
    assert refused.value.status == 401


def test_a_scope_allows_itself_and_a_star_allows_all(desk):
    _, one = tokens.create(desk, "one", ["jobs:read"])
    _, everything = tokens.create(desk, "all", ["*"])
    tokens.authenticate(desk, one, "jobs:read")
    for scope in tokens.SCOPES:
        tokens.authenticate(desk, everything, scope)
        if scope != "jobs:read":
            with pytest.raises(Forbidden, match=scope) as refused:
                tokens.authenticate(desk, one, scope)
            assert refused.value.status == 403


def test_an_expired_token_and_a_revoked_one_open_nothing(desk):
    token, secret = tokens.create(desk, "report", ["*"], utc_now() + timedelta(hours=1))
    tokens.authenticate(desk, secret, "jobs:read")
    with desk.store.writing() as session:
        row = session.get(Token, token.id)
        row.expires_at = utc_now() - timedelta(seconds=1)
        session.add(row)
    with pytest.raises(NotAllowed, match="expired"):
        tokens.authenticate(desk, secret, "jobs:read")
    other, secret = tokens.create(desk, "other", ["*"])
    tokens.revoke(desk, other.id)
    with pytest.raises(NotAllowed, match="not known"):
        tokens.authenticate(desk, secret, "jobs:read")
    assert [t.name for t in tokens.list(desk)] == ["report"]


def test_an_unknown_scope_names_the_known_ones(desk):
    with pytest.raises(BadInput) as refused:
        tokens.create(desk, "report", ["jobs:reed"])
    assert "jobs:reed" in refused.value.message
    assert all(scope in refused.value.next_step for scope in tokens.SCOPES)


@pytest.mark.parametrize(("name", "scopes"), [(" ", ["*"]), ("report", [])])
def test_a_token_needs_a_name_and_a_scope(desk, name, scopes):
    with pytest.raises(BadInput):
        tokens.create(desk, name, scopes)


def test_an_expiry_in_the_past_is_refused(desk):
    with pytest.raises(BadInput, match="past"):
        tokens.create(desk, "report", ["*"], utc_now() - timedelta(days=1))


def test_the_last_use_is_noted(desk):
    token, secret = tokens.create(desk, "report", ["*"])
    assert token.last_used_at is None
    tokens.authenticate(desk, secret, "jobs:read")
    assert tokens.list(desk)[0].last_used_at is not None


def test_nobody_revokes_another_workspaces_token(desk, stranger):
    token, secret = tokens.create(desk, "report", ["*"])
    with pytest.raises(NotFound):
        tokens.revoke(stranger, token.id)
    assert list(tokens.list(stranger)) == []
    tokens.authenticate(desk, secret, "jobs:read")


def test_a_token_may_do_what_its_owner_may_at_that_moment(desk, colleague):
    budi = colleague(Role.EDITOR)
    _, secret = tokens.create(budi, "report", ["*"])
    assert tokens.authenticate(desk, secret, "jobs:write")[0].role == Role.EDITOR
    members.change_role(desk, budi.account_id, Role.VIEWER)
    acting, _ = tokens.authenticate(desk, secret, "jobs:write")
    assert (acting.role, acting.administrator) == (Role.VIEWER, False)


def test_the_token_of_somebody_who_left_or_was_disabled_opens_nothing(desk, colleague):
    budi, citra = colleague(Role.EDITOR), colleague(Role.EDITOR, "Citra")
    _, first = tokens.create(budi, "report", ["*"])
    _, second = tokens.create(citra, "report", ["*"])
    members.remove(desk, budi.account_id, hand_to=desk.account_id)
    with pytest.raises(NotAllowed, match="not known"):
        tokens.authenticate(desk, first, "jobs:read")
    with desk.store.writing() as session:
        account = accounts.account(session, citra.account_id)
        account.disabled_at = utc_now()
        session.add(account)
    with pytest.raises(NotAllowed, match="does not belong to its workspace any more") as refused:
        tokens.authenticate(desk, second, "jobs:read")
    assert refused.value.status == 401


def test_a_viewer_makes_no_token_and_is_told_whom_to_ask(desk, colleague):
    with pytest.raises(Forbidden, match="make tokens") as refused:
        tokens.create(colleague(Role.VIEWER), "report", ["*"])
    assert desk.caller.name in refused.value.next_step
    assert list(tokens.list(desk)) == []


def test_an_editor_sees_and_ends_only_their_own_and_an_administrator_everybodys(desk, colleague):
    budi, citra, dewi = (colleague(Role.EDITOR, n) for n in ("Budi", "Citra", "Dewi"))
    members.change_role(desk, dewi.account_id, Role.ADMIN)
    of_budi, _ = tokens.create(budi, "of Budi", ["*"])
    of_citra, _ = tokens.create(citra, "of Citra", ["*"])
    assert [t.name for t in tokens.list(budi)] == ["of Budi"]
    with pytest.raises(NotFound):
        tokens.revoke(budi, of_citra.id)
    dewi = desk.acting_as(desk.workspace_id, dewi.account_id)
    assert {t.name for t in tokens.list(dewi)} == {"of Budi", "of Citra"}
    tokens.revoke(dewi, of_citra.id)
    tokens.revoke(budi, of_budi.id)
    assert list(tokens.list(dewi)) == []
    with pytest.raises(NotFound):
        tokens.revoke(budi, of_budi.id)


def test_somebody_who_became_a_viewer_can_still_end_their_token(desk, colleague):
    budi = colleague(Role.EDITOR)
    token, _ = tokens.create(budi, "report", ["*"])
    members.change_role(desk, budi.account_id, Role.VIEWER)
    tokens.revoke(desk.acting_as(desk.workspace_id, budi.account_id), token.id)
    assert list(tokens.list(desk)) == []


def test_making_ending_and_overreaching_are_in_the_audit_log(desk):
    until = utc_now() + timedelta(days=30)
    token, secret = tokens.create(desk, "nightly", ["jobs:read"], until, per_minute=60)
    (made,) = entries(desk, "tokens.made")
    assert (made.subject, made.subject_id, made.actor) == ("nightly", token.id, desk.caller.name)
    assert made.details == {
        "scopes": ["jobs:read"], "expires_at": until.isoformat(), "limits": ["60 requests a minute"]
    }  # fmt: skip
    with pytest.raises(Forbidden):
        tokens.authenticate(desk, secret, "jobs:write", Caller(address="203.0.113.9", agent="curl/8"))
    (refused,) = entries(desk, "refused")
    assert refused.refused
    assert (refused.actor, refused.address, refused.agent) == ("nightly", "203.0.113.9", "curl/8")
    assert (refused.details["scope"], refused.details["token"]) == ("jobs:write", token.id)
    tokens.revoke(desk, token.id)
    assert [e.subject_id for e in entries(desk, "tokens.revoked")] == [token.id]
    assert secret not in str([e.model_dump() for e in audit.list(desk)[0]])


@pytest.mark.parametrize("window", ["minute", "hour", "day"])
@pytest.mark.parametrize("most", [0, -1, 10**12])
def test_a_limit_nothing_passes_is_refused(desk, window, most):
    with pytest.raises(BadInput, match=window) as refused:
        tokens.create(desk, "report", ["*"], **{f"per_{window}": most})
    assert refused.value.field == f"per_{window}"
    assert list(tokens.list(desk)) == []


def test_scopes_are_said_in_plain_words():
    assert tokens.sentence(["*"]) == "Everything"
    assert tokens.sentence(["jobs:write", "datasets:read"]) == (
        "See datasets and their columns · Start, cancel and delete exports"
    )
