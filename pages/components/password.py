"""A password for the file: typed or generated, how strong it is, and plain words about who can open what comes of it.

The password lives in its field only until “Use this password” is pressed. What stays is the id of a kept secret.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.access import passwords
from core.engine.formats import FORMATS
from pages.builder.draft import ExportDraft
from pages.components import clipboard, explain, fields, layout, strength
from pages.session import checked
from pages.texts import N_, _

WHO_ZIP = N_("Zip with AES-256: 7-Zip opens it, on a Mac Keka or The Unarchiver. Windows’ own zip folder cannot.")
WHO_FILE = {
    "xlsx": N_("The workbook’s own password: Excel and LibreOffice ask for it, other programs may not open it."),
    "ods": N_("The document’s own password: LibreOffice asks for it, Excel cannot open it."),
    "pdf": N_("The PDF’s own password: every PDF reader asks for it."),
}


def show(draft: ExportDraft, keep: Callable[[str], str], *, key: str) -> None:
    """Edit the protection in place. `keep(password)` stores it and gives its id."""
    draft.protect = st.toggle(
        _("Protect with a password"), key=fields.seeded(f"{key}_protect", draft.protect), width="stretch"
    )
    if not draft.protect:
        _forget(key)
        return
    if draft.password and not st.session_state.get(f"{key}_changing"):
        _kept(draft, key)
    else:
        _choose(draft, keep, key)


def waiting(draft: ExportDraft, *, key: str) -> bool:
    """Whether another password was typed or generated, and is not the one in use."""
    return draft.protect and draft.password is not None and bool(st.session_state.get(f"{key}_typed"))


def _kept(draft: ExportDraft, key: str) -> None:
    with st.container(key=f"soft_{key}_kept", gap="xsmall"):
        st.markdown(_(":material/lock: **A password is set**"))
        _lock(draft, key)
        with st.container(horizontal=True, gap="small", key=f"row_{key}_kept"):
            if st.button(_("Change"), key=f"{key}_change_password", type="tertiary", icon=":material/edit:"):
                st.session_state[f"{key}_changing"] = True
                st.rerun()
            st.button(
                _("Remove"),
                key=f"{key}_remove_password",
                type="tertiary",
                icon=":material/close:",
                on_click=_remove,
                args=(draft, key),
            )


def _choose(draft: ExportDraft, keep: Callable[[str], str], key: str) -> None:
    with st.container(key=f"soft_{key}_choose", gap="small"):

        @st.fragment(key=f"{key}_choosing")
        @checked
        def choosing() -> None:
            """Each letter asks for its strength alone; the rest of the page stays as it is."""
            typed = st.text_input(
                _("Password"),
                key=f"{key}_typed",
                type="password",
                live=True,
                autocomplete="new-password",
                on_change=_typed,
                args=(key,),
            )
            st.button(
                _("Generate one"),
                key=f"{key}_generate",
                icon=":material/casino:",
                type="tertiary",
                on_click=_generate,
                args=(key,),
            )
            if typed and st.session_state.get(f"{key}_generated"):
                clipboard.copy_text(typed, label=_("The generated password"), key=f"{key}_copy")
                st.caption(_("It is shown this once. Copy it now: nobody can look it up later, not even here."))
            elif typed:
                strength.show(typed)
            pressed = layout.button(
                _("Use this password"),
                f"{key}_use",
                blocked="" if typed else _("Type a password first, or generate one."),
                width="stretch",
            )
            if pressed and typed:
                with layout.telling():
                    draft.password = keep(typed)
                    _forget(key)
                    st.rerun()

        choosing()
        _lock(draft, key)
        if draft.password and st.button(_("Keep the one that is set"), key=f"{key}_keep_old", type="tertiary"):
            _forget(key)
            st.rerun()


def _lock(draft: ExportDraft, key: str) -> None:
    """What the password locks, where there is a choice, and who can open it then."""
    format = FORMATS[draft.format]
    if format.lockable:
        words = {"file": _("The {format} file").format(format=_(format.label)), "zip": _("A zip")}
        name = f"{key}_lock"
        st.session_state[name] = draft.lock_means  # it follows the split and the packing until somebody chooses
        st.segmented_control(
            _("What it locks"),
            list(words),
            key=name,
            format_func=words.__getitem__,
            required=True,
            width="stretch",
            on_change=lambda: setattr(draft, "lock", st.session_state[name]),
        )
    means = draft.lock_means
    who = WHO_FILE.get(draft.format, N_("The password {format} itself asks for.")) if means == "file" else WHO_ZIP
    st.caption(_(who).format(format=_(format.label)), help=explain.named_in(who))


def _generate(key: str) -> None:
    st.session_state[f"{key}_typed"] = passwords.generate()
    st.session_state[f"{key}_generated"] = True


def _typed(key: str) -> None:
    """What is typed over a generated password is somebody's own, and is not shown."""
    st.session_state.pop(f"{key}_generated", None)


def _remove(draft: ExportDraft, key: str) -> None:
    draft.password, draft.protect = None, False
    st.session_state[f"{key}_protect"] = False
    _forget(key)


def _forget(key: str) -> None:
    """Nothing of what was typed stays in the session."""
    for name in ("typed", "generated", "changing"):
        st.session_state.pop(f"{key}_{name}", None)
