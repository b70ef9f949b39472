"""One press for several files: the browser fetches one after the other, and asks once whether it may."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.texts import _, n_

_HTML = """
<button type="button"></button>
<p role="status" aria-live="polite"></p>
"""
_CSS = """
button { font: 560 1em var(--st-font); width: 100%; min-width: 15.5rem; min-height: 2.5rem; padding: 0.4rem 1rem; cursor: pointer;
  border-radius: var(--st-button-radius); color: var(--st-text-color); background: transparent;
  border: 1px solid var(--st-border-color); }
button.primary { color: #fff; background: var(--st-primary-color); border-color: transparent; }
button:disabled { opacity: 0.6; cursor: default; }
button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
p { contain: inline-size; font: 0.86em var(--st-font); margin: 0.4rem 0 0; color: var(--st-gray-text-color); }
p:empty { display: none; }
"""
_JS = """
const APART = 400  // milliseconds: browsers drop downloads that begin in the same moment
export default function ({ data, parentElement: root }) {
  const button = root.querySelector('button'), said = root.querySelector('p')
  button.textContent = data.label
  button.classList.toggle('primary', data.primary)
  const last = data.files.length - 1
  if (!button.disabled) said.textContent = said.textContent || data.before
  const begin = n => {
    const file = data.files[n], link = document.createElement('a')
    link.href = file.url
    link.download = file.name
    link.click()
    button.disabled = n < last
    const now = data.now.replace('{n}', n + 1).replace('{all}', last + 1).replace('{name}', () => file.name)
    said.textContent = n < last ? now : data.after
    if (n < last) setTimeout(begin, APART, n + 1)
  }
  button.onclick = () => begin(0)
}
"""
_all = st.components.v2.component("export_desk_download_all", html=_HTML, css=_CSS, js=_JS)


def show(files: Sequence[tuple[str, str]], *, primary: bool, key: str) -> None:
    """`files`: (name, signed link) of each."""
    _all(
        key=key,
        data={
            "label": n_("Download {n} file", "Download all {n} files", len(files)),
            "before": _("One after the other. If your browser asks, allow several downloads."),
            "now": _("File {n} of {all}: {name}"),
            "after": _("All are on their way to your downloads folder. One is missing? Save it from the list."),
            "files": [{"name": name, "url": url} for name, url in files],
            "primary": primary,
        },
    )
