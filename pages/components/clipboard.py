"""Something in a box and a button that copies it: a link, or a text that is shown once.

A link's address before its path is the browser's own, so it works behind a proxy.
"""

from __future__ import annotations

import streamlit as st

from pages.texts import _

_HTML = """
<div class="line"><input readonly><code tabindex="0"></code><button type="button"></button></div>
<p role="status" aria-live="polite"></p>
"""
_CSS = """
.line { display: flex; gap: 0.5rem; font-family: var(--st-font); }
input { flex: 1; min-width: 0; font: inherit; font-size: 0.9em; color: var(--st-text-color); padding: 0.5rem 0.7rem;
  border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius); background: var(--st-background-color); }
code { display: none; flex: 1; min-width: 0; font: 0.9em/1.5 var(--st-code-font); overflow-wrap: anywhere; user-select: all;
  padding: 0.4rem 0.6rem; border: 1px solid var(--st-border-color); border-radius: var(--st-base-radius);
  background: var(--st-background-color); }
.exact input { display: none; }
.exact code { display: block; }
button { font: inherit; font-weight: 560; color: #fff; background: var(--st-primary-color); border: 1px solid transparent;
  padding: 0.5rem 1rem; border-radius: var(--st-button-radius); cursor: pointer; white-space: nowrap; }
.exact button { color: var(--st-text-color); background: transparent; border-color: var(--st-border-color);
  padding: 0.4rem 0.8rem; font-size: 0.92em; font-weight: 450; }
button:focus-visible, input:focus-visible, code:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
p { font-family: var(--st-font); font-size: 0.86em; margin: 0.4rem 0 0; min-height: 1.3em; color: var(--st-green-text-color); }
.exact + p:empty { display: none; }
"""
_JS = """
export default function (component) {
  const { data, parentElement: root } = component
  const line = root.querySelector('.line'), input = root.querySelector('input'), code = root.querySelector('code')
  const button = root.querySelector('button'), said = root.querySelector('p')
  const exact = data.path === undefined  // a text as it is, shown whole; a link is completed and may be cut
  const value = exact ? data.text : new URL(data.path, window.location.origin).href
  if (input.value !== value) { input.value = code.textContent = value; said.textContent = '' }
  line.classList.toggle('exact', exact)
  ;(exact ? code : input).setAttribute('aria-label', data.label)
  button.textContent = data.button
  input.onfocus = () => input.select()
  button.onclick = async () => {
    try { await navigator.clipboard.writeText(value) }                    // needs https or this very computer
    catch {
      const range = document.createRange()
      range.selectNodeContents(code)
      if (exact) { getSelection().removeAllRanges(); getSelection().addRange(range) } else input.select()
      document.execCommand('copy')
    }
    said.textContent = data.copied
  }
}
"""
_copy = st.components.v2.component("export_desk_copy", html=_HTML, css=_CSS, js=_JS)


def copy_button(path: str, *, key: str, label: str = "") -> None:
    """`path` is a path of this desk, or a whole address where one is configured. `label` is for screen readers."""
    _copy(
        key=key,
        data={"path": path, "label": label or _("Download link"), "button": _("Copy link"), "copied": _("Copied.")},
    )


def copy_text(text: str, *, label: str, key: str) -> None:
    """A text as it is, beside a quieter button: something else on the screen is the next step."""
    _copy(key=key, data={"text": text, "label": label, "button": _("Copy"), "copied": _("Copied.")})
