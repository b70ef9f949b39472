"""Light or dark as the person chose, in every browser they sign in to.

Streamlit lets the server choose no theme: each browser keeps its own, under a key that bears the path the page was loaded at.
This script, nothing to look at, puts the person's choice there; where that changes how the page looks, it loads it once more.
It also tells the whole document which look the app has, for what is drawn outside of the app, and in which language it is.
"""

from __future__ import annotations

import streamlit as st

from core.access import accounts
from core.desk import Desk
from pages.texts import language

_JS = """
const VERSION = 2                                    // of Streamlit's own entry; a journey in the tests notices another
const WANTED = { system: null, light: '"Light"', dark: '"Dark"' }
const RELOADED = 'desk-theme-reloaded'

// Dialogs, menus and tooltips stand beside the app, which alone is told its colour scheme: light-dark() follows it there too.
function spread() {
  const app = document.querySelector('[data-testid="stApp"]')
  if (app) document.documentElement.style.colorScheme = getComputedStyle(app).colorScheme
}
let watching

export default function (component) {
  spread()
  document.documentElement.lang = component.data.language  // Streamlit's page says English, whatever it shows
  if (!watching) {  // a change of the look changes the app's classes
    watching = new MutationObserver(spread)
    watching.observe(document.querySelector('[data-testid="stApp"]'), { attributeFilter: ['class'] })
  }
  const wanted = WANTED[component.data.theme]
  const loaded = new URL(performance.getEntriesByType('navigation')[0].name).pathname
  const links = [...document.querySelectorAll('[data-testid="stSidebarNav"] a')].map((a) => new URL(a.href).pathname)
  const key = (path) => `stActiveTheme-${path}-v${VERSION}`
  try {
    const had = localStorage.getItem(key(loaded))
    for (const path of new Set([loaded, ...links])) {
      if (wanted === null) localStorage.removeItem(key(path))
      else localStorage.setItem(key(path), wanted)
    }
    if ((had === '"System"' ? null : had) === wanted) { sessionStorage.removeItem(RELOADED); return }
    if (sessionStorage.getItem(RELOADED) === String(wanted)) return   // it did not help: leave it at that
    sessionStorage.setItem(RELOADED, String(wanted))
    location.reload()
  } catch { /* a browser that keeps nothing follows its system */ }
}
"""
_follow = st.components.v2.component("export_desk_theme", html="<span></span>", js=_JS)


def follow(desk: Desk) -> None:
    """Once a run, beside the navigation."""
    _follow(
        key="desk_theme", data={"theme": accounts.preferences(desk).theme, "language": language().replace("_", "-")}
    )
