"""A private PostgreSQL cluster on loopback, from Debian's binaries, gone when the block ends."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.servers.ports import free_port


def _binaries() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and not on_path:
        raise RuntimeError("PostgreSQL is not installed: `make servers` installs it")
    return found[-1].parent if found else Path(str(on_path)).parent


@contextmanager
def postgres() -> Iterator[str]:
    """Start a cluster and yield its SQLAlchemy URL. PostgreSQL refuses root, so as root it runs as user postgres."""
    bin, port = _binaries(), free_port()
    as_root = os.geteuid() == 0
    user = pwd.getpwnam("postgres") if as_root else pwd.getpwuid(os.geteuid())
    identity: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if as_root else {}
    home = Path(tempfile.mkdtemp(prefix="export-desk-pg-"))
    os.chown(home, user.pw_uid, user.pw_gid)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={home} -c fsync=off"

    def run(*command: str) -> None:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, **identity)
        if done.returncode:
            log = (home / "log").read_text() if (home / "log").exists() else ""
            raise RuntimeError(f"{command[0]} failed: {done.stderr}\n{log}")

    data = str(home / "data")
    try:
        run(str(bin / "initdb"), "-D", data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
        run(str(bin / "pg_ctl"), "-D", data, "-l", str(home / "log"), "-o", options, "-w", "start")
        try:
            yield f"postgresql+psycopg://desk@127.0.0.1:{port}/postgres"
        finally:
            run(str(bin / "pg_ctl"), "-D", data, "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
