"""Open intake: programs that can keep no token, such as the script of a web page, start exports in one workspace.

Off until an administrator names the workspace. Whoever asks without a token then acts in the name of an account of its own, an
editor there who cannot sign in: it exports what is shared in that workspace, and reads by its id what was begun that way and
nothing else. How often one address may ask is limited.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from core import audit, choices, sharing, workspaces
from core.access import installation, limits
from core.access.limits import Left, Limit
from core.choices import Intake
from core.desk import Caller, Desk
from core.errors import NotAllowed, NotFound
from storage import accounts, jobs, members
from storage.tables import Job, Role

NAME = "Open intake"  # of the account, and of who speaks in the audit log


def open(desk: Desk, workspace_id: str, origins: Iterable[str] = (), per_minute: int = 10) -> Intake:
    """Let programs without a token into a workspace; a script only on pages of the websites `origins`.

    Raises Forbidden for who is no administrator of the installation, NotFound for a workspace that is not there, BadInput
    naming the field that is wrong.
    """
    installation.require(desk, choices.CHANGE)
    if workspace_id not in {place.id for place in workspaces.every(desk)}:
        raise NotFound("There is no such workspace.", "Choose another one.", field="workspace_id")
    wanted = {"origins": tuple(origins), "per_minute": per_minute}
    Intake.model_validate(wanted)  # before an account is made for it
    account_id = choices.intake(desk).account_id
    with desk.store.writing() as session:
        account = accounts.account(session, account_id) or accounts.add(session, workspace_id, NAME)
        if members.get(session, workspace_id, account.id) is None:
            members.add(session, workspace_id, account.id, Role.EDITOR)
            audit.note(replace(desk, workspace_id=workspace_id), session, "members.added", account, role=Role.EDITOR)
        account_id = account.id
    return choices.choose(desk, Intake, workspace_id=workspace_id, account_id=account_id, **wanted)


def close(desk: Desk) -> Intake:
    """Refuse programs without a token again. What they made stays, and so do the other values. Raises Forbidden."""
    return choices.choose(desk, Intake, workspace_id=None)


def admit(desk: Desk, caller: Caller) -> tuple[Desk, Sequence[Left]]:
    """The Desk of a request without a token, and what is left to its address. Raises NotAllowed where it is off, TooMany."""
    chosen = choices.intake(desk)
    if not chosen.workspace_id:
        raise NotAllowed("This request has no token.", "Send one: Authorization: Bearer exd_…")
    left = limits.spend_of(desk, f"intake {caller.address}", Limit(chosen.per_minute, "minute"))
    return desk.acting_as(chosen.workspace_id, chosen.account_id, replace(caller, name=NAME)), left


def check_own(acting: Desk, job_id: str) -> None:
    """Raises NotFound for a job that was not begun without a token: to those without one there are no others."""
    with acting.store.reading() as session:
        job = jobs.get(session, acting.scope, job_id)
    if job is None or job.owner_id != acting.account_id:
        raise NotFound("This export is not there.", "Check its id.")


def show(acting: Desk, job: Job) -> Job:
    """Let the people of the workspace see what was begun without a token; any other job is left as it is."""
    if acting.account_id != choices.intake(acting).account_id:
        return job
    sharing.share(acting, "export", job.id)
    return job
