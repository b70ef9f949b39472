"""What tests of fetching share, wherever they lie."""

from collections.abc import Iterator

import pytest

from tests.servers.website import Website, website


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Website]:
    """A website on this computer; what it answers is up to each test."""
    with website(tmp_path_factory.mktemp("site")) as running:
        yield running
