"""Templates as files: taken to another desk without ids and secrets; what is no template is refused with a sentence."""

import json

import pytest

from core import file_passwords
from core.engine.spec import ExportSpec
from core.errors import BadFile, BadSpec, NotFound
from core.templating import files as template_files
from core.templating import templates
from tests.core.templating.test_templates import FULL, PEOPLE, spec


@pytest.fixture
def people(dataset_factory):
    return dataset_factory(PEOPLE, "People")


@pytest.fixture
def locked(desk, people):
    """A template with all that cannot travel."""
    parts = spec(people.slug, **FULL).model_dump(mode="json")
    parts["packaging"] = {
        "password": file_passwords.keep(desk, "otter plum quiet harbour"),
        "split": {"by": "value", "column": "country"},
    }
    parts["delivering"] = {"destinations": ["0b1f2c3d-0000-4000-8000-000000000000"], "when": "rows"}
    return templates.save(desk, "Peru / only", "For Ana", ExportSpec.model_validate(parts), tags=["Bank"], keep_days=9)


def content(**parts):
    kept = {
        "format": "export-desk template",
        "version": 1,
        "name": "Peru",
        "spec": {"sources": [{"dataset": "People"}]},
    }
    return json.dumps(kept | parts)


def test_a_file_holds_what_was_made_and_no_id_and_no_secret(desk, locked, people):
    kept = template_files.dump(desk, locked.id)
    text = template_files.text(kept)
    assert template_files.file_name(kept) == "Peru _ only.template.json"
    assert (kept.data, kept.left_out) == (["People"], ("password", "destinations"))
    for id in (
        desk.workspace_id,
        desk.account_id,
        locked.id,
        people.id,
        "c3",
        "0b1f2c3d",
        locked.spec["packaging"]["password"],
    ):
        assert f'"{id}' not in text
    assert (
        template_files.missing_words(kept)
        == "Left out of the file, to be chosen again: its password and where it is delivered."
    )
    assert template_files.read(text) == kept


def test_on_another_desk_it_finds_the_data_of_that_name_and_is_saved(desk, locked, stranger):
    from core import datasets, uploads
    from core.work import inline

    kept = template_files.read(template_files.text(template_files.dump(desk, locked.id)).encode())
    assert template_files.known_data(stranger, kept) == [None]
    upload = uploads.store(stranger, "people.csv", PEOPLE.replace("name,", "person,").encode())
    datasets.add(stranger, upload.id, name="PEOPLE")
    inline.run_queued(stranger)
    (there,) = template_files.known_data(stranger, kept)
    assert there is not None
    report = template_files.match(stranger, kept, [there])
    assert [one.wanted for one in report.missing] == ["name"]
    with pytest.raises(BadSpec, match="“name”"):
        template_files.add(stranger, kept, [there])
    made = template_files.add(stranger, kept, [there], {(0, "name"): "person"})
    assert (made.name, made.description, made.tags, made.keep_days) == ("Peru / only", "For Ana", ["Bank"], 9)
    assert made.spec["sources"][0]["dataset"] == "people"
    assert made.spec["packaging"]["split"]["column"]["name"] == "country"
    with pytest.raises(NotFound):
        template_files.dump(stranger, locked.id)


@pytest.mark.parametrize("data", [[], ["people", "people"], [""]])
def test_every_dataset_of_the_file_needs_data(desk, people, data):
    with pytest.raises(BadFile, match="needs data for 1 dataset"):
        template_files.match(desk, template_files.read(content()), data)


HOSTILE = {
    "nothing": ("", "is no JSON"),
    "a workbook": (b"PK\x03\x04\xff\xfe", "no UTF-8"),
    "a list": ("[]", "no template of Export Desk"),
    "other JSON": ('{"a": 1}', "no template of Export Desk"),
    "a later version": (content(version=2), "version 2"),
    "a version that is none": (content(version=[["x" * 5000]]), "version"),
    "something unknown": (content(owner="me"), "“owner”"),
    "unknown in the spec": (content(spec={"sources": [{"dataset": "x", "sql": "drop"}]}), "“spec.sources.0.sql”"),
    "no data": (content(spec={"sources": []}), "“spec.sources”"),
    "an endless name": (content(name="x" * 201), "“name”"),
    "NaN": (content().replace('"version": 1', '"version": NaN'), "NaN is no number"),
    "a name twice": (content().replace('"version": 1', '"version": 1, "version": 1'), "same name twice"),
    "a number without end": (content().replace('"version": 1', f'"version": {"9" * 5000}'), "is no JSON"),
    "NUL": (content(name="a\0b"), "NUL"),
    "half a sign": (content(description="\ud800"), "half a sign"),
    "a deep hole": ("[" * 100_000, "nested too deep"),
    "deep filters": (
        content(spec={"sources": [{"dataset": "x", "filters": json.loads('{"items":[' * 200 + "]}" * 200)}]}),
        "nested too deep",
    ),
    "too many bytes": (" " * 1_000_001, "1,000,001 bytes"),
    "a password of elsewhere": (
        content(spec={"sources": [{"dataset": "x"}], "packaging": {"password": "id"}}),
        "names a password",
    ),
    "a destination of elsewhere": (
        content(spec={"sources": [{"dataset": "x"}], "delivering": {"destinations": ["id"]}}),
        "destination",
    ),
}


@pytest.mark.parametrize("named", HOSTILE)
def test_what_is_no_template_is_refused_with_a_sentence(named):
    from core.errors import BadInput

    text, said = HOSTILE[named]
    with pytest.raises(BadInput) as refused:
        template_files.read(text)
    assert said in refused.value.message
    assert len(refused.value.message) < 500
    assert refused.value.next_step
