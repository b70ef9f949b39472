"""The upload routes as the browser's upload box uses them: chunks, resuming, refusals; and memory that stays flat."""

import os
import threading
from collections.abc import Iterator

import httpx
import psutil
import pytest

from core import datasets, uploads
from core.engine.ingest.options import ImportOptions

MB = 1024**2
BASE = "/api/uploads"


@pytest.fixture
def box(server) -> Iterator[httpx.Client]:
    """What the upload box is: no token, no cookie, a ticket."""
    headers = {"X-Upload-Ticket": uploads.ticket(server.desk)}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        yield client


def begin(box, name="orders.csv", size=10):
    answer = box.post(BASE, json={"name": name, "size": size})
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_a_file_travels_in_chunks_and_becomes_a_dataset(server, box):
    contents = b"id,name\n" + b"".join(b"%05d,Ayu\n" % n for n in range(1000))
    begun = begin(box, "pesanan é.csv", len(contents))
    assert (begun["received"], begun["chunk"], begun["name"]) == (0, 8 * MB, "pesanan é.csv")
    for at in range(0, len(contents), 3000):
        answer = box.put(f"{BASE}/{begun['id']}", params={"offset": at}, content=contents[at : at + 3000])
        assert answer.json() == {"received": min(at + 3000, len(contents))}
    assert box.get(f"{BASE}/{begun['id']}").json()["received"] == len(contents)
    job = datasets.wait(server.desk, datasets.add(server.desk, begun["id"]).id, 60)
    assert job.error is None
    assert job.result["datasets"][0]["rows"] == 1000


def test_after_a_lost_connection_the_sender_goes_on_where_the_server_stopped(box):
    begun = begin(box, size=10)
    box.put(f"{BASE}/{begun['id']}", params={"offset": 0}, content=b"1234")
    wrong = box.put(f"{BASE}/{begun['id']}", params={"offset": 0}, content=b"1234")
    assert wrong.status_code == 409
    assert wrong.json()["received"] == 4
    assert "4" in wrong.json()["error"]["message"]
    assert box.put(f"{BASE}/{begun['id']}", params={"offset": 4}, content=b"567890").json() == {"received": 10}


def test_a_connection_that_breaks_in_mid_chunk_keeps_what_arrived(server, box):
    begun = begin(box, size=50 * MB)

    def breaking():
        yield b"x" * (5 * MB)
        raise ConnectionError("the network is gone")

    with pytest.raises(ConnectionError):
        box.put(
            f"{BASE}/{begun['id']}", params={"offset": 0}, content=breaking(), headers={"Content-Length": str(8 * MB)}
        )
    received = until(lambda: box.get(f"{BASE}/{begun['id']}").json()["received"])
    assert 0 < received <= 5 * MB
    more = box.put(f"{BASE}/{begun['id']}", params={"offset": received}, content=b"y" * 1000)
    assert more.json() == {"received": received + 1000}


def test_cancelling_forgets_the_bytes(server, box):
    begun = begin(box)
    assert (server.data_dir / "uploads" / begun["id"]).exists()
    assert box.delete(f"{BASE}/{begun['id']}").status_code == 204
    assert box.get(f"{BASE}/{begun['id']}").status_code == 404
    assert not (server.data_dir / "uploads" / begun["id"]).exists()


@pytest.mark.parametrize(
    ("new", "status"),
    [
        ({"name": "empty.csv", "size": 0}, 400),
        ({"name": "", "size": 5}, 400),
        ({"name": "x.csv", "size": -1}, 422),
        ({"name": "x.csv", "size": 10**15}, 413),
        ({"size": 5}, 422),
    ],
)
def test_what_cannot_be_taken_is_refused_with_a_sentence_before_a_byte_is_sent(box, error, new, status):
    error(box.post(BASE, json=new), status)


def test_more_bytes_than_announced_are_refused(box, error):
    begun = begin(box, size=3)
    error(box.put(f"{BASE}/{begun['id']}", params={"offset": 0}, content=b"12345"), 400)


def test_without_a_ticket_or_with_somebody_elses_nothing_moves(server, box, error):
    begun = begin(box)
    from tests.api.conftest import stranger

    theirs = uploads.ticket(stranger(server.desk))
    for headers, status in (({}, 401), ({"X-Upload-Ticket": "forged"}, 401), ({"X-Upload-Ticket": theirs}, 404),
                            ({"Authorization": f"Bearer {server.token}"}, 401)):  # fmt: skip
        with httpx.Client(base_url=server.url, headers=headers) as client:
            if status == 401:
                error(client.post(BASE, json={"name": "x.csv", "size": 5}), 401)
            error(client.get(f"{BASE}/{begun['id']}"), status)
            error(client.put(f"{BASE}/{begun['id']}", params={"offset": 0}, content=b"12345"), status)
            if status == 401:
                error(client.delete(f"{BASE}/{begun['id']}"), status)
            else:
                client.delete(f"{BASE}/{begun['id']}")
    assert box.get(f"{BASE}/{begun['id']}").json()["received"] == 0


def test_the_look_at_an_upload_says_what_was_understood(server, box):
    contents = b"nama;harga\nKopi;1,5\nTeh;2,25\n"
    begun = begin(box, "harga.csv", len(contents))
    box.put(f"{BASE}/{begun['id']}", params={"offset": 0}, content=contents)
    job = datasets.wait(server.desk, datasets.inspect(server.desk, begun["id"], ImportOptions()).id, 60)
    assert job.error is None
    understood = job.result["inspections"][0]["understood"]
    assert (understood["delimiter"], understood["decimal"]) == (";", ",")


def test_300_mb_travel_without_growing_the_servers_memory(server, box):
    size = 300 * MB
    block = os.urandom(MB)
    process = psutil.Process(server.process.pid)
    warm = begin(box, "warm.bin", 16 * MB)
    for at in range(0, 16 * MB, 8 * MB):
        box.put(f"{BASE}/{warm['id']}", params={"offset": at}, content=block * 8)
    before = process.memory_info().rss
    peak, done = before, threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    begun = begin(box, "large.bin", size)
    for at in range(0, size, 8 * MB):
        part = block * (min(8 * MB, size - at) // MB)
        assert box.put(f"{BASE}/{begun['id']}", params={"offset": at}, content=part).status_code == 200
    done.set()
    watcher.join()
    assert box.get(f"{BASE}/{begun['id']}").json()["received"] == size
    assert (server.data_dir / "uploads" / begun["id"]).stat().st_size == size
    box.delete(f"{BASE}/{begun['id']}")
    assert peak - before < 60 * MB, f"the server grew by {(peak - before) / MB:.0f} MB"


def test_300_mb_in_one_multipart_request_stay_out_of_memory_too(server):
    size, block = 300 * MB, os.urandom(MB)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="large.parquet"\r\n\r\n'

    def body():
        yield head
        for _ in range(size // MB):
            yield block
        yield b"\r\n--x--\r\n"

    process = psutil.Process(server.process.pid)
    before = peak = process.memory_info().rss
    done = threading.Event()

    def watch():
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = server.http.post("/api/v1/datasets", content=body(), headers=kind, timeout=120)
    done.set()
    watcher.join()
    assert answer.status_code == 400, answer.text  # random bytes are no table, and the answer says so
    assert answer.json()["error"]["code"] == "BadFile"
    assert peak - before < 60 * MB, f"the server grew by {(peak - before) / MB:.0f} MB"


def until(answer, seconds=10.0):
    """Ask until there is an answer that counts."""
    import time

    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := answer():
            return found
    raise AssertionError(f"nothing within {seconds} s")
