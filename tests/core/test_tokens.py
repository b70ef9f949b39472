"""Tokens: shown once, stored as a hash, limited to their scopes, ended at once."""

from datetime import timedelta

import pytest
from sqlmodel import select

from core import tokens
from core.errors import BadInput, Forbidden, NotAllowed, NotFound
from storage.tables import Token, utc_now


def test_a_token_opens_the_workspace_it_was_made_in(desk, stranger):
    _, secret = tokens.create(stranger, "report", ["jobs:read"])
    acting = tokens.authenticate(desk, secret, "jobs:read")
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
