"""Columns that say who somebody is, written so that they do not."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from core.engine.query import build, check, count, page
from core.engine.sentence import sentence
from core.engine.spec import Resolved, Split
from core.errors import BadSpec
from tests.core.engine.making import resolved, spec_of

KEY = "5e" * 32


def shown(con, table, *columns, key=KEY, **source):
    """The rows of these columns, (name, format) each."""
    wanted = [{"column": name, "format": way} for name, way in columns]
    asked = resolved().model_copy(update={"pseudonyms": key})
    query = build(spec_of(columns=wanted, **source).sources[0], table, asked)
    return [tuple(row.values()) for row in page(con, query, 0, 1000).to_pylist()]


def pseudonym(text, key=KEY):
    """As RFC 2104 has it, of Python's own library."""
    return "p" + hmac.new(bytes.fromhex(key), text.strip().lower().encode(), hashlib.sha256).hexdigest()[:20]


def test_a_pseudonym_is_the_hmac_of_the_value_without_case_and_blanks(con, people):
    rows = shown(con, people, ("country", None), ("country", "pseudonym"))
    assert len(rows) == 8
    for country, written in rows:
        assert written == (pseudonym(country) if country and country.strip() else None)
    assert len({written for country, written in rows if country and country.lower() == "indonesia"}) == 1


def test_a_pseudonym_of_another_key_is_another(con, people):
    mine, others = (shown(con, people, ("name", "pseudonym"), key=key) for key in (KEY, "11" * 32))
    assert all(one != other for one, other in zip(mine, others, strict=True) if one[0])


def test_numbers_dates_and_instants_become_text_as_they_are_written(con, people):
    rows = shown(con, people, ("age", None), ("age", "pseudonym"), ("paid_at", None), ("paid_at", "mask"))
    for age, hidden, paid, year in rows:
        assert hidden == (pseudonym(str(age)) if age is not None else None)
        assert year == (f"{paid:%Y}" if paid is not None else None)


def test_masks_leave_enough_to_see_a_mistake_by(con, tmp_path):
    from core.engine.values import Kind
    from tests.core.engine.making import make_table

    table = make_table(
        tmp_path,
        {"contact": (Kind.TEXT, ["ana@example.org", "+49 170 1234567", "12345", "", None, " b@c.de "])},
    )
    assert [row[0] for row in shown(con, table, ("contact", "mask"))] == [
        "a***@example.org", "***67", "***", None, None, "b***@c.de",
    ]  # fmt: skip


def test_protected_columns_are_text_and_the_sentence_says_so(con, people):
    spec = spec_of(columns=[{"column": "age", "format": "mask"}, {"column": "name", "format": "pseudonym"}])
    query = build(spec.sources[0], people, resolved().model_copy(update={"pseudonyms": KEY}))
    assert [(c.label, c.kind) for c in query.columns] == [("age", "text"), ("name", "text")]
    assert sentence(spec, (people,), resolved()).endswith(", age masked, name as pseudonyms")


def test_without_a_key_nothing_is_called_a_pseudonym(con, people):
    with pytest.raises(BadSpec, match="takes the key of a workspace"):
        shown(con, people, ("name", "pseudonym"), key="")


def test_the_key_of_a_run_is_never_written_down():
    frozen = resolved().model_copy(update={"pseudonyms": KEY})
    assert KEY not in frozen.model_dump_json()
    assert KEY not in repr(frozen)
    assert Resolved.model_validate_json(frozen.model_dump_json()).pseudonyms == ""


def test_the_names_of_files_do_not_say_what_a_column_hides(people):
    hidden = spec_of(columns=[{"column": "country", "format": "mask"}])
    (wrong,) = check(hidden.sources[0], people, resolved(), Split(by="value", column="country"))
    assert "cannot be split by “country” while that column is masked" in wrong.message


def test_duplicates_and_sorting_work_on_what_is_hidden_too(con, people):
    rows = shown(con, people, ("country", "pseudonym"), distinct=True)
    assert len(rows) == len(set(rows)) == 4
    asked = resolved().model_copy(update={"pseudonyms": KEY})
    source = spec_of(columns=[{"column": "country", "format": "mask"}], distinct=True).sources[0]
    assert count(con, source, people, asked).rows == len(shown(con, people, ("country", "mask"), distinct=True))
