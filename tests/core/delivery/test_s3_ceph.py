"""Delivery to a true S3 service, which knows who may write: Ceph's RADOS Gateway."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.delivery.base import Way
from core.delivery.s3 import METHOD, PART, SINGLE, Options
from core.errors import Cancelled, Undeliverable, Unreachable
from tests.core.delivery.conftest import MakeParcel, Stopping
from tests.servers.rgw import KEYS, OTHERS, Rgw, rgw

pytestmark = [pytest.mark.slow_real, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rgw]:
    with rgw(tmp_path_factory.mktemp("ceph") / "cluster") as running:
        yield running


@pytest.fixture
def options(server: Rgw, request: pytest.FixtureRequest) -> Options:
    return Options(bucket=server.bucket, prefix=request.node.name, endpoint=server.url)


def there(server: Rgw, options: Options) -> dict[str, bytes]:
    found = server.client.list_objects_v2(Bucket=server.bucket, Prefix=options.prefix + "/").get("Contents", [])
    return {o["Key"]: server.client.get_object(Bucket=server.bucket, Key=o["Key"])["Body"].read() for o in found}


def half_sent(server: Rgw) -> list[str]:
    return [one["Key"] for one in server.client.list_multipart_uploads(Bucket=server.bucket).get("Uploads", [])]


def test_small_and_large_files_arrive_whole_under_their_names(
    server: Rgw, options: Options, parcel: MakeParcel, way: Way
) -> None:
    parcels = [parcel("Réport – März.csv", 70_000), parcel("large.csv", SINGLE + PART + 5, seed=2)]
    METHOD.deliver(options, KEYS, parcels, way)
    assert there(server, options) == {f"{options.prefix}/{p.name}": p.path.read_bytes() for p in parcels}
    assert half_sent(server) == []


def test_a_stopped_delivery_goes_on_with_the_next_part_and_what_is_given_up_leaves_nothing(
    server: Rgw, options: Options, parcel: MakeParcel, way: Way
) -> None:
    file = parcel("large.csv", SINGLE + 2 * PART)
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [file], replace(way, sent=Stopping(after=2 * PART)))
    assert there(server, options) == {}
    (again,) = METHOD.deliver(options, KEYS, [file], way)
    assert again.resumed_at >= PART
    assert there(server, options) == {f"{options.prefix}/large.csv": file.path.read_bytes()}
    other = replace(parcel("other.csv", SINGLE + PART, seed=3))
    with pytest.raises(Cancelled):
        METHOD.deliver(options, KEYS, [other], replace(way, sent=Stopping(after=PART)))
    assert half_sent(server) != []
    METHOD.abandon(options, KEYS, [other], way)
    assert half_sent(server) == []


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"access_key": "AKNOBODY", "secret_key": "x" * 20}, "did not let this access key into"),
        (KEYS | {"secret_key": "another"}, "did not let this access key into"),
        (OTHERS, "may not write into"),
    ],
    ids=["unknown key", "wrong secret", "somebody else's"],
)
def test_who_may_not_write_there_is_told_so_at_once(
    server: Rgw, options: Options, parcel: MakeParcel, way: Way, keys: dict[str, str], sentence: str
) -> None:
    with pytest.raises(Undeliverable, match=sentence) as refused:
        METHOD.deliver(options, keys, [parcel()], way)
    assert keys["secret_key"] not in refused.value.message
    assert there(server, options) == {}


def test_a_bucket_that_is_not_there_is_named(options: Options, parcel: MakeParcel, way: Way) -> None:
    with pytest.raises(Undeliverable, match="There is no bucket called “elsewhere”"):
        METHOD.deliver(options.model_copy(update={"bucket": "elsewhere"}), KEYS, [parcel()], way)


def test_a_full_bucket_is_tried_again(server: Rgw, options: Options, parcel: MakeParcel, way: Way) -> None:
    server.quota(kilobytes=1)
    with pytest.raises(Unreachable, match="has no space left"):
        METHOD.deliver(options, KEYS, [parcel(size=500_000)], way)
    assert there(server, options) == {}
