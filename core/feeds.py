"""Fresh data: where a dataset is fetched from again. Its secrets go in and never come out.

connect, disconnect, get, of          where a dataset comes from
add                                   a new dataset from elsewhere            (a job)
refresh                               fetch one now                           (a job)
enqueue                               fetch those of a run that is due, within its transaction
tables, host_key                      for the form: what a database holds, which key a server shows
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from sqlmodel import Session

from core import audit, datasets, fetching, naming, outside, sealed_options, storable
from core.access import roles
from core.datasets import WATCHED
from core.desk import Desk
from core.engine.ingest.options import ImportOptions
from core.errors import BadInput, Conflict, NotFound
from core.fetching.base import Method, Way
from core.work.poke import poke
from storage import feeds as rows
from storage import jobs
from storage.tables import Dataset, Feed, Job, JobKind, JobState, Owned, new_id

if TYPE_CHECKING:
    from core.delivery.sftp import HostKey

__all__ = ["Feed"]

OnChange = Literal["warn", "refuse"]  # what happens when the columns are others than before
TRIES = 4


def get(desk: Desk, dataset: str) -> Feed | None:
    """Where a dataset (id or slug) comes from; None: from a file somebody brought. Raises NotFound."""
    found = datasets.get(desk, dataset)
    with desk.store.reading() as session:
        return rows.get(session, desk.scope, found.id)


def of(desk: Desk, dataset_ids: Collection[str]) -> Mapping[str, Feed]:
    """The feeds of those of these datasets that have one and that whoever acts sees. Raises Forbidden."""
    roles.require(desk, "data.see")
    with desk.store.reading() as session:
        return {feed.dataset_id: feed for feed in rows.of(session, desk.scope, dataset_ids)}


def place(feed: Feed) -> str:
    """Where that is, in a few words without secrets; "" for options that fit no more."""
    method = fetching.get(feed.method)
    try:
        return method.place(method.model.model_validate(feed.options))
    except ValidationError:
        return ""


def sheet(feed: Feed) -> str:
    """Of a workbook the sheet that was chosen; "" where none was."""
    return next(iter(ImportOptions.model_validate(feed.reading).sheets or ()), "")


def options(desk: Desk, feed: Feed) -> dict[str, Any]:
    """What was chosen, for whoever connected it and for who may change it; to others nothing: a query may say much."""
    with desk.store.reading() as session:
        dataset = session.get(Dataset, feed.dataset_id)
    return dict(feed.options) if dataset is not None and roles.may(desk, "data.feed", dataset) else {}


def connect(
    desk: Desk,
    dataset: str,
    method: str,
    options: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    *,
    on_change: OnChange = "warn",
    reading: ImportOptions | None = None,
    sheet: str | None = None,
) -> Feed:
    """Say where a dataset is fetched from, in place of what was said before. `secrets`: in clear; "" forgets one.

    `reading`, and of a workbook its `sheet`: absent, what was said of it before holds; sheet "": the one it was read from.

    Secrets that were kept belong to the server and user they were given for: where those change, they are forgotten. They also
    belong to whoever gave them: with those of somebody else, an editor has the same fetched or gives their own, and then it is
    theirs. Raises NotFound, Forbidden, BadInput, BadSpec for an unknown way.
    """
    found = datasets.get(desk, dataset)
    roles.require(desk, "data.feed", found)
    way = fetching.get(method)
    wanted = _checked(way, options, secrets or {})
    now = get(desk, found.id)
    if now is not None and now.secrets and not secrets and not _moved(way, now, wanted) and now.options != wanted:
        roles.require(desk, "data.secrets", _as_owned(now))
    with desk.store.writing() as session:
        feed = rows.get(session, desk.scope, found.id)
        if feed is None:
            feed = Feed(
                dataset_id=found.id, workspace_id=desk.workspace_id, owner_id=desk.account_id, method="", options={}
            )
        trusted = roles.may(desk, "data.secrets", _as_owned(feed)) or (feed.options == wanted and not secrets)
        kept = feed.secrets if trusted and not _moved(way, feed, wanted) else {}
        if secrets or kept != feed.secrets:
            feed.owner_id = desk.account_id or feed.owner_id
        keys = [secret.key for secret in way.secrets]
        feed.secrets = sealed_options.sealed(desk, kept, secrets or {}, keys, desk.workspace_id, found.id)
        feed.method, feed.options, feed.on_change, feed.error = method, wanted, on_change, None
        read = reading or ImportOptions.model_validate(feed.reading)
        read = read if sheet is None else read.model_copy(update={"sheets": (sheet,) if sheet else None})
        feed.reading = read.model_dump(mode="json", exclude_defaults=True)
        session.add(feed)
        audit.note(desk, session, "data.connected", found, method=method)
    return feed


def disconnect(desk: Desk, dataset: str) -> None:
    """Fetch it from nowhere any more; what was fetched stays, its secrets go. Raises NotFound, Forbidden."""
    found = datasets.get(desk, dataset)
    roles.require(desk, "data.feed", found)
    with desk.store.writing() as session:
        feed = rows.get(session, desk.scope, found.id)
        if feed is not None:
            session.delete(feed)
            audit.note(desk, session, "data.disconnected", found)


def add(
    desk: Desk,
    name: str,
    method: str,
    options: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    *,
    on_change: OnChange = "warn",
    sheet: str = "",
) -> Job:
    """Begin to fetch a dataset that is not there yet. It appears, with its feed, once it was fetched and read.

    The job's result is that of core.datasets.add; of a workbook the first sheet is taken, or the one named.
    """
    roles.require(desk, "data.add")
    roles.require(desk, "data.feed")
    way, named = fetching.get(method), naming.checked(name, "A dataset's name")
    wanted, dataset_id = _checked(way, options, secrets or {}), new_id()
    reading = ImportOptions(sheets=(sheet,)) if sheet else ImportOptions()
    keys = [secret.key for secret in way.secrets]
    new = {
        "dataset": dataset_id,
        "name": named,
        "method": method,
        "options": wanted,
        "secrets": sealed_options.sealed(desk, {}, secrets or {}, keys, desk.workspace_id, dataset_id),
        "reading": reading.model_dump(mode="json", exclude_defaults=True),
        "on_change": on_change,
    }
    with desk.store.writing() as session:
        job = jobs.enqueue(
            session,
            desk.workspace_id,
            desk.account_id,
            kind=JobKind.REFRESH,
            name=named,
            payload={"datasets": [], "new": new},
            max_attempts=1,  # somebody waits for it, and tries again themselves
            priority=WATCHED,
        )
    poke(desk)
    return job


def refresh(desk: Desk, dataset: str) -> Job:
    """Fetch it now; the job that is on its way already, where there is one.

    Raises NotFound, Forbidden, Conflict for a dataset that is fetched from nowhere.
    """
    found = datasets.get(desk, dataset)
    roles.require(desk, "data.feed", found)
    with desk.store.writing() as session:
        job = rows.on_its_way(session, found.id) or _begin(session, desk, [found], TRIES, WATCHED)
        if job is None:
            raise Conflict(f"“{found.name}” is fetched from nowhere.", "Say first where it comes from.")
    poke(desk)
    return job


def enqueue(session: Session, desk: Desk, dataset_ids: Collection[str]) -> Job | None:
    """Fetch all of these that have a feed, in one job, within the caller's transaction. None: nothing of it has one.

    The job fails where one of them could not be fetched. `warning` says of one that succeeded whether columns changed.
    """
    seen = [session.get(Dataset, dataset_id) for dataset_id in dict.fromkeys(dataset_ids)]
    mine = [one for one in seen if one is not None and one.workspace_id == desk.workspace_id]
    return _begin(session, desk, [one for one in mine if roles.may(desk, "data.feed", one)], TRIES, 0)


def warning(job: Job) -> str:
    """Of a job that fetched: which columns are others than before, in a sentence for each dataset; "" where none is."""
    made = (job.result or {}).get("datasets", ()) if job.state == JobState.SUCCEEDED else ()
    return " ".join(f"The columns of “{one['name']}” changed. {one['warning']}" for one in made if one.get("warning"))


def tables(
    desk: Desk,
    method: str,
    options: Mapping[str, Any],
    secrets: Mapping[str, str] | None = None,
    *,
    dataset: str | None = None,
) -> Sequence[str]:
    """The tables and views of a database, as its options name them, for a person to choose from.

    `dataset`: whose kept secrets are used where none are given, as long as the server is the same and they are one's own, or
    one may use others'. Raises Forbidden, BadInput, Unfetchable, Unanswered.
    """
    found = datasets.get(desk, dataset) if dataset else None
    roles.require(desk, "data.feed", found)
    way = fetching.get(method)
    if not way.lists_tables:
        raise BadInput(f"{way.label}: there are no tables to choose from.")
    asked = dict(options) | {"query": "", "table": options.get("table") or "any"}  # none is chosen yet
    wanted = sealed_options.checked(way.model, asked)
    given = dict(secrets or {}) or _kept(desk, way, wanted.model_dump(mode="json"), found)
    with TemporaryDirectory() as scratch, sealed_options.hidden(given):
        there = Way(outside.reach(desk), Path(scratch), folders=outside.folders(desk))
        return way.tables(wanted, given, there)


def host_key(desk: Desk, host: str, port: int) -> HostKey:
    """The key an SFTP server shows now, for a person to compare and confirm. Raises Forbidden, BadInput, Undeliverable,
    Unreachable."""
    from core.delivery import sftp  # asyncssh takes its time to load, and hardly anybody asks

    roles.require(desk, "data.feed")
    where = sealed_options.checked(sftp.Options, {"host": host, "port": port, "user": "nobody"})
    return sftp.host_key(where, outside.reach(desk))


def job(desk: Desk, job_id: str) -> Job:
    """A job that fetches. Raises NotFound."""
    roles.require(desk, "data.see")
    with desk.store.reading() as session:
        found = jobs.get(session, desk.scope, job_id)
    if found is None or found.kind != JobKind.REFRESH:
        raise NotFound("This job is not there.")
    return found


def on_its_way(desk: Desk, dataset_id: str) -> Job | None:
    """The job that waits to fetch a dataset, or does just now, whoever began it."""
    roles.require(desk, "data.see")
    with desk.store.reading() as session:
        return rows.on_its_way(session, datasets.get(desk, dataset_id).id)


def cancel(desk: Desk, job_id: str) -> None:
    """Stop fetching; what has ended stays as it is. Raises NotFound, Forbidden."""
    found = job(desk, job_id)
    roles.require(desk, "data.feed", found)
    with desk.store.writing() as session:
        stopped = jobs.cancel(session, desk.scope, job_id)
        if stopped is not None and stopped.state == JobState.CANCELLED:
            rows.forget_given(session, job_id)
    poke(desk)


def _begin(session: Session, desk: Desk, wanted: Sequence[Dataset], tries: int, priority: int) -> Job | None:
    connected = {feed.dataset_id for feed in rows.of(session, desk.scope, [one.id for one in wanted])}
    fed = [one for one in wanted if one.id in connected]
    if not fed:
        return None
    return jobs.enqueue(
        session,
        desk.workspace_id,
        desk.account_id,
        kind=JobKind.REFRESH,
        name=", ".join(one.name for one in fed),
        payload={"datasets": [one.id for one in fed]},
        resolved={"versions": {one.id: one.version_id for one in fed if one.version_id}},
        max_attempts=tries,
        priority=priority,
    )


def _checked(way: Method[Any], options: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    storable.check({"options": dict(options), "secrets": dict(secrets)})
    return sealed_options.checked(way.model, options).model_dump(mode="json")


def _as_owned(feed: Feed) -> Owned:
    """Whose its secrets are, which need not be who owns the dataset."""
    return Owned(id=feed.dataset_id, workspace_id=feed.workspace_id, owner_id=feed.owner_id)


def _moved(way: Method[Any], feed: Feed, wanted: Mapping[str, Any]) -> bool:
    """Is that another server, or another user, than the feed's secrets were given for?"""
    return feed.method != way.name or any(feed.options.get(n) != wanted.get(n) for n in way.bound)


def _kept(desk: Desk, way: Method[Any], wanted: Mapping[str, Any], dataset: Dataset | None) -> dict[str, str]:
    """The secrets that are kept for that server and user, for whoever may ask it something else with them."""
    if dataset is None:
        return {}
    with desk.store.reading() as session:
        feed = rows.get(session, desk.scope, dataset.id)
    if feed is None or _moved(way, feed, wanted) or not roles.may(desk, "data.secrets", _as_owned(feed)):
        return {}
    return sealed_options.opened(desk, feed.secrets, feed.workspace_id, feed.dataset_id)
