"""My account: name, time zone, how the desk looks, what one is told, the password, and the browsers one is signed in with."""

from __future__ import annotations

import streamlit as st

from core import naming, workspaces
from core.access import accounts, sign_in
from pages import texts
from pages.components import explain, layout, strength, words, zones
from pages.people import account_notices
from pages.session import checked, current
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

THEMES = {"system": N_("As my system"), "light": N_("Light"), "dark": N_("Dark")}
desk = current_desk()
me = accounts.me(desk)
signs_in = sign_in.required(desk)


def story() -> None:
    layout.header(_("My account"), _("Your name here, and how you like to see things."))
    left, right = st.columns(2, gap="medium")
    with left:
        about_me()
        if me.password_hash:
            password()
        elif signs_in:
            elsewhere()
    with right:
        looks()
        account_notices.show(desk, me)
    if signs_in:
        signed_in()


def about_me() -> None:
    with layout.card("me", _("You"), ":material/person:"):
        name = st.text_input(_("Name"), me.name, max_chars=naming.MAX_NAME, key=f"account_name_{me.name}")
        if me.email:
            st.text_input(
                _("E-mail"),
                me.email,
                disabled=True,
                key="account_email",
                help=_("You sign in with it. An administrator changes it."),
            )
        of_workspace = _("As the workspace: {zone}").format(zone=desk.workspace().zone)
        zone = zones.choose(
            _("Time zone"),
            me.zone or "",
            f"account_zone_{me.zone}",
            none=of_workspace,
            help=explain.of(
                "zone",
                "workspace",
                here=_("In which you see times. What exports contain follows the workspace’s zone."),
            ),
        )
        if st.button(_("Save"), key="account_save", type="primary"):
            with layout.telling():
                accounts.change(desk, name=name or "", zone=zone)
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()


def looks() -> None:
    with layout.card("looks", _("Look"), ":material/contrast:"):
        now = accounts.preferences(desk).theme
        theme = st.segmented_control(
            _("Light or dark"),
            list(THEMES),
            default=now,
            required=True,
            format_func=lambda theme: _(THEMES[theme]),
            key=f"account_theme_{now}",
        )
        st.caption(_("In every browser you sign in with.") if signs_in else _("In every browser on this computer."))
        if theme != now:
            accounts.change(desk, theme=theme)
            st.rerun()
        language()


def language() -> None:
    """Asked where there is a choice: pages/locale has another language than English."""
    known, now = texts.languages(), accounts.preferences(desk).language
    if len(known) < 2:
        return
    offered = ["", *known]
    chosen = st.selectbox(
        _("Language"),
        offered,
        index=offered.index(now) if now in known else 0,
        format_func=lambda code: known.get(code) or _("As my browser"),
        key=f"account_language_{now}",
    )
    if chosen != now and (chosen or now in known):
        accounts.change(desk, language=chosen)
        st.rerun()


def password() -> None:
    with layout.card("password", _("Password"), ":material/key:"):

        @st.fragment
        @checked
        def choosing() -> None:
            """Each letter asks for its strength alone; the rest of the page stays as it is."""
            turn = st.session_state.setdefault("password_turn", 0)  # fields that are new are empty
            old = st.text_input(
                _("Current password"), type="password", autocomplete="current-password", key=f"password_old_{turn}"
            )
            new = st.text_input(
                _("New password"), type="password", autocomplete="new-password", live=True, key=f"password_new_{turn}"
            )
            if new:
                strength.show(new)
            st.caption(
                n_(
                    "{n} character or more. Your other browsers are signed out.",
                    "{n} characters or more. Your other browsers are signed out.",
                    accounts.SHORTEST_PASSWORD,
                )
            )
            missing = "" if old and new else _("Type your current password and a new one.")
            if layout.button(_("Change password"), "password_change", blocked=missing):
                with layout.telling():
                    here = current()
                    accounts.change_password(desk, old or "", new or "", but=here.id if here else None)
                    st.session_state["password_turn"] = turn + 1
                    st.toast(_("Your password is changed."), icon=":material/check_circle:")
                    st.rerun()

        choosing()


def elsewhere() -> None:
    with layout.card("password", _("Password"), ":material/key:"):
        st.caption(_("You sign in through your organisation: the password is changed there."))


def signed_in() -> None:
    here = current()
    clock = workspaces.clock(desk)
    there, unnamed = sign_in.open_ones(desk), _("A browser")
    with layout.card("browsers", _("Where you are signed in"), ":material/devices:"):
        for one in there:
            mine = here is not None and one.id == here.id
            with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"browser_{one.id}"):
                with st.container(gap=None, width="stretch", key=f"words_{one.id}"):
                    st.markdown(f"**{layout.plain(words.program(one.agent) or unnamed)}**")
                    facts = [
                        _("from {address}").format(address=one.address) if one.address else "",
                        _("last used {when}").format(when=words.moment(one.seen_at, clock)),
                        _("since {when}").format(when=words.moment(one.created_at, clock)),
                    ]
                    st.caption(layout.plain(" · ".join(fact for fact in facts if fact)))
                if mine:
                    st.badge(_("This browser"), color="green")
                elif st.button(_("Sign out"), key=f"sign_out_{one.id}", icon=":material/logout:"):
                    sign_in.end(desk, one.id)
                    st.rerun()
        alone = "" if len(there) > 1 else _("You are signed in nowhere else.")
        if here is not None and layout.button(_("Sign out everywhere else"), "sign_out_others", blocked=alone):
            ended = sign_in.end_everywhere(desk, but=here.id)
            st.toast(n_("{n} browser signed out.", "{n} browsers signed out.", ended), icon=":material/logout:")
            st.rerun()


story()
