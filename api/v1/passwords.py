"""Passwords of files. A program sends one once and names it by its id in `packaging.password` of its specs."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Acting, TokenRoute, needs
from core import file_passwords
from core.access import passwords
from core.engine.packaging import LONGEST_PASSWORD

router = APIRouter(prefix="/passwords", tags=["passwords"], route_class=TokenRoute)


class NewPassword(BaseModel):
    """The password, or nothing: then one is generated."""

    model_config = ConfigDict(extra="forbid")

    password: str | None = Field(default=None, min_length=1, max_length=LONGEST_PASSWORD)


class PasswordOut(BaseModel):
    id: str
    password: str | None = Field(description="Only where it was generated, and only this once.")


@router.post(
    "", status_code=201, summary="Keep a password for the files of later exports", openapi_extra=needs("jobs:write")
)
def keep(desk: Acting, new: NewPassword) -> PasswordOut:
    """It is stored sealed and never given out again."""
    made = None if new.password is not None else passwords.generate()
    return PasswordOut(id=file_passwords.keep(desk, new.password or made or ""), password=made)
