"""A true S3 service on loopback: Ceph's RADOS Gateway with its monitor, manager and one store in memory, from Debian.

Unlike moto it knows who may write, checks signatures and checksums, and keeps quotas.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3

from tests.servers.ports import free_port

STORE_BYTES = 2 * 1024**3
START_SECONDS = 120
KEYS = {"access_key": "AKDESK", "secret_key": "the-secret-of-the-desk"}
OTHERS = {"access_key": "AKOTHER", "secret_key": "the-secret-of-somebody-else"}


@dataclass(frozen=True)
class Rgw:
    url: str
    bucket: str  # of the desk
    client: Any  # the desk's
    folder: Path

    def quota(self, kilobytes: int) -> None:
        """From now on the desk's bucket takes no more than that."""
        _run(self.folder, "radosgw-admin", "quota", "set", "--quota-scope=bucket", "--uid=desk",
             f"--max-size={kilobytes * 1024}")  # fmt: skip
        _run(self.folder, "radosgw-admin", "quota", "enable", "--quota-scope=bucket", "--uid=desk")


@contextmanager
def rgw(folder: Path) -> Iterator[Rgw]:
    """Serve until the block ends. The programs come as the packages ceph-mon, ceph-osd, ceph-mgr and radosgw."""
    for part in ("mon", "mgr", "osd", "run", "log", "rgw"):
        (folder / part).mkdir(parents=True)
    port = free_port()
    (folder / "ceph.conf").write_text(_config(folder, port))
    running: list[subprocess.Popen[bytes]] = []
    try:
        _cluster(folder, running)
        running.append(_daemon(folder, "radosgw", "-n", "client.rgw"))
        _until_it_answers(f"http://127.0.0.1:{port}", running[-1])
        for uid, keys in (("desk", KEYS), ("other", OTHERS)):
            _run(folder, "radosgw-admin", "user", "create", f"--uid={uid}", f"--display-name={uid}",
                 f"--access-key={keys['access_key']}", f"--secret-key={keys['secret_key']}")  # fmt: skip
        client = boto3.client(
            "s3",
            endpoint_url=f"http://127.0.0.1:{port}",
            region_name="us-east-1",
            aws_access_key_id=KEYS["access_key"],
            aws_secret_access_key=KEYS["secret_key"],
        )
        client.create_bucket(Bucket="reports")
        yield Rgw(f"http://127.0.0.1:{port}", "reports", client, folder)
        client.close()
    finally:
        for process in reversed(running):
            process.terminate()
        for process in running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
        shutil.rmtree(folder / "osd", ignore_errors=True)


def _cluster(folder: Path, running: list[subprocess.Popen[bytes]]) -> None:
    """The monitor, the manager and one store, each once the one before answers."""
    keyring = str(folder / "keyring")
    _run(folder, "ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
    _run(folder, "ceph-authtool", keyring, "--gen-key", "-n", "client.admin",
         *(word for part in ("mon", "osd", "mgr", "mds") for word in ("--cap", part, "allow *")))  # fmt: skip
    _run(folder, "monmaptool", "--create", "--fsid", _said(folder, "fsid"), "--addv", "a",
         _said(folder, "mon_host"), str(folder / "monmap"), "--clobber")  # fmt: skip
    _run(folder, "ceph-mon", "-i", "a", "--mkfs", "--monmap", str(folder / "monmap"), "--keyring", keyring)
    running.append(_daemon(folder, "ceph-mon", "-i", "a"))
    _allow(folder, "mgr.x", "mon", "allow profile mgr", "osd", "allow *", "mds", "allow *")
    _allow(folder, "client.rgw", "mon", "allow rw", "osd", "allow rwx", "mgr", "allow rw")
    running.append(_daemon(folder, "ceph-mgr", "-i", "x"))
    osd = str(uuid.uuid4())
    number = _run(folder, "ceph", "osd", "new", osd).strip()
    _allow(folder, f"osd.{number}", "mon", "allow profile osd", "mgr", "allow profile osd", "osd", "allow *")
    _run(folder, "ceph-osd", "-i", number, "--mkfs", "--osd-uuid", osd)
    running.append(_daemon(folder, "ceph-osd", "-i", number))


def _allow(folder: Path, name: str, *caps: str) -> None:
    with (folder / "keyring").open("a") as keyring:
        keyring.write(_run(folder, "ceph", "auth", "get-or-create", name, *caps))


def _daemon(folder: Path, program: str, *more: str) -> subprocess.Popen[bytes]:
    log = (folder / "log" / f"{program}.out").open("wb")
    return subprocess.Popen([program, "-f", "-c", str(folder / "ceph.conf"), *more], stdout=log, stderr=log)


def _run(folder: Path, program: str, *more: str) -> str:
    """What it prints. Those that talk to the cluster wait until it answers."""
    config = ["-c", str(folder / "ceph.conf")] if program not in ("ceph-authtool", "monmaptool") else []
    done = subprocess.run(
        [program, *config, *more], capture_output=True, text=True, timeout=START_SECONDS, env=os.environ
    )
    assert done.returncode == 0, f"{program} {' '.join(more)}:\n{done.stderr}"
    return done.stdout


def _until_it_answers(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "radosgw ended by itself"
        try:
            urllib.request.urlopen(url, timeout=2).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise AssertionError(f"radosgw did not answer within {START_SECONDS} s")


def _said(folder: Path, name: str) -> str:
    """A line of the cluster's configuration."""
    return (folder / "ceph.conf").read_text().partition(f"{name}=")[2].splitlines()[0]


def _config(folder: Path, port: int) -> str:
    mon, old = free_port(), free_port()
    return f"""[global]
fsid={uuid.uuid4()}
mon_host=[v2:127.0.0.1:{mon},v1:127.0.0.1:{old}]
public_addr=127.0.0.1
cluster_addr=127.0.0.1
public_network=127.0.0.0/8
cluster_network=127.0.0.0/8
auth_cluster_required=cephx
auth_service_required=cephx
auth_client_required=cephx
auth_allow_insecure_global_id_reclaim=false
osd_pool_default_size=1
osd_pool_default_min_size=1
osd_pool_default_pg_num=8
osd_crush_chooseleaf_type=0
mon_allow_pool_size_one=true
mon_warn_on_pool_no_redundancy=false
run_dir={folder}/run
admin_socket={folder}/run/$name.asok
pid_file={folder}/run/$name.pid
log_file={folder}/log/$name.log
keyring={folder}/keyring
osd_objectstore=memstore
memstore_device_bytes={STORE_BYTES}
osd_data={folder}/osd
mon_data={folder}/mon
mgr_data={folder}/mgr
mgr_initial_modules=
rgw_bucket_quota_ttl=0
rgw_user_quota_bucket_sync_interval=1
[client.rgw]
rgw_frontends=beast endpoint=127.0.0.1:{port}
rgw_data={folder}/rgw
rgw_dns_name=127.0.0.1
"""
