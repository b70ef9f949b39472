"""Sample data brings templates along that run as they are."""

import pytest

from core import exports, samples
from core.templating import templates
from core.templating.samples import TAG, TEMPLATES
from core.work import inline


def test_every_sample_has_templates():
    assert set(TEMPLATES) == set(samples.SAMPLES)


@pytest.mark.parametrize("key", TEMPLATES)
def test_the_templates_of_a_sample_come_with_it_and_run_as_they_are(desk, key):
    samples.add_sample(desk, key)
    inline.run_queued(desk)
    kept = templates.list(desk)
    assert {one.name for one in kept} == {one.name for one in TEMPLATES[key]}
    assert all(TAG in one.tags and not one.shared for one in kept)
    jobs = [templates.run(desk, one.id) for one in kept]
    inline.run_queued(desk)
    for job in jobs:
        done = exports.get(desk, job.id)
        assert done.error is None, (done.name, done.error)
        assert done.rows


def test_a_sample_taken_again_leaves_its_templates_as_they_were_made(desk):
    samples.add_sample(desk, "ambassadors")
    inline.run_queued(desk)
    mine = next(one for one in templates.list(desk) if one.name == "Best twenty")
    templates.update(desk, mine.id, description="Ours")
    samples.add_sample(desk, "ambassadors")
    inline.run_queued(desk)
    assert sorted(one.name for one in templates.list(desk)) == ["Best twenty", "Commission"]
    assert templates.get(desk, mine.id).description == "Ours"
