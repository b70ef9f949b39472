"""A link in a box and a button that copies it. The address before the path is the browser's own, so it works behind a proxy."""

from __future__ import annotations

import streamlit as st

_HTML = """
<div class="line"><input readonly aria-label="Download link"><button type="button"></button></div>
<p role="status" aria-live="polite"></p>
"""
_CSS = """
.line { display: flex; gap: 0.5rem; font-family: var(--st-font); }
input { flex: 1; min-width: 0; font: inherit; font-size: 0.9em; color: var(--st-text-color); padding: 0.5rem 0.7rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); background: var(--st-background-color); }
button { font: inherit; font-weight: 560; color: #fff; background: var(--st-primary-color); border: 0; padding: 0.5rem 1rem;
  border-radius: var(--st-button-radius); cursor: pointer; white-space: nowrap; }
button:focus-visible, input:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
p { font-family: var(--st-font); font-size: 0.86em; margin: 0.4rem 0 0; min-height: 1.3em; color: var(--st-green-text-color); }
"""
_JS = """
export default function (component) {
  const { data, parentElement: root } = component
  const input = root.querySelector('input'), button = root.querySelector('button'), said = root.querySelector('p')
  const link = new URL(data.path, window.location.origin).href
  if (input.value !== link) { input.value = link; said.textContent = '' }
  button.textContent = 'Copy link'
  input.onfocus = () => input.select()
  button.onclick = async () => {
    try { await navigator.clipboard.writeText(link) }                    // needs https or this very computer
    catch { input.select(); document.execCommand('copy') }
    said.textContent = 'Copied.'
  }
}
"""
_copy = st.components.v2.component("export_desk_copy", html=_HTML, css=_CSS, js=_JS)


def copy_button(path: str, *, key: str) -> None:
    """`path` is a path of this desk, or a whole address where one is configured."""
    _copy(key=key, data={"path": path})
