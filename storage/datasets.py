"""Datasets and their versions. A version is immutable; the dataset points at its current one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, asc, col, delete, desc, func, or_, select

from storage import bin, workspaces
from storage.scope import EVERYTHING, Scope, Within, narrowed, visible
from storage.store import folded
from storage.tables import Dataset, DatasetVersion, new_id, utc_now

SLUG_LENGTH = 60  # characters, before a number is added


def slug_of(name: str) -> str:
    """A name as addresses and API bodies write it: "Gäste & Tickets (2026)" → "gaste-tickets-2026"."""
    folded = "".join(_plain(c) or c for c in unicodedata.normalize("NFC", name))
    return re.sub(r"[\W_]+", "-", folded.lower()).strip("-")[:SLUG_LENGTH].strip("-") or "dataset"


def add(
    session: Session, workspace_id: str, owner_id: str, *, name: str, hidden: bool = False, id: str | None = None
) -> Dataset:
    """A dataset without a version yet; `add_version` follows in the same transaction."""
    slug = _free_slug(session, workspace_id, slug_of(name))
    dataset = Dataset(
        id=id or new_id(), workspace_id=workspace_id, owner_id=owner_id, name=name, slug=slug, hidden=hidden
    )
    session.add(dataset)
    session.flush()
    return dataset


def add_version(session: Session, dataset: Dataset, version_id: str, owner_id: str, **parts: Any) -> DatasetVersion:
    """The dataset's next version, current from now on. `parts` are the columns of DatasetVersion it does not decide."""
    last = session.exec(select(func.max(DatasetVersion.number)).where(DatasetVersion.dataset_id == dataset.id)).one()
    version = DatasetVersion(
        id=version_id,
        workspace_id=dataset.workspace_id,
        owner_id=owner_id,
        dataset_id=dataset.id,
        number=(last or 0) + 1,
        **parts,
    )
    session.add(version)
    dataset.version_id = version_id
    dataset.updated_at = utc_now()
    session.add(dataset)
    session.flush()
    return version


def get(session: Session, scope: Scope, id_or_slug: str, *, binned: bool = False) -> Dataset | None:
    """By id, else by slug (without case). `binned`: also one that lies in the bin, by id."""
    query = select(Dataset).where(
        visible(Dataset, scope),
        or_(col(Dataset.id) == id_or_slug, func.lower(Dataset.slug) == id_or_slug.lower()),
    )
    found = session.exec(query.order_by(asc(Dataset.created_at))).all()
    by_id = [d for d in found if d.id == id_or_slug and (binned or d.deleted_at is None)]
    by_slug = [d for d in found if d.deleted_at is None]
    return next(iter(by_id or by_slug), None)


def list(
    session: Session, scope: Scope, *, within: Within = EVERYTHING, search: str = "", hidden: bool = False
) -> Sequence[tuple[Dataset, DatasetVersion]]:
    """Each dataset with its current version, the last changed first."""
    query = (
        select(Dataset, DatasetVersion)
        .join(DatasetVersion, col(DatasetVersion.id) == col(Dataset.version_id))
        .where(narrowed(Dataset, scope, within), col(Dataset.deleted_at).is_(None))
    )
    if not hidden:
        query = query.where(col(Dataset.hidden).is_(False))
    if search:
        query = query.where(folded(Dataset.name).contains(search.lower(), autoescape=True))
    return session.exec(query.order_by(desc(Dataset.updated_at), asc(Dataset.id))).all()


def version(session: Session, scope: Scope, version_id: str) -> DatasetVersion | None:
    """Also of a dataset in the bin."""
    return session.exec(
        select(DatasetVersion)
        .join(Dataset, col(Dataset.id) == col(DatasetVersion.dataset_id))
        .where(visible(Dataset, scope), DatasetVersion.id == version_id)
    ).first()


def versions(session: Session, scope: Scope, dataset_id: str) -> Sequence[DatasetVersion]:
    """Newest first."""
    return session.exec(
        select(DatasetVersion)
        .join(Dataset, col(Dataset.id) == col(DatasetVersion.dataset_id))
        .where(visible(Dataset, scope), DatasetVersion.dataset_id == dataset_id)
        .order_by(desc(DatasetVersion.number))
    ).all()


def columns_of(session: Session, version_ids: Collection[str]) -> dict[str, Any]:
    """Dataset id → the columns (a list of engine.values.Column) of that one of these versions which is its own."""
    there = select(DatasetVersion.dataset_id, DatasetVersion.columns).where(col(DatasetVersion.id).in_(version_ids))
    return dict(session.exec(there).all())


def rename(session: Session, dataset: Dataset, name: str) -> Dataset:
    """A new name; the slug stays, because programs and templates may say it."""
    dataset.name, dataset.updated_at = name, utc_now()
    session.add(dataset)
    return dataset


def set_date_column(session: Session, dataset: Dataset, column_id: str | None) -> Dataset:
    """Which column time ranges use; None: the one guessed at ingest."""
    dataset.date_column, dataset.updated_at = column_id, utc_now()
    session.add(dataset)
    return dataset


def use_version(session: Session, dataset: Dataset, version: DatasetVersion) -> Dataset:
    """Make one of its versions the current one; the others stay, and the next one counts on from the highest."""
    dataset.version_id, dataset.updated_at = version.id, utc_now()
    session.add(dataset)
    return dataset


def restore(session: Session, dataset: Dataset) -> Dataset:
    """Out of the bin; under another slug if its own was taken meanwhile."""
    dataset.slug = _free_slug(session, dataset.workspace_id, dataset.slug)
    bin.take_out(session, dataset)
    return dataset


def replaced(session: Session, workspace_id: str, before: datetime) -> Sequence[tuple[str, str]]:
    """(version id, dataset id) of what was fetched, and replaced by a newer version before then; none a dataset stands at."""
    newer = aliased(DatasetVersion)
    later = (newer.dataset_id == DatasetVersion.dataset_id, newer.number > DatasetVersion.number)
    found = session.exec(
        select(DatasetVersion.id, DatasetVersion.dataset_id).where(
            DatasetVersion.workspace_id == workspace_id,
            col(DatasetVersion.fetched).is_(True),
            select(newer.id).where(*later, newer.created_at < before).exists(),
            ~select(Dataset.id).where(Dataset.version_id == DatasetVersion.id).exists(),
        )
    )
    return found.all()


def forget_version(session: Session, version_id: str) -> bool:
    """Forget one that no dataset stands at; what lies on disk for it is the caller's. False: it is gone, or is stood at."""
    stood_at = select(Dataset.id).where(Dataset.version_id == version_id).exists()
    return session.exec(delete(DatasetVersion).where(col(DatasetVersion.id) == version_id, ~stood_at)).rowcount == 1


def known_versions(session: Session) -> set[str]:
    """Every version id there is, of every workspace: for the sweep."""
    return set(session.exec(select(DatasetVersion.id)).all())


def _plain(letter: str) -> str:
    """é → e; nothing for a letter that has no ASCII form of its own."""
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()


def _free_slug(session: Session, workspace_id: str, wanted: str) -> str:
    """`wanted`, or the first of wanted-2, wanted-3 … that no dataset outside the bin has; nobody else takes it meanwhile."""
    workspaces.get(session, workspace_id, lock=True)
    taken = set(
        session.exec(
            select(func.lower(Dataset.slug)).where(
                Dataset.workspace_id == workspace_id,
                col(Dataset.deleted_at).is_(None),
                func.lower(Dataset.slug).startswith(wanted.lower(), autoescape=True),
            )
        ).all()
    )
    slug, n = wanted, 1
    while slug.lower() in taken:
        n += 1
        slug = f"{wanted}-{n}"
    return slug
