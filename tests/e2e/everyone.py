"""What the audits of “for everyone” share: axe over a page, what sticks out of a phone, and where the keyboard is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Locator, Page, expect

from tests.e2e.steps import settled

# WCAG 2.1, levels A and AA; and that headings go down by one step, which no level asks for and every screen reader's user does.
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"],
    "rules": {"heading-order": {"enabled": True}},
    "resultTypes": ["violations"],
    "elementRef": True,
}


@dataclass(frozen=True)
class Streamlits:
    """What Streamlit draws, we cannot change, and axe holds against it: the rule, which elements, and why it may stay."""

    rule: str
    selector: str
    why: str


STREAMLITS_OWN: tuple[Streamlits, ...] = (
    # The parts of the sidebar have their names within the list, so its items are not the list's own children. Screen readers
    # read names and links in their order all the same; the region is called by its name.
    Streamlits("list", "[data-testid='stSidebarNavItems']", "names of parts stand within the list of pages"),
    Streamlits("listitem", "[data-testid='stSidebarNavItems'] li", "the same, seen from its items"),
)

_RUN = """async ([options, allowed]) => {
  const found = await axe.run(document, options)
  return found.violations.flatMap(one => one.nodes
    .filter(node => !allowed.some(a => a.rule === one.id && node.element?.matches(a.selector)))
    .map(node => `${one.impact}: ${one.id} at ${node.target.flat().join(' ')} ${node.html.slice(0, 200)} ${node.failureSummary}`))
}"""

# Everything one can press or type into that sticks out of the window, unless it scrolls within something of its own.
_OUTSIDE = """() => {
  const rolls = e => ['auto', 'scroll'].includes(getComputedStyle(e).overflowX) && e.scrollWidth > e.clientWidth
  const scrolls = e => { for (let p = e.parentElement; p; p = p.parentElement) if (rolls(p)) return true; return false }
  const main = document.querySelector('[data-testid=stDialog]') || document.querySelector('[data-testid=stMain]')
  const wide = [document.documentElement, main].filter(e => e.scrollWidth > innerWidth)
  const all = [...main.querySelectorAll('button, a[href], input, select, textarea')]
  all.forEach(e => e.getBoundingClientRect())  // asked first, Chromium tells of a textarea where it was before the resize
  const out = all.filter(e => {
    const box = e.getBoundingClientRect()
    return box.width > 2 && box.height > 2 && (box.left < -1 || box.right > innerWidth + 1) && !scrolls(e)
  })
  return [...wide.map(e => `${e.tagName} is ${e.scrollWidth} px wide`), ...out.map(e => e.outerHTML.slice(0, 160))]
}"""

# Addresses that somebody or a file wrote, of which Streamlit's Markdown made links by itself.
_LINKED = """() => [...document.querySelectorAll('[data-testid=stMarkdownContainer] a[href]')]
  .filter(a => [a.textContent, 'http://' + a.textContent, 'mailto:' + a.textContent].includes(a.getAttribute('href')))
  .map(a => a.outerHTML.slice(0, 160))
"""

_FOCUS = """() => {
  let at = document.activeElement
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement
  return at
}"""


def audit(page: Page) -> list[str]:
    """What axe holds against the page as it is now, a line each, without what is Streamlit's own."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    allowed = [{"rule": one.rule, "selector": one.selector} for one in STREAMLITS_OWN]
    return [str(line) for line in page.evaluate(_RUN, [RULES, allowed])]


def sticks_out(page: Page) -> list[str]:
    """What is wider than the window, or lies outside it where no finger gets."""
    return [str(line) for line in page.evaluate(_OUTSIDE)]


def made_links(page: Page) -> list[str]:
    """Addresses that can be clicked although nobody wrote a link: a stranger's, perhaps."""
    return [str(line) for line in page.evaluate(_LINKED)]


def unfold(page: Page) -> None:
    """Open everything that is folded, so that it is looked at too."""
    closed = page.locator("[data-testid='stExpander'] details:not([open]) > summary:visible")
    while closed.count():  # one that is opened may bring others
        summary = closed.first.element_handle()
        summary.evaluate("summary => summary.click()")  # a mouse would miss it where what is drawn above it still grows
        page.wait_for_function("summary => summary.parentElement.open || !summary.isConnected", arg=summary)
        settled(page)
    page.mouse.move(0, 0)


def tab_to(page: Page, wanted: Locator, most: int = 200, key: str = "Tab") -> None:
    """Press Tab until the focus is there (or within it)."""
    expect(wanted).to_have_count(1)
    stops: dict[str, int] = {}
    for _press in range(most):
        page.keyboard.press(key)
        if wanted.evaluate("(wanted, at) => wanted === at || wanted.contains(at)", page.evaluate_handle(_FOCUS)):
            return
        at = focus(page)
        stops[at] = stops.get(at, 0) + 1
    raise AssertionError(f"{wanted} is not reached by {most} presses of {key}, which stopped at {stops}")


def focus(page: Page) -> str:
    """The element that has the focus, as it is written."""
    return str(page.evaluate(f"() => ({_FOCUS})()?.outerHTML.slice(0, 200)"))


@dataclass(frozen=True)
class Stop:
    """One stop of the Tab key: `seen` where having the focus looks otherwise than not having it."""

    html: str
    seen: bool


# How the focused element, and what it stands in, look with the focus and without.
_SEEN = f"""async () => {{
  const at = ({_FOCUS})()
  if (!at || at === document.body) return null
  const around = []
  for (let e = at; e && around.length < 6; e = e.parentElement ?? e.getRootNode().host) around.push(e)
  const look = () => JSON.stringify(around.flatMap(e => ['', '::before', '::after'].map(part => {{
    const s = getComputedStyle(e, part)
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor, s.backgroundColor, s.color, s.opacity]
  }})))
  const drawn = () => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))
  await drawn()
  const focused = look(), box = at.getBoundingClientRect()
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth
  at.blur()
  await drawn()
  const seen = inside && look() !== focused
  at.focus({{ preventScroll: true, focusVisible: true }})
  await drawn()
  return {{ html: at.outerHTML.slice(0, 160), seen }}
}}"""


def walk(page: Page, most: int) -> Iterator[Stop]:
    """The stops of the Tab key from the top of the page to its end."""
    page.evaluate("document.activeElement?.blur()")
    for _press in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_SEEN)
        if stop is None:  # past the last one: the browser itself has the focus
            return
        yield Stop(**stop)


_MOVING = """() => {
  const all = root => [...root.querySelectorAll('*')].flatMap(e => [e, ...(e.shadowRoot ? all(e.shadowRoot) : [])])
  const longest = given => Math.max(...given.split(',').map(parseFloat))
  return all(document).filter(e => { const s = getComputedStyle(e)
    return longest(s.transitionDuration) > 0.011 || (s.animationName !== 'none' && longest(s.animationDuration) > 0.011)
  }).map(e => e.outerHTML.slice(0, 120))
}"""


def moving(page: Page) -> list[str]:
    """What would glide, fade or turn."""
    return [str(line) for line in page.evaluate(_MOVING)]
