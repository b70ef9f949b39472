"""The few rules the theme has no option for: white cards on a tinted ground, less air, a summary that stays in view.

Selectors are the classes Streamlit makes from our own keys (`st-key-…`) and its test ids, which it keeps stable.
`light-dark()` follows the page's own colour scheme, which Streamlit sets with its theme.
"""

from __future__ import annotations

import streamlit as st

_CSS = """
<style>
[class*="st-key-card_"] { background: light-dark(#ffffff, #151a26); }
[class*="st-key-card_"]:not([class*="st-key-card_tile"]) { padding: 1.05rem 1.15rem; }
[data-testid="stMainBlockContainer"] { max-width: 82rem; padding-left: 2.5rem; padding-right: 2.5rem; }
[data-testid="stHeading"] h1 { letter-spacing: -0.018em; }
[data-testid="stHeading"] h2, [data-testid="stHeading"] h3 { padding: 0.1rem 0 0.35rem; letter-spacing: -0.008em; }
[data-testid="stPagination"] button, [data-testid="stPagination"] { font-family: inherit; }
[data-testid="stDataFrame"] { font-variant-numeric: tabular-nums; }
[data-testid="stMetricValue"] { font-variant-numeric: tabular-nums; letter-spacing: -0.02em; }
/* E-mail addresses in what is told are values, not links. */
[data-testid="stMarkdownContainer"] a[href^="mailto:"] {
  color: inherit !important; text-decoration: none !important; pointer-events: none; }
[data-testid="stProgress"] [role="progressbar"] > div { background: light-dark(#e8ebf4, #2a3143); }

/* The summary of an export stays beside what is being scrolled. */
[data-testid="stColumn"]:has(> div .st-key-card_summary), [data-testid="stColumn"]:has(.st-key-card_summary) {
  position: sticky; top: 3.75rem; align-self: flex-start; }

/* A list row: name and facts at the left, state and actions at the right. */
[class*="st-key-item_"] { background: light-dark(#ffffff, #151a26); padding: 0.8rem 1.1rem !important; }
[class*="st-key-item_"] p { overflow-wrap: anywhere; }
[class*="st-key-empty_"] { padding: 2.2rem 0 1.6rem; }
[class*="st-key-soft_"] { background: light-dark(#f3f5fa, #1b2130); border-radius: 10px; padding: 0.75rem 0.95rem; }
.st-key-page_header_words { gap: 0.3rem; min-width: min(20rem, 100%); overflow-wrap: anywhere; }
.st-key-page_header_words h1 { padding: 0.2rem 0 0.9rem; }
.st-key-page_header_actions { justify-content: flex-end; }
.st-key-row_hash p { overflow-wrap: anywhere; }

/* Files or sheets as a list, each one line. */
.desk-files { font-size: 0.86rem; line-height: 1.9; max-height: 19rem; overflow-y: auto; scrollbar-width: thin; }
.desk-files div { display: flex; align-items: center; gap: 0.8rem; border-bottom: 1px solid light-dark(#eceff5, #232a3a); }
.desk-files div:last-child { border-bottom: 0; }
.desk-files span, .desk-files a { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.desk-files a { color: light-dark(#3554d1, #93a8ff); }
.desk-files a:hover { text-decoration: underline; }
.desk-files small { color: light-dark(#596275, #a3adc0); white-space: nowrap; font-variant-numeric: tabular-nums; }
.desk-files b::before { content: "lock"; font: 400 1rem/1 "Material Symbols Rounded"; vertical-align: -0.15em;
  color: light-dark(#596275, #a3adc0); }

@media (max-width: 640px) {
  [data-testid="stMainBlockContainer"] { padding-left: 1rem; padding-right: 1rem; }
  [data-testid="stColumn"]:has(.st-key-card_summary) { position: static; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-page_header_words),
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-words_"]) { flex: 1 1 100% !important; }
  .st-key-page_header_actions { justify-content: flex-start; }
  [class*="st-key-card_"]:not([class*="st-key-card_tile"]) { padding: 0.9rem; }
}
@media (prefers-reduced-motion: reduce) { * { transition: none !important; animation-duration: 0.01s !important; } }
</style>
"""


def show() -> None:
    """Once a run, before the page."""
    st.html(_CSS)
