"""Which columns look personal: the hint before files leave the house."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from core import bulk, converting, datasets, exports, personal, previews, pseudonyms
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.work import inline
from storage.tables import Dataset

HEADER = "name,E-Mail,Handy,birth_date,customer_id,country,grid,contact,line,note"
ROWS = "\n".join(
    f"P{n},a{n}@example.org,0170-12345{n}0,19{50 + n}-03-1{n},C{n},DE,{n},b{n}@example.org,+49 30 12345{n}0,hello {n}"
    for n in range(1, 9)
)


@pytest.fixture
def people(dataset_factory: Callable[..., Dataset]) -> Dataset:
    return dataset_factory(f"{HEADER}\n{ROWS}\n")


def test_columns_are_told_by_their_names_and_by_what_stands_in_them(desk: Desk, people: Dataset) -> None:
    names = dict(zip([f"c{n}" for n in range(1, 11)], HEADER.split(","), strict=True))
    found = {names[one.column]: (one.sort, one.told_by) for one in personal.look(desk, people.id)}
    assert found == {
        "E-Mail": ("email", "name"),
        "Handy": ("phone", "name"),
        "birth_date": ("birth_date", "name"),
        "customer_id": ("id", "name"),
        "contact": ("email", "values"),
        "line": ("phone", "values"),
    }


@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("First name", "name"),
        ("lastName", "name"),
        ("SURNAME", "name"),
        ("full_name", "name"),
        ("Customer name", "name"),
        ("Staff name", "name"),
        ("participant_id", "id"),
        ("Nachname", "name"),
        ("Address", "address"),
        ("address_line_1", "address"),
        ("Street", "address"),
        ("Straße", "address"),
        ("Alamat", "address"),
        ("E-mail address", "email"),
        ("IP address", "id"),
    ],
)
def test_people_and_where_they_live_are_told_by_names(
    desk: Desk, dataset_factory: Callable[..., Dataset], name: str, sort: str
) -> None:
    (found,) = personal.look(desk, dataset_factory(f"{name},b\nx,1\ny,2\n").id)
    assert (found.name, found.sort, found.told_by) == (name, sort, "name")


@pytest.mark.parametrize("name", ["product name", "file_name", "name", "company name", "MAC address", "web address"])
def test_what_things_are_called_and_where_computers_are_is_no_hint(
    desk: Desk, dataset_factory: Callable[..., Dataset], name: str
) -> None:
    assert personal.look(desk, dataset_factory(f"{name},b\nx,1\ny,2\n").id) == []


def test_an_export_is_asked_for_what_it_shows_as_it_is(desk: Desk, people: Dataset) -> None:
    def found(**source: Any) -> list[str]:
        spec = ExportSpec.model_validate({"sources": [{"dataset": people.slug} | source]})
        return [one.name for one in personal.of_spec(desk, spec)]

    everything = ["E-Mail", "Handy", "birth_date", "customer_id", "contact", "line"]
    assert found() == everything
    masked = [{"column": "E-Mail", "format": "mask"}, {"column": "handy"}, {"column": "country"}]
    assert found(columns=masked) == ["Handy"]
    grouped = {"group_by": [{"column": "E-Mail"}, {"column": "birth_date", "unit": "year"}]}
    assert found(summary=grouped) == ["E-Mail"]
    datasets.move_to_bin(desk, people.id)
    assert found() == []


def test_a_finished_export_is_asked_by_the_data_it_was_made_of(desk: Desk, people: Dataset) -> None:
    job = exports.start(desk, ExportSpec.model_validate({"sources": [{"dataset": people.slug}]}))
    inline.run_queued(desk)
    datasets.move_to_bin(desk, people.id)
    assert "Handy" in [one.name for one in personal.of_export(desk, exports.get(desk, job.id))]


def test_an_export_in_another_format_and_one_of_many_datasets_are_asked_the_same(desk: Desk, people: Dataset) -> None:
    many = bulk.start(desk, [people.id])
    inline.run_queued(desk)
    other = converting.convert(desk, many.id, "xlsx")
    for job in (many, other):
        assert "Handy" in [one.name for one in personal.of_export(desk, exports.get(desk, job.id))]


@pytest.mark.parametrize("name", ["grid", "video", "telltale", "birthplace", "amount", "ideal", "mailing"])
def test_a_word_within_a_word_is_no_hint(desk: Desk, dataset_factory: Callable[..., Dataset], name: str) -> None:
    assert personal.look(desk, dataset_factory(f"{name},b\nx,1\ny,2\n").id) == []


def test_a_pseudonym_is_the_same_in_every_export_of_a_workspace_and_in_its_preview(
    desk: Desk, people: Dataset, dataset_factory: Callable[..., Dataset]
) -> None:
    other = dataset_factory("mail\nA1@EXAMPLE.org \n", name="Other")

    def written(dataset: Dataset, column: str) -> str:
        source = {"dataset": dataset.slug, "columns": [{"column": column, "format": "pseudonym"}], "limit": 1}
        spec = ExportSpec.model_validate({"sources": [source], "output": {"format": "csv"}})
        job = exports.start(desk, spec)
        inline.run_queued(desk)
        assert pseudonyms.key(desk, desk.workspace_id) not in str(exports.get(desk, job.id).model_dump())
        text = exports.file(desk, job.id).path.read_text(encoding="utf-8-sig").splitlines()[1]
        assert previews.page(desk, spec, 1, 1).to_pylist()[0][column] == text
        return text

    first = written(people, "E-Mail")
    assert first.startswith("p")
    assert len(first) == 21
    assert written(other, "mail") == first


def test_another_workspace_has_other_pseudonyms(desk: Desk, stranger: Desk) -> None:
    keys = {pseudonyms.key(desk, one.workspace_id) for one in (desk, stranger)}
    assert len(keys) == 2
