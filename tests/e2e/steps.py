"""What every journey does: open a screen and wait until it has settled, find a button, take its picture."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import FilePayload, Locator, Page, TimeoutError, expect

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build" / "screenshots"
TAKES_PICTURES = "TAKE_PICTURES" in os.environ  # as `make pictures` sets it: every screen in three looks takes its time
WIDE, PHONE = 1280, 390  # CSS pixels
SETTLED = "[data-testid='stApp'][data-test-script-state='notRunning'][data-test-connection-state='CONNECTED']"

# Between a click and the server's word that the script runs, the page looks as settled as before. So every page of a journey
# notes what it asks the server for and what came to an end: `asked` is true from the one to the other. Fields by their
# numbers: streamlit/proto/BackMsg.proto (11 is rerun_script), ForwardMsg.proto (6 is script_finished; its 2 is "another
# run follows").
LISTENING = """(() => {
  const RERUN = 11, FINISHED = 6, ANOTHER_FOLLOWS = 2
  const fields = function* (bytes) {
    let at = 0
    const number = () => {
      let value = 0, by = 1, byte
      do { byte = bytes[at++]; value += (byte & 127) * by; by *= 128 } while (byte & 128)
      return value
    }
    while (at < bytes.length) {
      const tag = number(), kind = tag & 7, value = kind === 1 || kind === 5 ? 0 : number()
      at += kind === 2 ? value : kind === 1 ? 8 : kind === 5 ? 4 : 0
      yield [tag >> 3, value]
    }
  }
  let asks = 0
  const ended = () => {
    const before = asks  // what is asked before the page has drawn this end is not over with it
    requestIdleCallback(() => { if (asks === before) window.asked = false })
  }
  window.asked = false
  window.WebSocket = class extends WebSocket {
    constructor(...given) {
      super(...given)
      window.asked = false
      this.addEventListener('message', ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return
        for (const [field, value] of fields(new Uint8Array(data)))
          if (field === FINISHED && value !== ANOTHER_FOLLOWS) ended()
      })
    }
    send(data) {
      if (data instanceof Uint8Array && fields(data).next().value?.[0] === RERUN) {
        asks += 1
        window.asked = true
      }
      super.send(data)
    }
  }
})()"""


def settled(page: Page) -> None:
    """Wait until what was asked of the script has run and nothing on the page is older than that run."""
    page.wait_for_function("() => window.asked === false")
    page.wait_for_selector(SETTLED)
    expect(page.locator("[data-stale='true'], [data-testid='stSkeleton']")).to_have_count(0)


def visit(page: Page, path: str = "/") -> None:
    page.goto(path)
    settled(page)


def go(page: Page, name: str) -> None:
    """Choose a page in the sidebar."""
    page.get_by_test_id("stSidebarNav").get_by_role("link", name=name).click()
    settled(page)


def button(page: Page | Locator, name: str) -> Locator:
    return page.get_by_role("button", name=re.compile(rf"(^|\s){re.escape(name)}$"))


def press(page: Page, name: str) -> None:
    button(page, name).first.click()
    settled(page)


def choose(page: Page, item: Locator, action: str) -> None:
    """An action of the ⋯ menu of one list item."""
    button(item, "More").click()
    page.get_by_role("menuitem", name=re.compile(re.escape(action))).or_(
        page.get_by_role("option", name=re.compile(re.escape(action)))
    ).first.click()
    settled(page)


def item(page: Page, name: str) -> Locator:
    """The row of a list that shows this name."""
    return page.locator("[class*='st-key-item_']").filter(has_text=name).first


def select(page: Page, label: str, option: str) -> None:
    """Choose from a select box; a redraw of the page may close its list, so it is opened again."""
    for attempt in range(3):
        settled(page)
        page.get_by_role("combobox", name=label).click()
        found = page.get_by_role("option", name=option)
        try:
            found.first.click(timeout=4000)
            return
        except TimeoutError:
            assert attempt < 2, f"{label} does not offer {option}"
            page.keyboard.press("Escape")


def choose_option(page: Page, label: str, option: str, n: int = 0) -> None:
    """Choose in a select box by the words a person sees. A redraw may close its list; a long one draws only what is in sight."""
    box = page.get_by_role("combobox", name=label, exact=True).nth(n)
    found = page.get_by_role("option", name=option, exact=True)
    for attempt in range(4):
        settled(page)
        box.click()
        if attempt % 2:
            box.fill(option)
        try:
            found.click(timeout=4000)
            break
        except TimeoutError:
            assert attempt < 3, f"{label} does not offer {option}"
            page.keyboard.press("Escape")
    settled(page)


def upload(at: Page | Locator, *files: FilePayload) -> None:
    """Give the upload box that stands there these files, as if they had been chosen."""
    expect(at.locator(".zone .choose").first).not_to_be_empty()  # its script writes the words when it begins to listen
    at.locator("input[type=file]").first.set_input_files(list(files))


def photograph(page: Page, name: str) -> None:
    """Whole-page pictures, light, dark and on a phone: build/screenshots/<name>-{light,dark,phone}.png."""
    for look, width in _looks(page):
        # toasts cover what they tell of
        page.add_style_tag(content="[data-testid='stToastContainer'] { display: none; }")
        tall = page.evaluate("document.querySelector('[data-testid=stMainBlockContainer]').scrollHeight") + 80
        page.set_viewport_size({"width": width, "height": min(4000, max(760, tall))})
        page.evaluate("document.fonts.ready")
        settled(page)
        page.screenshot(path=PICTURES / f"{name}-{look}.png", animations="disabled")


def photograph_dialog(page: Page, name: str) -> None:
    """Pictures of the open dialog, light, dark and on a phone: build/screenshots/<name>-{light,dark,phone}.png."""
    for look, _width in _looks(page):
        page.screenshot(path=PICTURES / f"{name}-{look}.png", animations="disabled")


def _looks(page: Page) -> Iterator[tuple[str, int]]:
    """Show the page in each look (its name, its width), in the end as before; in none where no pictures are asked for."""
    if not TAKES_PICTURES:
        return
    for look, width, scheme in (("light", WIDE, "light"), ("dark", WIDE, "dark"), ("phone", PHONE, "light")):
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        settled(page)
        yield look, width
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": WIDE, "height": 900})
