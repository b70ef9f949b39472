"""Accounts: everybody of this desk, in whichever workspaces. For administrators of the installation."""

from __future__ import annotations

import streamlit as st

from core import workspaces
from core.access import installation, sign_in, users
from core.access.users import User
from pages.components import dialogs, explain, fields, layout, one_person, words
from pages.people import password_link
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

SIZE = 25  # people a page
STATES = {N_("All"): None, N_("Open"): False, N_("Closed"): True}
SIGN_OUT, CLOSE, OPEN = N_("Sign out everywhere"), N_("Close the account"), N_("Open the account again")
EMAIL = N_("Change the e-mail")
APPOINT, DISMISS = N_("Make an administrator"), N_("No administrator any more")
ICONS = {
    SIGN_OUT: ":material/logout:",
    password_link.MAKE: password_link.ICON,
    EMAIL: ":material/alternate_email:",
    APPOINT: ":material/add_moderator:",
    DISMISS: ":material/remove_moderator:",
    CLOSE: ":material/block:",
    OPEN: ":material/lock_open:",
}
PAGE = "accounts_page"

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if not sign_in.required(desk):
        one_person.show(_("Accounts"))
        return
    layout.header(
        _("Accounts"),
        _("Everybody who has an account on this desk, in whichever workspace."),
        help=explain.of("workspace"),
    )
    if blocked := installation.blocked(desk, users.SEE):
        with layout.empty("accounts", _("This is for administrators"), blocked, ":material/lock:"):
            pass
        return
    search, closed = wanted()
    found, total = users.find(desk, search, closed=closed, page=st.session_state.get(PAGE, 1), size=SIZE)
    if total and not found:  # the last one of the last page is not among them any more
        first_page()
        found, total = users.find(desk, search, closed=closed, size=SIZE)
    st.caption(n_("{n} account", "{n} accounts", total))
    for user in found:
        item(user)
    if total > SIZE:
        st.pagination(-(-total // SIZE), key=PAGE)
    if not total:
        st.caption(_("Nobody matches. Try another word, or look at all accounts."))
    asked()


def wanted() -> tuple[str, bool | None]:
    """Whom to look for: part of the page's address, so what was found can be sent to a colleague."""
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        search = st.text_input(
            _("Search"), key="q", bind="query-params", placeholder=_("Search names and e-mails"), icon=":material/search:",
            label_visibility="collapsed", type="search", live=True, width=270, on_change=first_page,
        )  # fmt: skip
        fields.addressed("state", STATES)
        state = st.segmented_control(
            _("Which accounts"), list(STATES), format_func=_, default="All", required=True, key="state",
            bind="query-params", label_visibility="collapsed", on_change=first_page,
        )  # fmt: skip
    return search or "", STATES.get(state)


def first_page() -> None:
    st.session_state[PAGE] = 1


def item(user: User) -> None:
    """One person: who, when they were here, where they belong, and what can be done."""
    account = user.account
    with (
        st.container(border=True, key=f"item_{account.id}"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        with st.container(gap=None, width="stretch", key=f"words_{account.id}"):
            you = _("(you)") if account.id == desk.account_id else ""
            name = f"**{layout.plain(account.name)}**"
            st.markdown(f"{name} :gray[{you}]" if you else name)
            st.caption(layout.plain(" · ".join(facts(user))))
            st.caption(layout.plain(places(user)))
        if account.administrator:
            st.badge(_("Administrator"), icon=":material/shield_person:", color="blue")
        if account.disabled_at:
            st.badge(_("Closed"), icon=":material/block:", color="gray")
        menu(user)


def facts(user: User) -> list[str]:
    account = user.account
    shown = [account.email or _("no e-mail")]
    if account.disabled_at:
        return [*shown, _("closed {when}").format(when=words.moment(account.disabled_at, clock))]
    if user.seen_at:
        shown.append(_("last here {when}").format(when=words.moment(user.seen_at, clock)))
    elif account.password_hash or account.subject:
        shown.append(n_("not here for {n} day", "not here for {n} days", users.KEPT.days))
    else:
        shown.append(_("has not chosen a password yet"))
    if user.browsers:
        shown.append(n_("signed in with {n} browser", "signed in with {n} browsers", user.browsers))
    return shown


def places(user: User) -> str:
    said = _("{role} of {workspace}")
    return " · ".join(said.format(role=_(role.title()), workspace=place.name) for place, role in user.places) or _(
        "In no workspace"
    )


def menu(user: User) -> None:
    """The ⋯ of one person. Where there is nothing in it, it says why."""
    account = user.account
    offered = [OPEN]
    if not account.disabled_at:
        possible = {
            SIGN_OUT: user.browsers,
            password_link.MAKE: account.email,
            EMAIL: account.email,
            APPOINT: not account.administrator,
            DISMISS: account.administrator,
            CLOSE: True,
        }
        offered = [action for action, makes_sense in possible.items() if makes_sense]
    mine = account.id == desk.account_id
    blocked = _("This is you: your password and your browsers are under My account.") if mine else ""
    chosen = st.menu_button(
        _("More"), offered, key=f"more_{account.id}", type="tertiary", disabled=mine, help=blocked or None,
        format_func=lambda action: f"{ICONS[action]} {_(action)}",
    )  # fmt: skip
    if chosen:
        with layout.telling():
            act(chosen, user)


def act(action: str, user: User) -> None:
    """At once what is easily taken back; the rest asks first."""
    name = layout.plain(user.account.name)
    if action == password_link.MAKE:
        password_link.ask(user.account.id)
    elif action in (EMAIL, APPOINT, CLOSE):
        dialogs.open(action, user.account.id)
    elif action == DISMISS:
        users.administer(desk, user.account.id, administers=False)
        st.toast(_("**{name}** is no administrator any more.").format(name=name), icon=ICONS[DISMISS])
    elif action == OPEN:
        users.close(desk, user.account.id, closed=False)
        st.toast(_("**{name}** can sign in again.").format(name=name), icon=":material/lock_open:")
    else:
        ended = users.sign_out(desk, user.account.id)
        said = n_(
            "**{name}** was signed out of {n} browser.", "**{name}** was signed out of {n} browsers.", ended, name=name
        )
        st.toast(said, icon=":material/logout:")
    st.rerun()


def asked() -> None:
    """The dialog that is open, if one is."""
    if account_id := password_link.about():
        password_link.show(desk, account_id, users.get(desk, account_id).name)
    elif account_id := dialogs.subject(CLOSE):
        closing(account_id)
    elif account_id := dialogs.subject(EMAIL):
        changing_email(account_id)
    elif account_id := dialogs.subject(APPOINT):
        appointing(account_id)


@dialogs.dialog(N_("Close this account?"), icon=":material/block:")
@checked
def closing(account_id: str) -> None:
    with layout.telling():
        name = layout.plain(users.get(desk, account_id).name)
        said = _(
            "**{name}** is signed out everywhere at once and cannot come back. Tokens and download links of theirs rest."
        )
        st.markdown(said.format(name=name), help=explain.of("token"))
        st.caption(_("What they made stays, and stays theirs. You can open the account again at any time."))
        with layout.row("confirm_close", align="right"):
            if st.button(_("Keep it open"), key="keep_open"):
                dialogs.close()
            if st.button(_("Close the account"), key="close_account", type="primary"):
                users.close(desk, account_id)
                dialogs.close(_("**{name}** is shut out.").format(name=name), ":material/block:")


@dialogs.dialog(N_("Change the e-mail"), icon=":material/alternate_email:")
@checked
def changing_email(account_id: str) -> None:
    with layout.telling():
        account = users.get(desk, account_id)
        email = st.text_input(_("E-mail"), account.email or "", key="new_email", max_chars=320)
        said = _("**{name}** signs in with it from now on. Links for a new password that went to the old one end.")
        st.caption(said.format(name=layout.plain(account.name)))
        with layout.row("confirm_email", align="right"):
            if st.button(_("Cancel"), key="keep_email"):
                dialogs.close()
            if st.button(_("Save"), key="save_email", type="primary"):
                users.change_email(desk, account_id, email or "")
                dialogs.close(_("Saved."))


@dialogs.dialog(N_("Make an administrator?"), icon=":material/add_moderator:")
@checked
def appointing(account_id: str) -> None:
    with layout.telling():
        name = layout.plain(users.get(desk, account_id).name)
        said = _(
            "**{name}** can then do all you can here: close accounts, make links for new passwords, change the settings."
        )
        st.markdown(said.format(name=name))
        st.caption(_("Whoever uses such a link becomes that person: choose somebody whom everybody here trusts."))
        with layout.row("confirm_appoint", align="right"):
            if st.button(_("Not now"), key="not_appointed"):
                dialogs.close()
            if st.button(_("Make an administrator"), key="appoint", type="primary"):
                users.administer(desk, account_id)
                dialogs.close(_("**{name}** is an administrator now.").format(name=name), ICONS[APPOINT])


story()
