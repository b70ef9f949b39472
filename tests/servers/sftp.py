"""Debian's sshd on loopback with SFTP alone, its own host key, one user (whoever runs the tests) and one key that opens it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tests.servers.ports import free_port

PASSPHRASE = "correct horse battery"
START_SECONDS = 20


@dataclass(frozen=True)
class SftpServer:
    port: int
    user: str
    folder: Path  # where files arrive
    host_key: str
    private_key: str
    locked_key: str  # the same, protected by PASSPHRASE
    other_key: str  # a key that opens nothing
    log: Path


@contextmanager
def sshd(work: Path) -> Iterator[SftpServer]:
    """Runs as whoever runs the tests: it changes to no other user, so it needs no root and takes keys alone."""
    work.mkdir(parents=True)
    work.chmod(0o700)
    host, mine, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(3))
    host.write_private_key(work / "host")
    (work / "host").chmod(0o600)
    mine.write_public_key(work / "authorized")
    (folder := work / "files").mkdir()
    port, log = free_port(), work / "log"
    (work / "config").write_text(
        f"""
        Port {port}
        ListenAddress 127.0.0.1
        HostKey {work / "host"}
        PidFile {work / "pid"}
        AuthorizedKeysFile {work / "authorized"}
        StrictModes no
        UsePAM no
        PasswordAuthentication yes
        KbdInteractiveAuthentication no
        PermitRootLogin yes
        Subsystem sftp internal-sftp -d {folder}
        LogLevel VERBOSE
        """
    )
    _separated()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [str(shutil.which("sshd", path="/usr/sbin")), "-D", "-e", "-f", work / "config"], stderr=out
        )
    try:
        _answers(port, process, log)
        yield SftpServer(
            port,
            getpass.getuser(),
            folder,
            " ".join(host.export_public_key().decode().split()[:2]),
            mine.export_private_key("openssh").decode(),
            mine.export_private_key("openssh", passphrase=PASSPHRASE).decode(),
            other.export_private_key("openssh").decode(),
            log,
        )
    finally:
        process.terminate()
        process.wait(10)


def _separated() -> None:
    """Where sshd of root puts what it separates; Debian makes it when the service starts, which it does not here."""
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)


def _answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, log.read_text()
        try:
            with socket.create_connection(("127.0.0.1", port), 1) as s:
                if s.recv(4) == b"SSH-":
                    return
        except OSError:
            pass
    raise AssertionError(f"sshd did not answer within {START_SECONDS} s:\n{log.read_text()}")
