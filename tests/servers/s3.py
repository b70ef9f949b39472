"""An S3 service on loopback (moto). It lets everybody in, so what it proves is how objects arrive, never who may write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.moto_server.threaded_moto_server import ThreadedMotoServer

BUCKET = "reports"
KEYS = {"access_key": "AKTEST", "secret_key": "SKTEST"}


@contextmanager
def moto() -> Iterator[tuple[str, Any]]:
    """Its address, and a client of its own to look inside."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    url = f"http://{host}:{port}"
    client = boto3.client(
        "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="AK", aws_secret_access_key="SK"
    )
    client.create_bucket(Bucket=BUCKET)
    try:
        yield url, client
    finally:
        client.close()
        server.stop()
