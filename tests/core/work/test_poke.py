"""Waking supervisors, and telling the living from the dead by their pipes."""

import os
import select
from contextlib import suppress

from core.work import poke
from core.work.poke import Ear


def heard(ear):
    return bool(select.select([ear], [], [], 0)[0])


def test_a_poke_is_heard_by_everybody_at_once(desk):
    ears = [Ear(desk.files), Ear(desk.files)]
    assert not any(heard(ear) for ear in ears)
    poke.poke(desk)
    assert all(heard(ear) for ear in ears)
    for ear in ears:
        ear.hear()
        assert not heard(ear)
        ear.close()


def test_a_poke_nobody_hears_is_no_error(desk):
    poke.poke(desk)
    ear = Ear(desk.files)
    with suppress(BlockingIOError):
        while os.write(ear.fileno(), b"!" * 4096):  # until the pipe holds no more
            pass
    poke.poke(desk)
    ear.close()
    poke.poke(desk)


def test_whoever_has_no_reader_any_more_is_dead(desk):
    alive, dead = Ear(desk.files), Ear(desk.files)
    os.close(dead.fileno())  # what the kernel does when a process dies, however it dies
    owners = {alive.owner, dead.owner, "of-another-computer.1.abc"}
    assert poke.dead(desk.files, owners) == {dead.owner}
    poke.forget_dead(desk.files)
    assert [path.name for path in desk.files.run.iterdir()] == [f"{alive.owner}.pipe"]
    alive.close()
