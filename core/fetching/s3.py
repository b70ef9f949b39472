"""An object of S3, or of what speaks as it does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath

from botocore.exceptions import ClientError
from pydantic import Field

from core.delivery import s3
from core.fetching import base
from core.fetching.base import BLOCK, NEWEST, Fetched, Way

GONE = ("NoSuchKey", "404")


class Options(base.Options):
    bucket: str = Field(min_length=3, max_length=63, title="Bucket")
    file: base.Line = Field(min_length=1, title="File", description=NEWEST)
    region: str = Field(default="us-east-1", min_length=1, title="Region")
    endpoint: s3.Endpoint = Field(
        default="",
        title="Address of the service",
        description="Empty: Amazon’s. Others, such as MinIO or Ceph, have one.",
    )


class S3(base.Method[Options]):
    name = "s3"
    label = "S3"
    icon = ":material/cloud:"
    model = Options
    secrets = s3.METHOD.secrets
    bound = s3.METHOD.bound

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        there = s3.Options(bucket=options.bucket, region=options.region, endpoint=options.endpoint)
        with base.told(), s3.told(there), s3.connected(there, secrets, way.reach) as client:
            key = _key(client, options)
            try:
                found = client.get_object(Bucket=options.bucket, Key=key)
            except ClientError as answer:
                code = answer.response["Error"].get("Code", "")
                if code in GONE:
                    raise base.missing(key, self.place(options)) from answer
                if code == "AccessDenied":
                    raise base.forbidden(key, self.place(options)) from answer
                raise
            return way.receive(PurePosixPath(key).name, found["Body"].iter_chunks(BLOCK))

    def place(self, options: Options) -> str:
        return f"bucket {options.bucket}, {options.file.strip('/')}"


def _key(client: s3.S3Client, options: Options) -> str:
    """The object's key; where stars stand in its last part, that of the newest that fits."""
    key = options.file.strip("/")
    if not base.is_pattern(key):
        return key
    folder, _, pattern = key.rpartition("/")
    prefix = f"{folder}/" if folder else ""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=options.bucket, Prefix=prefix, Delimiter="/")
    listed = (
        (str(one["Key"]).removeprefix(prefix), one["LastModified"].timestamp())
        for page in pages
        for one in page.get("Contents", [])
    )
    return prefix + base.newest(pattern, listed, f"bucket {options.bucket}")


METHOD = S3()
