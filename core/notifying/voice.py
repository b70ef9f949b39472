"""Texts in the language of whoever reads them."""

from __future__ import annotations

from sqlmodel import Session

from core import texts
from core.access import accounts
from storage import accounts as account_rows
from storage.tables import Account


class Voice:
    """Speaks to one account: its own language, English where it has chosen none or is gone (None)."""

    def __init__(self, account: Account | None) -> None:
        self._language = accounts.language(account) if account else texts.SOURCE

    @classmethod
    def to(cls, session: Session, account_id: str) -> Voice:
        return cls(account_rows.account(session, account_id))

    def __call__(self, text: str, **slots: object) -> str:
        return texts.translated(text, self._language).format(**slots)

    def counted(self, forms: tuple[str, str], n: int, **slots: object) -> str:
        """The form that fits `n`, its slots filled."""
        one, many = forms
        return texts.counted(one, many, n, self._language, **slots)
