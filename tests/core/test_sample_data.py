import hashlib

import pytest

from core.engine.ingest import ingest
from core.sample_data import SAMPLES


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """Every sample, taken in."""
    folder = tmp_path_factory.mktemp("samples")
    found = {}
    for sample in SAMPLES.values():
        sample.write(folder / sample.file_name)
        (found[sample.key],) = ingest(folder / sample.file_name, sample.file_name, folder / sample.key, scratch=folder)
    return found


@pytest.mark.parametrize("key", SAMPLES)
def test_a_sample_is_read_whole_and_without_a_problem(taken, key):
    assert (taken[key].rows, taken[key].problems, taken[key].understood.notes) == (SAMPLES[key].rows, 0, ())
    assert taken[key].date_column


@pytest.mark.parametrize("key", ["participants", "ambassadors"])
def test_a_sample_has_the_same_bytes_every_time(tmp_path, key):
    digests = set()
    for name in ("a", "b"):
        SAMPLES[key].write(tmp_path / name)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
    assert len(digests) == 1


def test_the_samples_hold_the_traps_real_lists_have(taken):
    kinds = {key: {c.name: c.kind.value for c in t.columns} for key, t in taken.items()}
    assert (
        kinds["participants"] | {"Postcode": "text", "Code": "text", "Registered at": "timestamp_tz"}
        == kinds["participants"]
    )
    assert kinds["payments"] | {"Paid at": "timestamp", "Amount": "decimal", "Reference": "text"} == kinds["payments"]
    assert kinds["ambassadors"] | {"Joined": "date", "Sales": "decimal", "Code": "text"} == kinds["ambassadors"]
    assert taken["ambassadors"].understood.decimal == ","
    assert taken["ambassadors"].understood.delimiter == ";"
