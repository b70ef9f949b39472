"""An address that names something: what is not there for whoever opens it says so kindly, and nothing else about it."""

from __future__ import annotations

import re

import pytest

from storage.tables import Role
from tests.pages.everybody import ELSEWHERE, PRIVATE

NONSENSE = ("00000000-0000-4000-8000-000000000000", "’ or 1=1 -- <b>*x*</b> ../../etc")
LINKS = (  # page, parameter, what its id is of, what is said
    ("data/data.py", "dataset", "dataset", "There is no dataset “…”."),
    ("data/data.py", "uploads", "upload", "This upload is no longer there."),
    ("exports/my_exports.py", "job", "export", "This export is not there."),
    ("exports/my_exports.py", "job", "failed", "This export is not there."),
    ("exports/my_exports.py", "job", "waiting", "This export is not there."),
    ("projects.py", "project", "project", "This project is not there."),
    ("builder/builder.py", "dataset", "dataset", "There is no dataset “…”."),
    ("builder/builder.py", "template", "template", "This template is not there."),
    ("builder/builder.py", "job", "export", "This export is not there."),
    ("builder/builder.py", "export", "failed", "This export is not there."),
    ("builder/builder.py", "draft", "draft", "This draft is no longer there."),
    ("builder/builder.py", "uploads", "upload", "This upload is no longer there."),
)


def ids(world, what):
    """Of the other workspace's; of Citra's private one, and of one she deleted; of none at all."""
    if what == "project":  # everybody of a workspace sees its projects
        return [world.other_project, *NONSENSE]
    kept = [kept if hasattr(kept, what) else kept.things for kept in (world.elsewhere, world.private)]
    gone = [getattr(world.private.deleted, what)] if hasattr(world.private.deleted, what) else []
    return [*(getattr(one, what) for one in kept), *gone, *NONSENSE]


@pytest.mark.parametrize(("page", "parameter", "what", "said"), LINKS, ids=[" ".join(link[:3]) for link in LINKS])
def test_what_is_not_there_for_somebody_is_told_in_one_kind_sentence_whatever_it_is(world, page, parameter, what, said):
    told = set()
    for wanted in ids(world, what):
        screen = world.look(world.people[Role.OWNER], page, **{parameter: wanted})  # who may most sees no more
        assert screen.names(PRIVATE + ELSEWHERE) == [], wanted
        (problem,) = screen.problems
        told.add(re.sub(re.escape(wanted), "…", problem))
    (sentences,) = told
    assert sentences.startswith(said)
    assert len(sentences) > len(said) + 10  # and what to do next


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("data/data.py", {"project": "Narwhal project", "whose": "nobody's", "find": "Zebrafish"}),
        ("exports/my_exports.py", {"project": "Narwhal project", "state": "x", "format": "x", "q": "Zebrafish"}),
        ("activity.py", {"person": NONSENSE[0], "kind": "x", "span": "x", "q": "Zebrafish"}),
        ("settings/settings.py", {"section": "Narwhal"}),
    ],
    ids=str,
)
def test_filters_in_an_address_that_mean_nothing_here_are_let_be(world, page, query):
    screen = world.look(world.people[Role.OWNER], page, **query)
    shown = screen.everything.replace("Zebrafish", "", 1)  # the search itself, as it was typed
    assert "Zebrafish" not in shown
    assert screen.names(("axolotl", "quokka", *ELSEWHERE)) == []
    assert screen.problems == ()
