"""My account: name, time zone, how the desk looks, what one is told, the password, and the browsers one is signed in with."""

from __future__ import annotations

import streamlit as st

from core import accounts, mail, sign_in, workspaces
from pages.components import fields, layout, strength, words, zones
from pages.session import checked, current
from pages.session import desk as current_desk

THEMES = {"system": "As my system", "light": "Light", "dark": "Dark"}
NOTICES = {
    "notify_done": ("An export of mine is ready", "A message on the screen, wherever you are in the desk."),
    "notify_failed": ("An export of mine failed", "A message on the screen that says where to find out why."),
    "email_failed": ("Also send me an e-mail when one fails", "To the address above."),
}

desk = current_desk()
me = accounts.me(desk)
signs_in = sign_in.required(desk)


def story() -> None:
    layout.header("My account", "How you are called here, and how you like to see things.")
    left, right = st.columns(2, gap="medium")
    with left:
        about_me()
        if me.password_hash:
            password()
        elif signs_in:
            elsewhere()
    with right:
        looks()
        notices()
    if signs_in:
        signed_in()


def about_me() -> None:
    with layout.card("me", "You", ":material/person:"):
        name = st.text_input("Name", me.name, max_chars=accounts.MAX_NAME, key=f"account_name_{me.name}")
        if me.email:
            st.text_input(
                "E-mail",
                me.email,
                disabled=True,
                key="account_email",
                help="You sign in with it. An administrator changes it.",
            )
        of_workspace = f"As the workspace: {desk.workspace().zone}"
        zone = zones.choose(
            "Time zone",
            me.zone or "",
            f"account_zone_{me.zone}",
            none=of_workspace,
            help="In which you see times. What exports contain follows the workspace’s zone.",
        )
        if st.button("Save", key="account_save", type="primary"):
            with layout.telling():
                accounts.change(desk, name=name or "", zone=zone)
                st.toast("Saved.", icon=":material/check_circle:")
                st.rerun()


def looks() -> None:
    with layout.card("looks", "Look", ":material/contrast:"):
        now = accounts.preferences(desk).theme
        theme = st.segmented_control(
            "Light or dark",
            list(THEMES),
            default=now,
            required=True,
            format_func=THEMES.__getitem__,
            key=f"account_theme_{now}",
        )
        st.caption("In every browser you sign in with." if signs_in else "In every browser on this computer.")
        if theme != now:
            accounts.change(desk, theme=theme)
            st.rerun()


def notices() -> None:
    with layout.card("notices", "Notices", ":material/notifications:"):
        kept = accounts.preferences(desk).model_dump()
        for part, (label, about) in NOTICES.items():
            blocked = no_mail() if part == "email_failed" else ""
            key = f"account_{part}"
            if (
                st.toggle(label, key=fields.seeded(key, kept[part]), help=blocked or about, disabled=bool(blocked))
                != kept[part]
            ):
                accounts.change(desk, **{part: st.session_state[key]})


def no_mail() -> str:
    if not me.email:
        return "You have no e-mail address here."
    return "" if mail.configured(desk) else "This desk cannot send mail yet. An administrator sets it up."


def password() -> None:
    with layout.card("password", "Password", ":material/key:"):

        @st.fragment
        @checked
        def choosing() -> None:
            """Each letter asks for its strength alone; the rest of the page stays as it is."""
            turn = st.session_state.setdefault("password_turn", 0)  # fields that are new are empty
            old = st.text_input(
                "Present password", type="password", autocomplete="current-password", key=f"password_old_{turn}"
            )
            new = st.text_input(
                "New password", type="password", autocomplete="new-password", live=True, key=f"password_new_{turn}"
            )
            if new:
                strength.show(new)
            st.caption(f"{accounts.SHORTEST_PASSWORD} characters or more. Your other browsers are signed out.")
            missing = "" if old and new else "Type your present password and a new one."
            if layout.button("Change password", "password_change", blocked=missing):
                with layout.telling():
                    here = current()
                    accounts.change_password(desk, old or "", new or "", but=here.id if here else None)
                    st.session_state["password_turn"] = turn + 1
                    st.toast("Your password is changed.", icon=":material/check_circle:")
                    st.rerun()

        choosing()


def elsewhere() -> None:
    with layout.card("password", "Password", ":material/key:"):
        st.caption("You sign in through your organisation: the password is changed there.")


def signed_in() -> None:
    here = current()
    clock = workspaces.clock(desk)
    there = sign_in.open_ones(desk)
    with layout.card("browsers", "Where you are signed in", ":material/devices:"):
        for one in there:
            mine = here is not None and one.id == here.id
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"browser_{one.id}"):
                with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                    st.markdown(f"**{layout.plain(words.program(one.agent) or 'A browser')}**")
                    facts = [
                        f"from {one.address}" if one.address else "",
                        f"last used {words.moment(one.seen_at, clock)}",
                        f"since {words.moment(one.created_at, clock)}",
                    ]
                    st.caption(layout.plain(" · ".join(fact for fact in facts if fact)))
                if mine:
                    st.badge("This browser", color="green")
                elif st.button("Sign out", key=f"sign_out_{one.id}", icon=":material/logout:"):
                    sign_in.end(desk, one.id)
                    st.rerun()
        alone = "" if len(there) > 1 else "You are signed in nowhere else."
        if here is not None and layout.button("Sign out everywhere else", "sign_out_others", blocked=alone):
            ended = sign_in.end_everywhere(desk, but=here.id)
            st.toast(f"{words.count(ended, 'browser')} signed out.", icon=":material/logout:")
            st.rerun()


story()
