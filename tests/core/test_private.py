"""What somebody keeps to themselves is nowhere in what the desk answers a colleague: lists, searches, figures, the log."""

from __future__ import annotations

import csv
from urllib.parse import urlsplit

import pytest

from core import audit, audit_file, datasets, drafts, exports, home, projects, sharing, usage
from core.desk import Caller
from core.errors import Conflict, NotFound
from core.keeping import bin
from core.templating import templates
from storage.tables import Role
from tests.things import add_person, make_things, spec

NAME = "Zebrafish"  # of whatever Citra keeps to herself


@pytest.fixture
def ana(desk):
    """Who leads the workspace sees no more of it than anybody."""
    return add_person(desk, "Ana", Role.OWNER)


@pytest.fixture
def citra(desk):
    return add_person(desk, "Citra", Role.EDITOR)


@pytest.fixture
def kept(citra):
    return make_things(citra, NAME)


def answers(desk):
    """Everything the desk lists for somebody, with a search that would find it."""
    for search in ("", NAME):
        yield datasets.list(desk, search=search)
        yield exports.list(desk, search=search)[0]
        yield templates.list(desk, search)
        yield bin.list(desk, search=search)
        yield audit.list(desk, search=search, size=500)[0]
    yield home.of(desk)
    yield projects.counts(desk)


def test_no_list_search_or_figure_gives_it_away(ana, citra, kept):
    spring = projects.make(citra, "Spring")
    for kind in ("dataset", "export", "template"):
        projects.put(citra, kind, getattr(kept, kind), spring.id)
    templates.pin(citra, kept.template)
    drafts.keep(citra, "a draft", {"name": NAME, "dataset": kept.dataset})
    assert NAME in str([*answers(citra.itself(citra.workspace_id))])
    assert NAME not in str([*answers(ana)])
    assert home.of(ana).newcomer
    assert projects.counts(ana) == {}


def test_what_is_deleted_stays_as_private_as_it_was(ana, citra, kept):
    datasets.move_to_bin(citra, kept.dataset)
    templates.delete(citra, kept.template)
    exports.delete(citra, kept.export)
    assert len(bin.list(citra)) == 3
    assert NAME not in str([*answers(ana)])


def test_what_somebody_pinned_leaves_their_home_when_it_is_not_shared_any_more(ana, citra, kept):
    sharing.share(citra, "template", kept.template, with_data=True)
    templates.pin(ana, kept.template)
    assert [t.id for t in home.of(ana).pinned] == [kept.template]
    sharing.share(citra, "template", kept.template, False)
    assert list(home.of(ana).pinned) == []


def test_a_list_counts_only_the_exports_one_sees_and_a_warning_all_of_them_without_their_names(ana, citra):
    common = make_things(ana, "Common", shared=True)
    templates.save(citra, NAME, "", spec(common.dataset))
    exports.start(citra, spec(common.dataset, NAME))
    assert [one.used_by for one in datasets.list(ana)] == [1]
    assert [one.used_by for one in datasets.list(citra)] == [2]
    before_deleting = usage.of_dataset(ana, common.dataset)
    assert NAME not in str(before_deleting)
    assert (before_deleting.templates.count, before_deleting.templates.names) == (2, ("Common template",))
    assert (before_deleting.on_their_way.count, before_deleting.on_their_way.names) == (1, ())


def test_the_log_says_that_something_was_done_and_not_to_what(ana, citra, kept):
    datasets.rename(citra, kept.dataset, f"{NAME} again")
    exports.downloaded(citra, exports.file(citra, kept.export))
    found = [e for e in audit.list(ana, size=500)[0] if e.actor == "Citra"]
    told = {audit.sentence(entry) for entry in found}
    assert {"added the dataset (private)", "ran the export (private)", "downloaded (private)"} <= told
    assert NAME not in str(found)
    assert {(entry.subject_id, str(entry.details)) for entry in found} == {("", "{}")}
    assert audit.list(ana, search=NAME) == ([], 0)
    _, token = urlsplit(audit_file.make(ana, "csv", audit.Wanted())).path.rsplit("/", 1)
    file = audit_file.open(ana, token, Caller()).path.read_text("utf-8-sig")
    assert "downloaded (private)" in {row["What"] for row in csv.DictReader(file.splitlines())}
    assert NAME not in file


def test_whoever_did_it_reads_the_name_and_everybody_once_it_is_shared(desk, ana):
    its = make_things(ana, NAME)
    assert f"added the dataset {NAME} data" in {audit.sentence(e) for e in audit.list(ana, search=NAME)[0]}
    assert audit.list(desk, search=NAME)[1] == 0
    sharing.share(ana, "dataset", its.dataset)
    datasets.rename(ana, its.dataset, f"{NAME} again")
    assert [audit.sentence(e) for e in audit.list(desk, search=NAME)[0]] == [
        f"changed the dataset {NAME} data",
        f"shared the dataset {NAME} data",
    ]


def test_a_shared_template_takes_no_data_that_the_others_could_not_see(ana, citra, kept):
    common = make_things(ana, "Common", shared=True)
    with pytest.raises(Conflict) as refused:
        templates.update(citra, common.template, spec=spec(kept.dataset))
    assert refused.value.message == f"“Common template” uses “{NAME} data”, which only you can see."
    assert refused.value.next_step == "Share the data first, or stop sharing the template."
    assert refused.value.details["private"] == [{"id": kept.dataset, "name": f"{NAME} data"}]
    assert templates.spec_for(ana, common.template).sources[0].dataset == datasets.get(ana, common.dataset).slug
    sharing.share(citra, "dataset", kept.dataset)
    templates.update(citra, common.template, spec=spec(kept.dataset))
    templates.update(citra, kept.template, spec=spec(kept.dataset))  # one's own may use what one likes


@pytest.mark.parametrize("run", ["template", "export"])
def test_whoever_runs_what_is_shared_on_data_that_is_private_again_is_told_whom_to_ask(ana, citra, kept, run):
    sharing.share(citra, "template", kept.template, with_data=True)
    sharing.share(citra, "export", kept.export)
    sharing.share(citra, "dataset", kept.dataset, False)
    slug = datasets.get(citra, kept.dataset).slug
    with pytest.raises(NotFound) as missing:
        templates.run(ana, kept.template) if run == "template" else exports.run_again(ana, kept.export)
    assert missing.value.message == f"“{NAME} {run}” uses data that is not shared with you, or is gone."
    assert missing.value.next_step == "Ask Citra, whose it is, to share that data."
    assert slug not in str(missing.value.as_dict())
    other = make_things(ana, "Common")
    templates.run(ana, kept.template, dataset=other.dataset)  # on other data it runs
    with pytest.raises(NotFound, match="There is no dataset “nowhere”"):
        templates.run(ana, kept.template, dataset="nowhere")
    datasets.move_to_bin(citra, kept.dataset)
    with pytest.raises(NotFound, match=f"There is no dataset “{kept.dataset}”"):
        templates.run(citra, kept.template)
