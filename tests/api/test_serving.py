"""Starting and ending the desk: one line that says where it is, a clean and prompt end, nobody left behind."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time

import httpx
import psutil
import pytest

from tests.api.conftest import ROOT, start, stop
from tests.helpers import wait_until


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_desk_at_once_whatever_is_open_and_leaves_nobody_behind(tmp_path, sign):
    process, url = start(tmp_path / "data")
    wait_until(lambda: [*(tmp_path / "data" / "run").glob("*.pipe")], 60, what="the supervisor listens")
    family = psutil.Process(process.pid).children(recursive=True)
    with httpx.Client() as idle, httpx.stream("GET", f"{url}/static/index.html"):  # one kept open, one half read
        assert idle.get(f"{url}/health").json()["status"] == "ok"
        begun = time.monotonic()
        process.send_signal(sign)
        assert process.wait(20) == 0
    assert time.monotonic() - begun < 10
    wait_until(lambda: all(ended(p) for p in family), 5, what="nobody is left behind")
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_what_the_image_holds_is_enough_to_serve(tmp_path):
    image = tmp_path / "image"
    recipe = (ROOT / "Containerfile").read_text()
    for copied, place in re.findall(r"^COPY ([\w. ]+) (\./|[\w.]+)$", recipe.rpartition("\nFROM ")[2], re.MULTILINE):
        for name in copied.split():
            goal = image / (name if place == "./" else place)
            take = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
            goal.parent.mkdir(exist_ok=True)
            take(ROOT / name, goal)
    given = dict(re.findall(r"(DESK_\w+)=(\S+)", recipe)) | {"PYTHONDONTWRITEBYTECODE": "1"}
    process, url = start(tmp_path / "data", image, **{k: v for k, v in given.items() if k != "DESK_DATA_DIR"})
    try:
        assert httpx.get(f"{url}/health").json()["status"] == "ok"
        answer = httpx.get(f"{url}/", follow_redirects=True)
        assert (answer.status_code, answer.url.path) == (200, "/set-up")
        assert httpx.get(f"{url}/static/index.html").status_code == 200
    finally:
        stop(process)
    assert "Traceback" not in (tmp_path / "server.log").read_text()


def test_killing_the_web_process_takes_its_supervisor_with_it(tmp_path):
    process, _ = start(tmp_path / "data")
    wait_until(lambda: [*(tmp_path / "data" / "run").glob("*.pipe")], 60, what="the supervisor listens")
    family = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.wait(5)
    wait_until(lambda: all(ended(p) for p in family), 15, what="the supervisor is gone")


def test_a_taken_port_is_named_with_the_way_out(server, tmp_path):
    port = server.url.rsplit(":", 1)[1]
    env = os.environ | {"PORT": port, "DESK_DATA_DIR": str(tmp_path / "other")}
    second = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert second.returncode == 1
    assert f"Port {port} cannot be used" in second.stderr
    assert "make run PORT=" in second.stderr


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"DESK_HOST": "0.0.0.0"}, "nobody signs in here. Serve a team with: make serve"),
        ({"DESK_SIGN_IN": "required", "DESK_TRUSTED_PROXIES": "everybody"}, "everybody"),
        ({"DESK_SIGN_IN": "required", "DESK_PUBLIC_URL": "desk.example.org"}, "an address begins with https://"),
    ],
)
def test_a_setting_that_would_open_the_desk_by_mistake_ends_it_before_it_begins(tmp_path, settings, says):
    env = os.environ | {"PORT": "0", "DESK_DATA_DIR": str(tmp_path)} | settings
    ended = subprocess.run([sys.executable, "app.py"], cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert says in ended.stderr


def test_a_token_is_made_beside_a_running_desk_and_stands_alone_on_the_last_line(server):
    made = subprocess.run(
        [sys.executable, "-m", "core", "tokens", "create", "by hand", "--scopes", "*"],
        cwd=ROOT,
        env=os.environ | {"DESK_DATA_DIR": str(server.data_dir)},
        capture_output=True,
        text=True,
        check=True,
    )
    token = made.stdout.splitlines()[-1]
    assert token.startswith("exd_")
    answer = httpx.get(f"{server.url}/api/v1/jobs", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_an_unknown_scope_ends_with_a_sentence_on_the_command_line(tmp_path):
    refused = subprocess.run(
        [sys.executable, "-m", "core", "tokens", "create", "x", "--scopes", "jobs:reed"],
        cwd=ROOT,
        env=os.environ | {"DESK_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert refused.returncode == 1
    assert "jobs:reed" in refused.stderr
    assert "jobs:read" in refused.stderr
    assert "Traceback" not in refused.stderr


def ended(process):
    """Gone, or a zombie that waits for an init which does not reap."""
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
