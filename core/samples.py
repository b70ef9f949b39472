"""Sample data to try the desk with: added like any other file, with nothing to choose."""

from __future__ import annotations

import tempfile
from pathlib import Path

from core import datasets, uploads
from core.desk import Desk
from core.errors import NotFound
from core.sample_data import SAMPLES, Sample
from storage.tables import Job

__all__ = ["SAMPLES", "Sample", "add_sample"]


def add_sample(desk: Desk, key: str) -> Job:
    """Start reading a sample into a dataset; the job is that of `datasets.add`. Raises NotFound naming the samples."""
    sample = SAMPLES.get(key)
    if sample is None:
        raise NotFound(f"There is no sample “{key}”.", f"Samples: {', '.join(SAMPLES)}.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / sample.file_name
        sample.write(path)
        with path.open("rb") as file:
            upload = uploads.store(desk, sample.file_name, file)
    return datasets.add(desk, upload.id, name=sample.name)
