"""Where the data is and how much room it has; from where the desk may be reached, and by whom without a token."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from core import choices, workspaces
from core.access import intake as open_intake
from core.choices import Access, Outside, Storage
from core.desk import Desk
from pages.components import clipboard, explain, layout, words
from pages.settings import values as settings_values
from pages.texts import _


def storage(desk: Desk) -> None:
    """The folder, what is free, and the line below which everybody is warned."""
    with layout.card(
        "folder", _("Data folder"), ":material/folder:", _("Everything the desk keeps is in here, its keys too.")
    ):
        clipboard.copy_text(str(desk.files.root), label=_("Data folder"), key="data_folder")
        said = _("{size} are free on its disk. DESK_DATA_DIR names it.")
        free = words.size(desk.files.free_bytes())
        st.caption(layout.plain(said.format(size=free)), help=explain.of("environment"))
    settings_values.show(
        desk,
        Storage,
        ":material/hard_drive:",
        _("When there is less room than this, everybody is told and nothing new begins."),
    )


def show(desk: Desk) -> None:
    now = choices.access(desk)
    stamp = hash(now)
    with layout.card("access", _("Access"), ":material/shield:"):
        networks = st.text_area(
            _("Allowed networks"),
            "\n".join(now.networks),
            key=f"access_networks_{stamp}",
            height=130,
            placeholder="192.168.1.0/24\n2001:db8::/32",
            help=explain.of(
                "network",
                here=_(
                    "One a line, as address/length (CIDR). Empty: from everywhere. This computer itself may always."
                ),
            ),
        )
        st.caption(layout.plain(seen_from(desk.caller.address, now.networks)))
        if st.button(_("Save"), key="access_save", type="primary"):
            with layout.telling():
                wanted = tuple((networks or "").replace(",", "\n").split("\n"))
                choices.choose(desk, Access, networks=wanted)
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()


def outside(desk: Desk) -> None:
    """What data may be fetched from and files delivered to, besides the public internet."""
    now = choices.outside(desk)
    stamp = hash(now)
    with layout.card(
        "outside",
        _("Fetching and delivering"),
        ":material/lan:",
        _(
            "The desk connects to the public internet. What is inside your own network it uses only where it stands here."
        ),
    ):
        networks = st.text_area(
            _("Networks of your own"),
            "\n".join(now.inside_networks),
            key=f"outside_networks_{stamp}",
            placeholder="192.168.1.0/24\n2001:db8::/32",
            help=explain.of("network", here=_("One a line, as address/length (CIDR). The desk itself is never meant.")),
        )
        folders = st.text_area(
            _("Folders of the server"),
            "\n".join(now.allowed_folders),
            key=f"outside_folders_{stamp}",
            placeholder=_("/srv/reports"),
            help=_("One a line, whole paths. Anybody who may add data can read what is below them, and deliver to it."),
        )
        if st.button(_("Save"), key="outside_save"):
            with layout.telling():
                choices.choose(
                    desk,
                    Outside,
                    inside_networks=_lines(networks),
                    allowed_folders=_lines(folders),
                )
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()


def _lines(typed: str | None) -> tuple[str, ...]:
    return tuple(line.strip() for line in (typed or "").split("\n") if line.strip())


def intake(desk: Desk) -> None:
    """Programs that send no token: off, or a workspace they enter."""
    now = choices.intake(desk)
    places = {place.id: place.name for place in workspaces.every(desk)}
    stamp = hash(now)
    with layout.card(
        "intake",
        _("Open intake"),
        ":material/move_to_inbox:",
        _("Programs that can keep no token, such as the script of a web page, may start exports of what is shared."),
    ):
        where = st.selectbox(
            _("They enter"),
            ["", *places],
            index=["", *places].index(now.workspace_id) if now.workspace_id in places else 0,
            format_func=lambda one: places.get(one) or _("Nowhere: every request needs a token"),
            key=f"intake_workspace_{stamp}",
            help=explain.of(
                "token",
                "workspace",
                here=_("Each of them can fetch what it started itself, and nothing else."),
            ),
        )
        sites, most = list(now.origins), now.per_minute
        if where:
            sites = st.text_area(
                _("Websites whose pages may ask"),
                "\n".join(now.origins),
                key=f"intake_origins_{stamp}",
                placeholder=_("https://www.example.org"),
                help=_("One a line. Programs that are no web pages need none."),
            ).split("\n")
            most = int(
                st.number_input(
                    _("Requests a minute of one address"), 1, 10_000, now.per_minute, key=f"intake_most_{stamp}"
                )
            )
            said = _("Whoever reaches this desk can export what is shared in {workspace}, without signing in.")
            st.caption(layout.plain(said.format(workspace=places[where])))
        if st.button(_("Save"), key="intake_save"):
            with layout.telling():
                if where:
                    open_intake.open(desk, where, sites, most)
                else:
                    open_intake.close(desk)
                st.toast(_("Saved."), icon=":material/check_circle:")
                st.rerun()


def seen_from(address: str, networks: Sequence[str]) -> str:
    """Who is turned away, and where whoever looks is: the way to notice that a proxy hides where people come from."""
    away = (
        _("People on other networks are turned away.") if networks else _("The list is empty: nobody is turned away.")
    )
    if not address:
        return away
    if choices.this_computer(address):
        return f"{away} " + _(
            "You are at {address}, which is this computer itself. If you are not sitting at it, there is a proxy that "
            "DESK_TRUSTED_PROXIES does not name, and no list keeps anybody out."
        ).format(address=address)
    return f"{away} " + _("You are at {address}.").format(address=address)
