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
/* Quiet words and chosen ones keep 4.5 to 1 (WCAG AA); Streamlit mixes both paler. Words in the accent are links' colour. */
[data-testid="stCaptionContainer"] { color: light-dark(#596275, #a3adc0); opacity: 1; }
[data-testid="stCaptionContainer"] code { color: inherit; }
[data-testid="stExpander"] summary { opacity: 1 !important; }
:is(input, textarea)::placeholder { color: light-dark(#667085, #98a2b6) !important; opacity: 1 !important; }
[data-testid="stButtonGroup"] button[data-selected="true"] { color: light-dark(#3554d1, #b3c1ff) !important; }
button[kind="tertiary"]:not(:disabled):is(:hover, :focus-visible, :active, [aria-expanded="true"]) {
  color: light-dark(#3554d1, #93a8ff); }
[data-testid="stProgress"] [role="progressbar"] > div { background: light-dark(#e8ebf4, #2a3143); }

/* The summary of an export stays beside what is being scrolled. */
[data-testid="stColumn"]:has(> div .st-key-card_summary), [data-testid="stColumn"]:has(.st-key-card_summary) {
  position: sticky; top: 3.75rem; align-self: flex-start; }

/* A list row: name and facts at the left, state and actions at the right. */
[class*="st-key-item_"] { background: light-dark(#ffffff, #151a26); padding: 0.8rem 1.1rem !important; }
[class*="st-key-item_"] p { overflow-wrap: anywhere; }
[class*="st-key-empty_"] { padding: 2.2rem 0 1.6rem; }
[class*="st-key-soft_"] { background: color-mix(in srgb, currentColor 5%, transparent); border-radius: 10px;
  padding: 0.75rem 0.95rem; }
.st-key-page_header_words { gap: 0.3rem; min-width: min(20rem, 100%); overflow-wrap: anywhere; }
.st-key-page_header_words h1 { padding: 0.2rem 0 0.9rem; }
.st-key-page_header_actions { justify-content: flex-end; }
.st-key-row_hash p { overflow-wrap: anywhere; }
[class*="st-key-words_"] a[href^="mailto:"] {
  color: inherit; text-decoration: none; pointer-events: none; }  /* an address, no link */

/* A month of runs; on a phone a list of the days on which something runs. */
.desk-calendar { width: 100%; table-layout: fixed; border-collapse: separate; border-spacing: 5px; font-size: 0.82rem; }
.desk-calendar th { font-weight: 500; text-align: left; padding: 0 0.3rem; color: light-dark(#596275, #a3adc0); border: 0; }
.desk-calendar td { vertical-align: top; height: 5.6rem; padding: 0.4rem 0.5rem; border-radius: 9px;
  border: 1px solid light-dark(#e3e7f0, #262e3f); background: light-dark(#ffffff, #151a26); }
.desk-calendar td.none { border-color: transparent; background: transparent; }
.desk-calendar td.today { border-color: light-dark(#3554d1, #93a8ff); }
.desk-calendar b { display: block; font-weight: 600; padding-bottom: 0.15rem; }
.desk-calendar b i { display: none; }
.desk-calendar a { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 1.65;
  color: inherit !important; text-decoration: none !important; }
.desk-calendar a:hover, .desk-calendar a:focus-visible { text-decoration: underline !important; }
.desk-calendar a span { font: 400 0.95rem/1 "Material Symbols Rounded"; vertical-align: -0.15em;
  color: light-dark(#596275, #a3adc0); }
.desk-calendar a.check_circle span { color: light-dark(#0f7b4f, #5fd39f); }
.desk-calendar a.error span { color: light-dark(#b3261e, #ff9c94); }
.desk-calendar small { color: light-dark(#596275, #a3adc0); }
@media (max-width: 640px) {
  .desk-calendar, .desk-calendar tbody, .desk-calendar tr { display: block; }
  .desk-calendar thead, .desk-calendar td:not(.busy) { display: none; }
  .desk-calendar td { display: block; height: auto; margin-bottom: 0.45rem; }
  .desk-calendar b i { display: inline; font-style: normal; font-weight: 400; }
}

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

/* How strong a password is. */
.desk-strength { display: flex; align-items: center; gap: 0.7rem; font-size: 0.86rem; }
.desk-strength span { display: flex; flex: 1; gap: 4px; }
.desk-strength i { flex: 1; height: 5px; border-radius: 3px; background: light-dark(#dfe3ec, #333c52); }
.desk-strength b { font-weight: 560; white-space: nowrap; }
.desk-strength.s0 b, .desk-strength.s1 b { color: light-dark(#b42332, #ff8a8f); }
.desk-strength.s1 .on { background: light-dark(#cf3545, #ff8a8f); }
.desk-strength.s2 .on { background: light-dark(#d98a1f, #f0b357); }
.desk-strength.s2 b { color: light-dark(#a25307, #f0b357); }
.desk-strength.s3 .on, .desk-strength.s4 .on { background: light-dark(#23985a, #4cc38a); }
.desk-strength.s3 b, .desk-strength.s4 b { color: light-dark(#1c7a43, #4cc38a); }

/* What has to be known on every screen; and a script without anything to look at. */
[class*="st-key-banner_"] { background: light-dark(#fff6e9, #2a2114); border: 1px solid light-dark(#f3dcb4, #55431f);
  border-radius: 10px; padding: 0.55rem 0.95rem; }
[class*="st-key-banner_"] p { font-size: 0.93rem; }
.st-key-desk_theme { display: none; }

/* Who one is stands at the foot of the sidebar; a page that ended because one is signed out leads back in. */
[data-testid="stSidebarContent"] { display: flex; flex-direction: column; }
[data-testid="stSidebarUserContent"]:has(.st-key-name_menu) {
  flex: 1; display: flex; flex-direction: column; padding-bottom: 1rem; }
[data-testid="stSidebarUserContent"] > div:has(.st-key-name_menu),
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"]:has(> div .st-key-name_menu),
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"]:has(> .st-key-name_menu) {
  flex: 1; display: flex; flex-direction: column; }
[data-testid="stLayoutWrapper"]:has(> .st-key-name_menu), .st-key-name_menu:not([data-testid="stLayoutWrapper"] > *) {
  margin-top: auto; }
.desk-way-in { text-align: center; }
.desk-way-in a { display: inline-block; color: #fff; background: #3554d1; border-radius: 9px; padding: 0.5rem 1.4rem;
  font-weight: 560; text-decoration: none; }
.st-key-card_signed_out { max-width: 30rem; margin: 12vh auto 0; }

/* The bell hangs at the top right of every page, beside Streamlit's own menu; what the page begins with begins below it. */
@media (min-width: 641px) { [data-testid="stMainBlockContainer"]:has(.st-key-bell) { padding-top: 3.4rem; } }
[data-testid="stLayoutWrapper"]:has(> .st-key-bell) { position: fixed; top: 0.55rem; right: 3.6rem; z-index: 999991; }
[data-testid="stLayoutWrapper"]:has(> .st-key-bell) { width: auto; }
.st-key-bell a { border-radius: 999px; padding: 0.25rem 0.7rem; }
.st-key-bell p { font-size: 0.9rem; }

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
