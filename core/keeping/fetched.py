"""Fetched versions that another one has long replaced: they go by themselves.

Data that is fetched every hour makes thousands of versions a year, and where it came from has them no more than the desk needs
them. What somebody brought stays: there is no other place it could come from. So do the version a dataset stands at, the newest
one, and all of a dataset that a queued or running job reads.
"""

from __future__ import annotations

from datetime import timedelta

from core.desk import Desk
from core.keeping import retention
from storage import datasets, uses, workspaces
from storage.files import remove
from storage.tables import utc_now


def kept_days(desk: Desk) -> int:
    """How long a fetched version stays in the desk's workspace once it was replaced: as long as exports. 0: for good."""
    with desk.store.reading() as session:
        return retention.usual_days(desk, session)


def sweep(desk: Desk) -> int:
    """Remove them, of every workspace. Returns how many. The rows go first: what a crash leaves, the sweep of orphans takes."""
    with desk.store.reading() as session:
        places = {place.id: retention.usual_days(desk.itself(place.id), session) for place in workspaces.every(session)}
        found = [
            version
            for place, days in places.items()
            if days
            for version in datasets.replaced(session, place, utc_now() - timedelta(days=days))
        ]
    if not found:
        return 0
    with desk.store.writing() as session:
        held = uses.held(session)
        gone = [version_id for version_id, dataset_id in found if dataset_id not in held]
        gone = [one for one in gone if datasets.forget_version(session, one)]
    for version_id in gone:
        remove(desk.files.dataset(version_id))
    return len(gone)
