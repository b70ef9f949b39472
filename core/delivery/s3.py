"""S3, and what speaks as it does: an object appears whole or not at all."""

from __future__ import annotations

import base64
import hashlib
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import PurePosixPath
from typing import Annotated, Any

import boto3
from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError
from botocore.httpsession import URLLib3Session
from pydantic import AfterValidator, Field

from core.delivery import base
from core.delivery.base import Arrival, Existing, Parcel, Secret, Way, line, placing, spot, web_address
from core.delivery.reach import SECONDS, Reach
from core.errors import AGAIN, DeskError, Undeliverable, Unreachable

S3Client = Any  # boto3 makes its clients while it runs

SINGLE = 16 * 1024 * 1024  # bytes; larger files go in parts, so that a second try goes on with the next part
PART = 8 * 1024 * 1024  # at least 5 MiB
MOST_PARTS = 10_000  # both are limits of the protocol
UPLOAD = "upload "  # in a memo, before the key of what is sent in parts: the service's name for the upload
SHA256 = "sha256"  # kept with each object
NOT_IN = ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "403")
FULL = ("QuotaExceeded", "InsufficientStorage", "507", "XMinioStorageFull")

Endpoint = Annotated[str, AfterValidator(lambda url: web_address(url) if url else "")]


class Options(base.Options):
    bucket: str = Field(min_length=3, max_length=63, title="Bucket")
    prefix: str = Field(default="", title="Folder", description="Such as reports/2026; empty: none.")
    region: str = Field(default="us-east-1", min_length=1, title="Region")
    endpoint: Endpoint = Field(
        default="",
        title="Address of the service",
        description="Empty: Amazon’s. Others, such as MinIO or Ceph, have one.",
        json_schema_extra={"placeholder": "https://s3.example.org"},
    )
    existing: Existing = "replace"


class S3(base.Method[Options]):
    name = "s3"
    label = "S3"
    icon = ":material/cloud_upload:"
    model = Options
    secrets = (Secret("access_key", "Access key"), Secret("secret_key", "Secret key"))
    bound = ("endpoint", "region")

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        with told(options), connected(options, secrets, way.reach) as s3:
            return [_put(s3, options, parcel, way) for parcel in parcels]

    def abandon(self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
        with told(options), connected(options, secrets, way.reach) as s3:
            for noted in [noted for noted in way.memo if noted.startswith(UPLOAD)]:
                where = {"Bucket": options.bucket, "Key": noted.removeprefix(UPLOAD)}
                with suppress(s3.exceptions.NoSuchUpload):
                    s3.abort_multipart_upload(**where, UploadId=way.memo[noted])
                del way.memo[noted]

    def place(self, options: Options) -> str:
        folder = f", folder {options.prefix.strip('/')}" if options.prefix.strip("/") else ""
        return f"bucket {options.bucket}{folder}"


def _put(s3: S3Client, options: Options, parcel: Parcel, way: Way) -> Arrival:
    folder = PurePosixPath(options.prefix.strip("/"))
    found = spot(
        *(folder, parcel, options.existing, way),
        taken=lambda key: _held_as(s3, options.bucket, key) is not None,
        ours=lambda key: _held_as(s3, options.bucket, key) == (parcel.size, parcel.sha256),
    )
    key, start = found.path, 0
    if found.filled:
        way.sent(parcel.size)
        return Arrival(PurePosixPath(key).name, f"s3://{options.bucket}/{key}", parcel.size, parcel.size)
    with placing(way, parcel, key):
        if parcel.size <= SINGLE:
            content = parcel.path.read_bytes()
            s3.put_object(Bucket=options.bucket, Key=key, Body=content, ContentMD5=_md5(content), **_described(parcel))
            way.sent(parcel.size)
        else:
            start = _in_parts(s3, options, key, parcel, way)
    arrived = s3.head_object(Bucket=options.bucket, Key=key)["ContentLength"]
    if arrived != parcel.size:
        raise Unreachable(
            f"{options.bucket} holds {arrived} of {parcel.size} bytes of “{parcel.name}”.",
            AGAIN,
        )
    return Arrival(PurePosixPath(key).name, f"s3://{options.bucket}/{key}", parcel.size, start)


def _in_parts(s3: S3Client, options: Options, key: str, parcel: Parcel, way: Way) -> int:
    """Send it in parts, from the first one the service does not hold yet; where that was, in bytes."""
    where, noted = {"Bucket": options.bucket, "Key": key}, f"{UPLOAD}{key}"
    held = _held(s3, where, way.memo.get(noted, ""))
    if held is None:
        way.memo[noted] = s3.create_multipart_upload(**where, **_described(parcel))["UploadId"]
        held = {}
    upload, size = way.memo[noted], max(PART, -(-parcel.size // MOST_PARTS))
    parts, start, resumed = [], 0, True
    with parcel.path.open("rb") as file:
        for number, content in enumerate(iter(lambda: file.read(size), b""), 1):
            tag = held.get(number, "")
            resumed = resumed and tag.strip('"') == hashlib.md5(content, usedforsecurity=False).hexdigest()
            if resumed:
                start += len(content)
            else:
                tag = s3.upload_part(
                    **where, UploadId=upload, PartNumber=number, Body=content, ContentMD5=_md5(content)
                )["ETag"]
            way.sent(len(content))
            parts.append({"PartNumber": number, "ETag": tag})
    s3.complete_multipart_upload(**where, UploadId=upload, MultipartUpload={"Parts": parts})
    del way.memo[noted]
    return start


def _held(s3: S3Client, where: Mapping[str, str], upload: str) -> dict[int, str] | None:
    """The tag of each part the service holds (for a part kept in clear its MD5), or None where it knows no such upload."""
    if not upload:
        return None
    pages = s3.get_paginator("list_parts").paginate(Bucket=where["Bucket"], Key=where["Key"], UploadId=upload)
    try:
        return {part["PartNumber"]: part["ETag"] for page in pages for part in page.get("Parts", [])}
    except s3.exceptions.NoSuchUpload:
        return None


def _described(parcel: Parcel) -> dict[str, Any]:
    return {"ContentType": parcel.media_type, "Metadata": {SHA256: parcel.sha256}}


def _held_as(s3: S3Client, bucket: str, key: str) -> tuple[int, str] | None:
    """The size in bytes and the SHA-256 (where a desk put it there) of what lies there; None: nothing does."""
    try:
        found = s3.head_object(Bucket=bucket, Key=key)
    except ClientError as answer:
        if answer.response["Error"]["Code"] == "404":
            return None
        raise
    return found["ContentLength"], found.get("Metadata", {}).get(SHA256, "")


def _md5(content: bytes) -> str:
    """Content-MD5 (RFC 1864): the service refuses what was damaged on its way."""
    return base64.b64encode(hashlib.md5(content, usedforsecurity=False).digest()).decode()


@contextmanager
def connected(options: Options, secrets: Mapping[str, str], reach: Reach) -> Iterator[S3Client]:
    """A client that uses nothing of this computer's own AWS set-up and connects to addresses that were checked."""
    keys = secrets.get("access_key", ""), secrets.get("secret_key", "")
    if not all(keys):  # boto3 would look for keys of the computer itself, which are not the person's
        raise Undeliverable(
            "There is no key for this bucket.", "Type its access key and its secret key.", field="access_key"
        )
    session = boto3.session.Session(*keys, region_name=options.region)
    client = session.client(
        "s3",
        endpoint_url=options.endpoint or None,
        config=Config(
            ignore_configured_endpoint_urls=True,
            retries={"total_max_attempts": 1},  # a try is the delivery's, with its own pause before the next
            request_checksum_calculation="when_required",  # services that are not Amazon's know no newer ones
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if options.endpoint else "auto", "us_east_1_regional_endpoint": "regional"},
        ),
    )
    guarded = _Guarded(reach)
    client.meta.events.register("before-send.s3", guarded.answer)
    try:
        yield client
    finally:
        guarded.close()
        client.close()


class _Guarded(URLLib3Session):  # type: ignore[misc]
    """botocore's own way of sending, over connections of ours."""

    def __init__(self, reach: Reach) -> None:
        trusted = ssl.get_default_verify_paths().cafile  # which SSL_CERT_FILE names
        super().__init__(verify=trusted or True, timeout=SECONDS)
        self._manager.pool_classes_by_scheme = _pools(reach)

    def answer(self, request: AWSPreparedRequest, **_event: Any) -> AWSResponse:
        """A listener of "before-send": what one returns is the answer, and nothing else is sent."""
        answer: AWSResponse = self.send(request)
        return answer


def _pools(reach: Reach) -> dict[str, type]:
    def connect(self: Any) -> socket.socket:
        return reach.connect(self.host, self.port, SECONDS)

    class Http(AWSHTTPConnection):  # type: ignore[misc]
        _new_conn = connect

    class Https(AWSHTTPSConnection):  # type: ignore[misc]
        _new_conn = connect

    class HttpPool(AWSHTTPConnectionPool):  # type: ignore[misc]
        ConnectionCls = Http

    class HttpsPool(AWSHTTPSConnectionPool):  # type: ignore[misc]
        ConnectionCls = Https

    return {"http": HttpPool, "https": HttpsPool}


@contextmanager
def told(options: Options) -> Iterator[None]:
    """What the service answers, and what its certificate says, as sentences."""
    host = PurePosixPath(options.endpoint).name or "S3"
    try:
        yield
    except DeskError:
        raise
    except ClientError as answer:
        raise _answered(options, answer) from answer
    except (HTTPClientError, ConnectionError) as problem:
        raise _unsent(host, problem) from problem
    except BotoCoreError as problem:
        raise Undeliverable(f"{host}: {line(problem)}.", "Check the address, the bucket and the region.") from problem


def _answered(options: Options, answer: ClientError) -> DeskError:
    error, status = answer.response["Error"], answer.response["ResponseMetadata"]["HTTPStatusCode"]
    code, bucket = error.get("Code", ""), options.bucket
    if code in FULL:
        return Unreachable(f"“{bucket}” has no space left.", f"Ask who runs it to make room. {AGAIN}")
    if code in NOT_IN:
        return Undeliverable(
            f"The service did not let this access key into “{bucket}”.", "Type both keys again.", field="access_key"
        )
    if code == "AccessDenied":
        return Undeliverable(
            f"This access key may not write into “{bucket}”.",
            "Ask who runs it to allow PutObject and GetObject there.",
            field="bucket",
        )
    if code in ("NoSuchBucket", "404"):
        return Undeliverable(f"There is no bucket called “{bucket}”.", "Check its name and region.", field="bucket")
    if code in ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"):
        return Undeliverable(f"“{bucket}” is in another region.", "Choose the region it is in.", field="region")
    if code == "RequestTimeTooSkewed":
        return Undeliverable("The clock of this desk is wrong.", "Set it right; see the status page.", field="endpoint")
    said = f"The service answered {code}: {line(error.get('Message', ''))}.".replace(": .", ".")
    if status >= 500 or code in ("SlowDown", "RequestTimeout", "NoSuchUpload"):
        return Unreachable(said, AGAIN)
    return Undeliverable(said, "Check the destination, or ask who runs the service.", field="bucket")


def _unsent(host: str, problem: BaseException) -> DeskError:
    """The request never got an answer. What we raised ourselves while connecting lies within the library's error."""
    causes = [*_causes(problem)]
    if ours := next((cause for cause in causes if isinstance(cause, DeskError)), None):
        return ours
    if certificate := next((cause for cause in causes if isinstance(cause, ssl.SSLCertVerificationError)), None):
        return Undeliverable(
            f"The certificate of {host} is not trusted: {certificate.verify_message}.",
            "Use the name the certificate is for, or ask who runs it.",
            field="endpoint",
        )
    return Unreachable(f"{host} ended the connection or did not answer in time.", AGAIN)


def _causes(problem: BaseException | None) -> Iterator[BaseException]:
    while problem is not None:
        yield problem
        within = getattr(problem, "kwargs", {}).get("error") or getattr(problem, "reason", None)
        problem = within if isinstance(within, BaseException) else problem.__cause__ or problem.__context__


METHOD = S3()
