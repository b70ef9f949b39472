"""`command("tokens", "list")`: the command line, on a data folder of the test's own."""

import io
import sys
from collections import namedtuple

import pytest

from core.__main__ import main
from core.desk import open_desk
from core.settings import Settings

Finished = namedtuple("Finished", "returncode stdout stderr")


@pytest.fixture
def command(tmp_path, monkeypatch, capsys):
    """In this process: starting one for each of many commands would take a second every time."""
    monkeypatch.setenv("DESK_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("DESK_ZONE", "UTC")

    def run(*arguments, stdin=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin))
        try:
            returned = main([*map(str, arguments)])
        except SystemExit as misuse:  # how argparse ends
            return Finished(misuse.code, *capsys.readouterr())
        return Finished(returned, *capsys.readouterr())

    return run


@pytest.fixture
def done(command):
    """Like `command`, for what has to succeed: gives the lines it printed."""

    def run(*arguments, stdin=""):
        finished = command(*arguments, stdin=stdin)
        assert (finished.returncode, finished.stderr) == (0, "")
        return finished.stdout.splitlines()

    return run


@pytest.fixture
def refusal(command):
    """Like `command`, for what has to be refused: gives the sentences it said."""

    def run(*arguments, stdin=""):
        finished = command(*arguments, stdin=stdin)
        assert (finished.returncode, finished.stdout) == (1, "")
        return finished.stderr

    return run


@pytest.fixture
def opened(tmp_path):
    """`opened()`: the same desk, seen from the test."""

    def open_it(**settings):
        return open_desk(Settings(data_dir=tmp_path / "data", zone="UTC", **settings))

    return open_it
