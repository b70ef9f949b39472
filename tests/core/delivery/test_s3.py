"""Delivery to an S3 service."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from core.delivery.base import Way
from core.delivery.reach import Reach
from core.delivery.s3 import METHOD, PART, SINGLE, UPLOAD, Options
from core.errors import Cancelled, Undeliverable, Unreachable
from tests.core.delivery.conftest import MakeParcel, Stopping
from tests.servers import s3
from tests.servers.receiver import RESET, receiver
from tests.servers.s3 import BUCKET, KEYS


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[str, Any]]:
    with s3.moto() as running:
        yield running


@pytest.fixture
def options(service: tuple[str, Any]) -> Options:
    return Options(bucket=BUCKET, prefix=f"/{uuid.uuid4().hex}/2026/", endpoint=service[0])


def there(service: tuple[str, Any], options: Options) -> dict[str, bytes]:
    client, prefix = service[1], options.prefix.strip("/") + "/"
    found = client.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    return {
        one["Key"].removeprefix(prefix): client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
        for one in found
    }


def unfinished(service: tuple[str, Any]) -> list[str]:
    return [one["Key"] for one in service[1].list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])]


def test_files_arrive_whole_under_their_names(service, options: Options, parcel: MakeParcel, way: Way):
    parcels = [parcel("Réport – März.csv", SINGLE + PART + 5), parcel("small.csv", seed=2), parcel("empty.csv", 0)]
    steps: list[int] = []
    arrived = METHOD.deliver(options, KEYS, parcels, replace(way, sent=steps.append))
    assert arrived[0].where == f"s3://reports/{options.prefix.strip('/')}/Réport – März.csv"
    assert there(service, options) == {p.name: p.path.read_bytes() for p in parcels}
    assert sum(steps) == sum(p.size for p in parcels)
    assert unfinished(service) == []


@pytest.mark.parametrize("missing", ["access_key", "secret_key"])
def test_the_keys_of_this_computer_are_never_used(options: Options, parcel: MakeParcel, way: Way, missing, monkeypatch):
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEYS["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEYS["secret_key"])
    with pytest.raises(Undeliverable, match="There is no key"):
        METHOD.deliver(options, KEYS | {missing: ""}, [parcel()], way)


def test_the_kind_of_file_is_kept_with_it(service, options: Options, parcel: MakeParcel, way: Way):
    METHOD.deliver(options, KEYS, [parcel()], way)
    key = f"{options.prefix.strip('/')}/orders.csv"
    assert service[1].head_object(Bucket=BUCKET, Key=key)["ContentType"] == "text/csv"


def test_a_stopped_delivery_leaves_no_object_and_goes_on_where_it_stopped(
    service, options: Options, parcel: MakeParcel, way: Way
):
    file = parcel(size=SINGLE + 2 * PART)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [file], replace(way, sent=Stopping(after=2 * PART)))
    assert there(service, options) == {}
    (again,) = METHOD.deliver(options, KEYS, [file], way)
    assert again.resumed_at == 2 * PART
    assert there(service, options) == {file.name: file.path.read_bytes()}
    assert unfinished(service) == []
    assert not [key for key in way.memo if key.startswith(UPLOAD)]


def test_another_file_of_the_same_name_never_goes_on_where_the_first_one_stopped(
    service, options: Options, parcel: MakeParcel, way: Way
):
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [parcel(size=SINGLE + PART)], replace(way, sent=Stopping(after=PART)))
    other = parcel(size=SINGLE + PART, seed=2)
    (arrived,) = METHOD.deliver(options, KEYS, [other], way)
    assert arrived.resumed_at == 0
    assert there(service, options) == {other.name: other.path.read_bytes()}


def test_what_was_given_up_leaves_nothing_half_done(service, options: Options, parcel: MakeParcel, way: Way):
    file = parcel(size=SINGLE + PART)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [file], replace(way, sent=Stopping(after=PART)))
    assert len(unfinished(service)) == 1
    METHOD.abandon(options, KEYS, [file], way)
    assert unfinished(service) == []
    METHOD.abandon(options, KEYS, [file], way)


def test_an_upload_the_service_has_forgotten_begins_anew(service, options: Options, parcel: MakeParcel, way: Way):
    file = parcel(size=SINGLE + PART)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [file], replace(way, sent=Stopping(after=PART)))
    (key, upload) = next((key.removeprefix(UPLOAD), way.memo[key]) for key in way.memo if key.startswith(UPLOAD))
    service[1].abort_multipart_upload(Bucket=BUCKET, Key=key, UploadId=upload)
    METHOD.deliver(options, KEYS, [file], way)
    assert there(service, options) == {file.name: file.path.read_bytes()}


@pytest.mark.parametrize(
    ("existing", "names"), [("replace", ["a.csv"]), ("keep_both", ["a (2).csv", "a (3).csv", "a.csv"])]
)
def test_a_file_that_is_there_is_replaced_or_kept(
    service, options: Options, parcel: MakeParcel, way: Way, existing: str, names: list[str]
):
    options = options.model_copy(update={"existing": existing})
    for seed in (1, 2, 3):
        METHOD.deliver(options, KEYS, [parcel("a.csv", seed=seed)], way)
    found = there(service, options)
    assert [*found] == names
    assert found["a.csv"] == parcel(seed=3 if existing == "replace" else 1).path.read_bytes()


def test_a_file_that_is_there_is_left_alone_where_that_was_chosen(
    service, options: Options, parcel: MakeParcel, way: Way
):
    options = options.model_copy(update={"existing": "refuse"})
    METHOD.deliver(options, KEYS, [parcel()], way)
    with pytest.raises(Undeliverable, match="already a file called"):
        METHOD.deliver(options, KEYS, [parcel(seed=2)], way)
    assert there(service, options) == {"orders.csv": parcel().path.read_bytes()}


def test_a_bucket_that_is_not_there_is_said(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="no bucket called “nowhere”") as refused:
        METHOD.deliver(options.model_copy(update={"bucket": "nowhere"}), KEYS, [parcel()], way)
    assert refused.value.field == "bucket"


def test_a_service_inside_is_not_connected_to(options: Options, parcel: MakeParcel, way: Way):
    with pytest.raises(Undeliverable, match="inside the network"):
        METHOD.deliver(options, KEYS, [parcel()], replace(way, reach=Reach()))


def test_a_service_that_does_not_answer_is_tried_again(tmp_path: Path, options: Options, parcel: MakeParcel, way: Way):
    with receiver(tmp_path) as other:
        pass
    with pytest.raises(Unreachable, match="Nothing answers"):
        METHOD.deliver(options.model_copy(update={"endpoint": other.url}), KEYS, [parcel()], way)


def test_a_service_that_breaks_off_is_tried_again(tmp_path: Path, options: Options, parcel: MakeParcel, way: Way):
    with receiver(tmp_path) as other:
        other.moods.append(RESET)
        with pytest.raises(Unreachable, match="ended the connection"):
            METHOD.deliver(options.model_copy(update={"endpoint": other.url}), KEYS, [parcel()], way)
        other.moods.append(503)
        with pytest.raises(Unreachable, match="answered 503"):
            METHOD.deliver(options.model_copy(update={"endpoint": other.url}), KEYS, [parcel()], way)


def test_a_certificate_nobody_vouches_for_is_refused(
    tmp_path: Path, options: Options, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch
):
    with receiver(tmp_path, tls=True) as other:
        options = options.model_copy(update={"endpoint": other.url})
        with pytest.raises(Undeliverable, match="not trusted: self-signed"):
            METHOD.deliver(options, KEYS, [parcel()], way)
        assert other.taken == []
        monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))
        METHOD.deliver(options, KEYS, [parcel(size=0)], way)
        assert len(other.taken) == 2  # the object, and whether it is there


def test_a_proxy_and_keys_of_this_computer_are_not_used(
    service, options: Options, parcel: MakeParcel, way: Way, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    METHOD.deliver(options, KEYS, [parcel()], way)
    assert [*there(service, options)] == ["orders.csv"]


@pytest.mark.parametrize("endpoint", ["minio", "https://a:b@minio.example.org", "ftp://minio.example.org"])
def test_what_is_no_address_is_refused(endpoint: str):
    with pytest.raises(ValidationError):
        Options(bucket=BUCKET, endpoint=endpoint)


def test_the_place_is_said_without_secrets():
    assert METHOD.place(Options(bucket=BUCKET, prefix="/a/b/")) == "bucket reports, folder a/b"
    assert METHOD.place(Options(bucket=BUCKET)) == "bucket reports"


@pytest.mark.parametrize("existing", ["refuse", "keep_both"])
@pytest.mark.parametrize("named", [False, True])
def test_a_second_try_goes_on_with_the_file_the_first_one_did_not_bring(
    service, options: Options, parcel: MakeParcel, way: Way, existing: str, named: bool
):
    """`named`: the first try died in between the first file getting its name and noting it."""
    options = options.model_copy(update={"existing": existing})
    parcels = [parcel("a.csv"), parcel("b.csv", seed=2)]
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, parcels, replace(way, sent=Stopping(after=4000)))
    if named:
        way.memo["placing " + parcels[0].part] = way.memo.pop("placed " + parcels[0].part)
    again = METHOD.deliver(options, KEYS, parcels, way)
    assert [one.name for one in again] == ["a.csv", "b.csv"]
    assert again[0].resumed_at == parcels[0].size
    assert there(service, options) == {p.name: p.path.read_bytes() for p in parcels}
