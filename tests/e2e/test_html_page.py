"""The page somebody without Excel gets: opened from disk in a real Chromium, searched, sorted, printed, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.engine.values import Kind
from tests.core.engine.making import export, make_table, spec_of
from tests.e2e.steps import PHONE, PICTURES, WIDE

ROWS = 20_000
NAMES = ("Élodie Müller", "Siti Nurhaliza", "Nguyễn Văn An", "ברוך לוי", "O'Brien <Seán> & Co", "Łukasz Żółć")
PLACES = ("Indonesia", "Malaysia", "Türkiye", "Côte d'Ivoire", None)
AMOUNTS = [None if i % 17 == 3 else Decimal(i * 7919 % 1_000_003) / 100 - 500 for i in range(ROWS)]
QUICK_MS = 1000  # from the search to the rows, on a busy machine; of the usual 170 ms 120 are waiting for the next key
SEARCH = """words => new Promise(done => {
    const begun = performance.now(), input = document.getElementById("q");
    new MutationObserver((_, self) => { self.disconnect(); done(performance.now() - begun); })
        .observe(document.getElementById("count"), {childList: true, characterData: true, subtree: true});
    input.value = words;
    input.dispatchEvent(new Event("input"));
})"""


def page_of(folder: Path, rows: int) -> Path:
    """So many payments as a web page, made by a real export."""
    n = range(rows)
    columns = {
        "Payment": (Kind.WHOLE, [i + 1 for i in n]),
        "Name": (Kind.TEXT, [f"{NAMES[i % 6]} {i * 7919 % 5000}" for i in n]),
        "Country": (Kind.TEXT, [PLACES[i % 5] for i in n]),
        "Amount": (Kind.DECIMAL, AMOUNTS[:rows]),
        "Score": (Kind.FLOAT, [float("nan") if i == 5 else i * 31 % 997 / 8 for i in n]),
        "Day": (Kind.DATE, [date(1850, 1, 1) + timedelta(days=i * 7919 % 66_000) for i in n]),
        "Paid at": (Kind.TIMESTAMP, [datetime(2026, 1, 1) + timedelta(minutes=i * 37 % 500_000) for i in n]),
        "Refunded": (Kind.YES_NO, [i % 3 == 0 for i in n]),
        "Note": (Kind.TEXT, [("paid in two parts,\nthe second later", None, "ok", f"reference {i}")[i % 4] for i in n]),
    }
    table = make_table(folder / f"t{rows}", columns, name="payments")
    spec = spec_of("html", {"about": True}, name="Payments of the autumn school", columns=[
        {"column": name, **({"format": "thousands_decimals"} if name == "Amount" else {})} for name in columns
    ])  # fmt: skip
    return export(table, spec, folder / f"out{rows}", "Asia/Jakarta").path


@pytest.fixture
def opened(browser: Browser):
    """`opened(file, **context)` opens a page in a fresh profile; a console error or any request fails the test."""
    contexts, wrong = [], []

    def run(file: Path, **given) -> Page:
        context = browser.new_context(**{"viewport": {"width": WIDE, "height": 900}, "locale": "en-GB", **given})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", lambda r: None if r.url == file.as_uri() else wrong.append(r.url))
        page.goto(file.as_uri())
        return page

    yield run
    for context in contexts:
        context.close()
    assert wrong == []


def column(page: Page, name: str, count: int = 5) -> list[str]:
    """The first cells of a column, as they are seen."""
    place = page.locator("thead th").all_inner_texts().index(name) + 1
    return page.locator(f"tbody td:nth-child({place})").all_inner_texts()[:count]


def sort(page: Page, name: str) -> str | None:
    """Press a header; how the table says it is sorted then."""
    page.get_by_role("button", name=name, exact=True).click()
    return page.get_by_role("columnheader", name=name, exact=True).get_attribute("aria-sort")


def test_somebody_searches_sorts_and_prints_the_page(opened: Callable[..., Page], tmp_path: Path) -> None:
    file = page_of(tmp_path, ROWS)
    page = opened(file)
    expect(page).to_have_title("Payments of the autumn school")
    count = page.locator("#count")
    expect(count).to_have_text("20,000 rows")
    expect(page.get_by_role("table", name="Payments of the autumn school")).to_be_visible()
    assert page.locator("tbody tr").count() < 1000  # the rest waits until somebody scrolls
    page.screenshot(path=PICTURES / "html-page-light.png")

    assert sort(page, "Amount") == "ascending"
    amounts = [f"{amount:,.2f}" for amount in sorted(amount for amount in AMOUNTS if amount is not None)]
    assert column(page, "Amount") == amounts[:5]
    assert sort(page, "Amount") == "descending"
    assert column(page, "Amount") == amounts[:-6:-1]
    assert sort(page, "Amount") is None
    assert column(page, "Payment") == ["1", "2", "3", "4", "5"]
    sort(page, "Day")
    assert column(page, "Day", 1) == ["1850-01-01"]
    sort(page, "Score")
    sort(page, "Score")
    assert column(page, "Score", 2) == ["NaN", "124.5"]
    sort(page, "Country")
    assert column(page, "Country", 1) == ["Côte d'Ivoire"]

    page.keyboard.press("/")
    search = page.get_by_label("Search in all columns")
    expect(search).to_be_focused()
    search.fill("nobody is called so")
    expect(page.locator("#none")).to_have_text("No row contains “nobody is called so”.")
    took = page.evaluate(SEARCH, "ELODIE turkiye")
    assert took < QUICK_MS
    matches = sum(i % 6 == 0 and i % 5 == 2 for i in range(ROWS))
    expect(count).to_have_text(f"{matches} of 20,000 rows")
    assert all("Élodie" in name for name in column(page, "Name", 50))
    assert page.evaluate("CSS.highlights.get('found').size") > 50
    page.screenshot(path=PICTURES / "html-page-search.png")
    search.press("Escape")
    expect(count).to_have_text("20,000 rows")

    page.locator("#frame").evaluate("frame => frame.scrollTop = frame.scrollHeight")
    expect(page.locator("tbody tr").nth(350)).to_be_attached()

    search.fill("ELODIE turkiye")
    expect(count).to_have_text(f"{matches} of 20,000 rows")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    expect(page.locator("tbody tr")).to_have_count(matches)

    dark = opened(file, color_scheme="dark")
    sort(dark, "Amount")
    dark.get_by_text("About this export").click()
    expect(dark.get_by_text("Rows in this file")).to_be_visible()
    dark.screenshot(path=PICTURES / "html-page-dark.png")

    phone = opened(
        file, viewport={"width": PHONE, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2
    )
    expect(phone.locator("#count")).to_have_text("20,000 rows")
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE  # the table scrolls, the page does not
    phone.screenshot(path=PICTURES / "html-page-phone.png")

    plain = opened(page_of(tmp_path, 300), java_script_enabled=False)
    expect(plain.locator("#count")).to_have_text("300 rows")
    expect(plain.locator("tbody tr")).to_have_count(300)
    expect(plain.get_by_text("reference 299")).to_be_attached()
    expect(plain.get_by_label("Search in all columns")).to_be_hidden()
