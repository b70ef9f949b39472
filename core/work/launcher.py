"""The supervisor as the web process sees it: started beside it, started again if it dies, gone when the web process is.

The supervisor's standard input is the lifeline: the web process holds its other end and never writes. However the web
process ends, the kernel closes that end, and the supervisor stops.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from core.settings import Settings

ROOT = Path(__file__).parent.parent.parent
AGAIN_SECONDS = (0.1, 2.0)  # the pause before a dead supervisor is started again doubles from the first to the second
LASTING_SECONDS = 5.0  # one that lived so long did not die of its start
STOP_SECONDS = 10.0

log = logging.getLogger("desk.work")


class Launched:
    """A supervisor that is kept running by a thread of its own until `stop`."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = threading.Event()
        self._starting = threading.Lock()
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, name="keeps the supervisor", daemon=True)
        self._keeper.start()

    def stop(self) -> None:
        """End the lifeline: running jobs go back into the queue. Returns when the supervisor is gone."""
        with self._starting:
            self._stopping.set()
            process = self.process
        if process.stdin:
            process.stdin.close()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "core", "work", "--lifeline"],
            stdin=subprocess.PIPE,
            start_new_session=True,  # the terminal's Ctrl-C is for the web process
            cwd=ROOT,
            env=os.environ | self._settings.environment(),
        )

    def _keep(self) -> None:
        pause, longest = AGAIN_SECONDS
        while True:
            begun = time.monotonic()
            status = self.process.wait()
            if self._stopping.is_set():
                return
            pause = AGAIN_SECONDS[0] if time.monotonic() - begun > LASTING_SECONDS else min(longest, pause * 2)
            log.warning("the supervisor ended (%s): starting it again", status)
            self._stopping.wait(pause)
            with self._starting:
                if self._stopping.is_set():
                    return
                self.process = self._start()


def start(settings: Settings) -> Launched:
    """Start a supervisor for this installation and keep it running."""
    return Launched(settings)


def stop(launched: Launched) -> None:
    launched.stop()
