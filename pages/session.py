"""The Desk of whoever looks at the page. Every rerun, and every polling fragment, asks here first."""

from __future__ import annotations

import streamlit as st

from core.desk import Desk, open_desk


@st.cache_resource(show_spinner=False)
def _opened() -> Desk:
    """One Desk a process: it holds the pool of the store, and migrates once."""
    return open_desk()


def desk() -> Desk:
    """On one person's own computer the one member acts; nothing is asked."""
    return _opened()
