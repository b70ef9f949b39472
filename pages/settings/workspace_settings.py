"""Settings of the workspace: what it is called, how it shows things, how new exports begin, who may be invited."""

from __future__ import annotations

import streamlit as st

from core import choices, workspaces
from core.access import oidc, roles, sign_in
from core.engine.formats import FORMATS
from core.workspaces import DATE_STYLES, NUMBER_STYLES
from pages.components import explain, layout, zones
from pages.session import desk as current_desk
from pages.settings import backup_card
from pages.texts import _, n_

desk = current_desk()


def story() -> None:
    place = desk.workspace()
    blocked = roles.blocked(desk, "workspace.change")
    layout.header(
        _("Settings"),
        _("How {workspace} shows things and begins new exports, for everybody in it.").format(workspace=place.name),
        help=explain.of("workspace"),
    )
    if blocked:
        st.info(layout.plain(blocked), icon=":material/lock:")
    with st.form("workspace_settings", border=False, enter_to_submit=False):
        with layout.card("general"):
            name = st.text_input(_("Name"), value=place.name, max_chars=120, disabled=bool(blocked), autocomplete="off")
            zone = zones.choose(
                _("Time zone"),
                place.zone,
                f"workspace_zone_{place.zone}",
                disabled=bool(blocked),
                help=explain.of("zone", desk=desk),
            )
            st.caption(_("“Last month” and other relative dates count in this zone, and times are shown in it."))
        with layout.card("looks", _("How things look"), ":material/visibility:"):
            date = choice(_("Dates"), DATE_STYLES, place.date_format, blocked)
            number = choice(_("Numbers in files"), NUMBER_STYLES, place.number_format, blocked)
            st.caption(
                _(
                    "New CSV, TSV, web page and PDF exports begin so; Excel shows dates and numbers in each reader’s own way, "
                    "and files for programs keep to their standards. Exports and templates that are there do not change."
                )
            )
            format = choice(
                _("New exports begin as"), {f: FORMATS[f].label for f in FORMATS}, place.default_format, blocked
            )
        with layout.card("others", _("Who may come, and other names"), ":material/alternate_email:"):
            domains = ""
            if sign_in.required(desk):
                domains = st.text_area(
                    _("Only invite addresses at"), value="\n".join(place.email_domains), height=90,
                    placeholder="example.org", disabled=bool(blocked), help=explain.of("domain"),
                )  # fmt: skip
                st.caption(_("One domain a line. Empty: any address."))
                st.caption(layout.plain(by_provider()))
            aliases = st.text_area(
                _("Also called"), value="\n".join(workspaces.aliases(desk)), height=90, placeholder=_("acme"),
                disabled=bool(blocked),
            )  # fmt: skip
            st.caption(_("Names by which other programs ask for this workspace, one a line."))
            outward = st.text_area(
                _("Only mail files to addresses at"), value="\n".join(place.delivery_domains), height=90,
                placeholder="example.org", disabled=bool(blocked), help=explain.of("domain"),
            )  # fmt: skip
            st.caption(_("One domain a line; it holds for every destination by e-mail. Empty: any address."))
        with layout.card(
            "keeping", _("How long files are kept"), ":material/auto_delete:", help=explain.of("retention")
        ):
            usual = choices.retention(desk).export_days
            keep_days = st.number_input(
                _("Days the files of an export stay"), min_value=0, max_value=workspaces.MOST_DAYS, step=1,
                value=place.keep_days or 0, disabled=bool(blocked), width=300,
            )  # fmt: skip
            st.caption(
                n_("0: as this desk has it, {n} day.", "0: as this desk has it, {n} days.", usual)
                if usual
                else _("0: as this desk has it, for good.")
            )
            st.caption(_("An export, its template or its schedule may say otherwise; what is pinned stays."))
        pressed = st.form_submit_button(
            _("Save"), type="primary", disabled=bool(blocked), help=layout.said(blocked) or None
        )
    if pressed:
        with layout.telling():
            workspaces.set_aliases(desk, (aliases or "").splitlines())
            workspaces.change(
                desk, name=name, zone=zone, date_format=date, number_format=number, default_format=format,
                email_domains=(domains or "").splitlines() if sign_in.required(desk) else None,
                delivery_domains=(outward or "").splitlines(), keep_days=int(keep_days or 0),
            )  # fmt: skip
            st.toast(_("Saved."), icon=":material/check_circle:")
            st.rerun()
    backup_card.show(desk, workspaces.clock(desk))


def by_provider() -> str:
    """What the domains mean for whoever comes by another provider, who needs no invitation then."""
    said = _(
        "Whoever signs in with {provider} and has no account here yet comes in without an invitation, as a viewer, if their "
        "address is at one of these. Whoever you remove stays out until somebody invites them again; only closing their "
        "account shuts them out of the whole desk."
    )
    return said.format(provider=oidc.offered(desk.settings) or _("another provider (OpenID Connect)"))


def choice(label: str, offered: dict[str, str], now: str, blocked: str) -> str:
    keys = list(offered)
    return st.selectbox(
        label,
        keys,
        index=keys.index(now) if now in keys else 0,
        format_func=lambda key: _(offered[key]),
        disabled=bool(blocked),
    )


story()
