"""Which process runs which tests (pytest-xdist): a file to a process, and all journeys, which share their desks, to one."""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

JOURNEYS = "tests/e2e/"


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]
    """What a file, or the journeys, set up once is set up once."""

    def _split_scope(self, nodeid: str) -> str:
        return JOURNEYS if nodeid.startswith(JOURNEYS) else nodeid.split("::", 1)[0]
