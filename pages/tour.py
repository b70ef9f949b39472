"""The one-minute tour: five drawn pictures of how a table becomes a file. Whoever closes it is not asked again."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

import streamlit as st

from core.access import accounts
from core.desk import Desk
from pages import routes
from pages.components import dialogs, layout
from pages.session import checked
from pages.texts import N_, _

NAME = "tour"
_AT = "tour_step"


@dataclass(frozen=True)
class Step:
    title: str
    words: str
    picture: str  # HTML of the drawn panel
    about: str  # what it shows, for those who cannot see it


STEPS = (
    Step(
        N_("Bring your data"),
        N_(
            "Drop a spreadsheet on the page. You see how it was understood before anything is kept, and every leading zero stays."
        ),
        "<div class='sheet'><i></i><i></i><i></i><i></i></div><b class='go'>→</b>"
        "<div class='box'><span>00123</span><span>Zoë</span><span>12 Oct 2026</span></div>",
        N_("A spreadsheet becomes a table; 00123 keeps its zeros."),
    ),
    Step(
        N_("Keep what matters"),
        N_(
            "Filters read like sentences, and you see at once how many rows are left. Untick the columns nobody asked for."
        ),
        N_(
            "<div class='box wide'><span class='line'>Where <em>country</em> is <em>Indonesia</em></span>"
            "<span class='line'>☑ name &nbsp; ☑ country &nbsp; ☐ phone</span><span class='line big'>80 of 240 rows</span></div>"
        ),
        N_("A filter that reads “Where country is Indonesia”, ticked columns, and 80 of 240 rows kept."),
    ),
    Step(
        N_("Choose the file"),
        N_("Excel, CSV, PDF and a dozen more. The preview shows the file itself before it is made."),
        N_(
            "<div class='chips'><em>Excel</em><span>CSV</span><span>PDF</span><span>OpenDocument</span><span>Web page</span>"
            "</div>"
            "<div class='sheet small'><i></i><i></i><i></i></div>"
        ),
        N_("Formats to choose from, Excel chosen, above a picture of the file."),
    ),
    Step(
        N_("Run it, and trust it"),
        N_("The finished file is read again and counted before you get it. The receipt shows that nothing was lost."),
        N_(
            "<div class='box wide'><span class='bar'></span>"
            "<span class='line big'>240 rows → 80 → 80 in the file ✓</span></div>"
        ),
        N_("A full progress bar and the receipt: 240 rows, 80 kept, 80 in the file."),
    ),
    Step(
        N_("The next time, one press"),
        N_("Save it as a template, pin it to this page, and run it again when the next file arrives."),
        N_(
            "<div class='box'><span class='line'><em>Weekly list</em></span><span class='line'>Excel · ran today</span></div>"
            "<b class='go'>▶</b>"
        ),
        N_("A template called Weekly list with a button to run it."),
    ),
)
# Mixed from the text's own colour, for both looks.
_CSS = """<style>
.desk-tour { display: flex; align-items: center; justify-content: center; gap: 1.1rem; height: 10.5rem; border-radius: 12px;
  background: color-mix(in srgb, #3554d1 10%, transparent); font-size: 0.9rem; padding: 0 1rem; }
.desk-tour.column { flex-direction: column; gap: 0.8rem; }
.desk-tour .box, .desk-tour .sheet { background: color-mix(in srgb, currentColor 4%, transparent); border-radius: 9px;
  border: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
.desk-tour .box { display: grid; gap: 0.45rem; padding: 0.8rem 1rem; }
.desk-tour .box.wide { min-width: min(19rem, 100%); }
.desk-tour .box > span { padding: 0.1rem 0; }
.desk-tour .sheet { width: 6.4rem; padding: 0.7rem; display: grid; gap: 0.45rem; }
.desk-tour .sheet.small { width: 9rem; }
.desk-tour i { height: 0.42rem; border-radius: 3px; background: color-mix(in srgb, currentColor 22%, transparent); }
.desk-tour i:first-child, .desk-tour .bar { background: #5872ea; }
.desk-tour .go { font-size: 1.6rem; color: #5872ea; }
.desk-tour em { font-style: normal; font-weight: 600; padding: 0.05rem 0.35rem; border-radius: 5px;
  background: color-mix(in srgb, #5872ea 24%, transparent); }
.desk-tour .big { font-weight: 650; font-size: 1.05rem; font-variant-numeric: tabular-nums; }
.desk-tour .bar { height: 0.45rem; border-radius: 4px; padding: 0 !important; }
.desk-tour .chips { display: flex; flex-wrap: wrap; gap: 0.4rem; justify-content: center; }
.desk-tour .chips > * { padding: 0.18rem 0.7rem; border-radius: 99px;
  border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
.desk-tour .chips em { background: #3554d1; border-color: transparent; color: #fff; }
</style>"""


def show_dialog(desk: Desk) -> None:
    """Where the page ends: draw the tour, if it is open."""
    if dialogs.subject(NAME):
        _tour(desk)


def _closed() -> None:
    dialogs.forget()
    st.session_state.pop(_AT, None)


@dialogs.dialog(N_("How it works"), width="medium", icon=":material/explore:", on_dismiss=_closed)
@checked
def _tour(desk: Desk) -> None:
    if not accounts.preferences(desk).toured:
        accounts.change(desk, toured=True)
    at = min(st.session_state.get(_AT, 0), len(STEPS) - 1)
    step = STEPS[at]
    column = " column" if "chips" in step.picture else ""
    about = escape(_(step.about), quote=True)
    st.html(f"{_CSS}<div class='desk-tour{column}' role='img' aria-label='{about}'>{_(step.picture)}</div>")
    st.markdown(f"**{_(step.title)}**")
    st.markdown(_(step.words))
    with layout.row("tour", align="distribute"):
        st.caption(_("{step} of {steps}").format(step=at + 1, steps=len(STEPS)), width="content")
        with layout.row("tour_steps", align="right"):
            if at:
                st.button(_("Back"), key="tour_back", on_click=_to, args=[at - 1])
            if at < len(STEPS) - 1:
                st.button(_("Next"), key="tour_next", type="primary", on_click=_to, args=[at + 1])
            elif st.button(_("Begin"), key="tour_begin", type="primary"):
                _closed()
                routes.to_builder()


def _to(step: int) -> None:
    st.session_state[_AT] = step
