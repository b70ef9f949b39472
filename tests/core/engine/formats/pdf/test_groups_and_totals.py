"""Groups come together under a heading; what is added up is exact."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest

from core.engine.formats.base import Part
from core.engine.formats.pdf import FORMAT
from core.engine.formats.pdf.options import PdfOptions
from core.engine.values import Kind
from core.errors import BadSpec
from tests.core.engine.formats.pdf.pdfs import pdf
from tests.core.engine.formats.xlsx.workbooks import column

COLUMNS = [
    column(1, "Region", Kind.TEXT),
    column(2, "Shop", Kind.TEXT),
    column(3, "Items", Kind.WHOLE),
    column(4, "Amount", Kind.DECIMAL, precision=12, scale=2, format="thousands_decimals"),
    column(5, "Share", Kind.FLOAT, format="percent"),
]
REGIONS = ("South", "North", None, "East")


@pytest.fixture(scope="module")
def rows():
    chance = random.Random(3)
    return [
        (
            chance.choice(REGIONS),
            f"Shop number {n}",
            chance.randrange(-5, 10**12),
            Decimal(chance.randrange(10**9)) / 100,
            0.5,
        )
        for n in range(300)
    ]


@pytest.fixture
def made(tmp_path, rows):
    def make(columns=COLUMNS, values=rows, **more):
        return pdf(tmp_path / "made.pdf", columns, values, **more)

    return make


def of_region(rows, region):
    return [row for row in rows if row[0] == region]


def test_the_totals_are_the_sums_of_decimals(made, rows):
    text = made(totals=True).text
    assert f"{sum(row[2] for row in rows)}" in text
    assert f"{sum(row[3] for row in rows):,}" in text
    assert "Total" in text


def test_a_share_has_no_total(made):
    assert "15000%" not in made(totals=True).text


def test_groups_stand_in_the_order_they_first_appear_and_keep_the_order_of_rows(made, rows):
    made = made(group_by="Region")
    order = list(dict.fromkeys(row[0] for row in rows))
    assert made.outline() == [region or "(empty)" for region in order]
    shops = [row[0] for page in range(made.written.extra["pages"]) for row in made.rows(page)]
    assert shops == [row[1] for region in order for row in of_region(rows, region)]


def test_every_group_has_its_rows_counted_and_its_subtotals(made, rows):
    text = made(group_by="Region", totals=True).text
    for region in REGIONS:
        members = of_region(rows, region)
        assert f"Region: {region or '(empty)'} {len(members)} rows" in text
        assert (
            f"Subtotal {region or '(empty)'} {sum(row[2] for row in members)} {sum(row[3] for row in members):,}"
            in text
        )


def test_a_group_that_goes_on_on_the_next_page_says_so(made):
    pages = made(group_by="Region").pages()
    assert any(line.startswith("Region: ") and line.endswith("continued") for line in pages[1][:3])


def test_subtotals_can_be_left_out(made):
    text = made(group_by="region", subtotals=False).text
    assert "Subtotal" not in text
    assert "Region: South" in text


def test_every_part_is_grouped_and_added_up_by_itself(made, rows):
    parts = (Part("First", 100), Part("None", 0), Part("Rest", 200))
    made = made(group_by="Region", totals=True, parts=parts)
    assert [entry for entry in made.outline() if isinstance(entry, str)] == ["First", "None", "Rest"]
    for part in (rows[:100], rows[100:]):
        assert f"Total {sum(row[2] for row in part)} {sum(row[3] for row in part):,}" in made.text
        south = of_region(part, "South")
        assert f"Subtotal South {sum(row[2] for row in south)} {sum(row[3] for row in south):,}" in made.text


def test_parts_without_groups_have_totals_of_their_own(made, rows):
    text = made(totals=True, parts=(Part("First", 100), Part("Rest", 200))).text
    for part in (rows[:100], rows[100:]):
        assert f"Total {sum(row[2] for row in part)} {sum(row[3] for row in part):,}" in text


def test_sums_of_floats_do_not_gather_errors(made):
    shown = [column(1, "Name", Kind.TEXT), column(2, "Weight", Kind.FLOAT)]
    assert (
        "Total 100000.0\n"
        in made(shown, [(f"n{i}", 0.1) for i in range(1_000_000 // 1000)] + [("x", 99900.0)], totals=True).text + "\n"
    )


def test_a_first_column_that_is_added_up_leaves_room_for_the_word_total(made):
    shown = [column(1, "Items", Kind.WHOLE)]
    assert made(shown, [(1,), (2,)], totals=True).text.split("2\n")[-1].split()[:2] == ["Total", "3"]


def test_an_unknown_or_ambiguous_group_is_refused_before_anything_runs():
    columns = (*COLUMNS, column(6, "Shop", Kind.TEXT))
    with pytest.raises(BadSpec, match="no column “Country” to group") as refused:
        FORMAT.check(columns, PdfOptions(group_by="Country"))
    assert "Region, Shop" in refused.value.next_step
    with pytest.raises(BadSpec, match="2 columns are called “Shop”"):
        FORMAT.check(columns, PdfOptions(group_by="Shop"))
    FORMAT.check(columns, PdfOptions(group_by="region"))


def test_many_groups_do_not_make_an_outline_nobody_can_read(made):
    values = [(f"Group {n}", "x", n, Decimal(1), 0.1) for n in range(2_100)]
    assert len(made(values=values, group_by="Region", subtotals=False).outline()) == 2_000
