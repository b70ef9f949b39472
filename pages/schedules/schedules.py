"""Schedules: templates that run by themselves. `?schedule=<id>` shows one; `?template=<id>` and `?job=<id>` begin a new one."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st

from core import choices, exports, workspaces
from core.access import roles
from core.desk import Desk
from core.engine.spec import ExportSpec
from core.errors import NotFound
from core.scheduling import schedules
from core.templating import templates
from pages import belonging, routes
from pages.components import deleting, dialogs, layout, narrowing, whose
from pages.schedules import calendar, detail
from pages.schedules import form as schedule_form
from pages.schedules import item as schedule_item
from pages.schedules.form import Runs
from pages.session import checked
from pages.session import desk as current_desk
from pages.texts import N_, _, n_

NEW = "new_schedule"
LIST, CALENDAR = N_("List"), N_("Calendar")

desk = current_desk()
clock = workspaces.clock(desk)


def story() -> None:
    if schedule_id := st.query_params.get("schedule"):
        detail.show(desk, schedule_id, clock)
    elif "template" in st.query_params or "job" in st.query_params or st.session_state.get(NEW):
        new()
    else:
        listing()


def listing() -> None:
    blocked = roles.blocked(desk, "schedules.change")
    there = schedules.some(desk)
    with layout.header(_("Schedules"), _("Exports that make themselves, when they are wanted.")):
        if there:
            new_button(blocked)
    orphans()
    if not there:
        with layout.empty(
            "schedules",
            _("Nothing runs by itself yet"),
            _("Choose a template and when it runs; its file is there when it is wanted."),
            ":material/schedule:",
        ):
            new_button(blocked)
        return
    with st.container(horizontal=True, vertical_alignment="center", key="row_filters"):
        view = st.segmented_control(
            _("Show"), [LIST, CALENDAR], default=LIST, required=True, label_visibility="collapsed", key="schedules_view",
            format_func=_,
        )  # fmt: skip
        within = narrowing.show(desk)
    if view == CALENDAR:
        calendar.show(desk, clock, within)
        return
    names = whose.names(desk)
    found = schedules.list(desk, within=within)
    for listed in found:
        schedule_item.show(desk, listed, clock, names)
    if not found:
        st.caption(_("No schedule matches. Show all projects, or everybody’s."))


def new_button(blocked: str) -> None:
    if layout.button(_("New schedule"), "new_schedule_button", blocked=blocked, type="primary", icon=":material/add:"):
        schedule_form.forget()
        st.session_state[NEW] = True
        st.rerun()


def orphans() -> None:
    """What nobody runs any more, for those who may take it over."""
    for one, owner in schedules.without_owner(desk):
        with st.container(border=True, key=f"item_orphan_{one.id}"), layout.row(f"orphan_{one.id}", align="distribute"):
            with st.container(gap=None, width="stretch", key=f"words_orphan_{one.id}"):
                st.markdown(f":material/person_off: **{layout.plain(one.name)}**")
                said = _(
                    "{owner} can run nothing here any more. Take it over, with the template it runs, its data and where its "
                    "files go, and it goes on. What {owner} kept private of these becomes yours."
                )
                st.caption(layout.plain(said.format(owner=owner)))
            if st.button(_("Take over"), key=f"take_over_{one.id}", icon=":material/person_add:"):
                with layout.telling():
                    schedules.take_over(desk, one.id)
                    st.toast(_("**{name}** is yours now, and goes on.").format(name=layout.plain(one.name)))
                    st.rerun()


def new() -> None:
    """A sentence: what runs, and when."""
    if st.button(_("Schedules"), key="back_to_schedules", type="tertiary", icon=":material/arrow_back:"):
        leave()
    layout.header(_("New schedule"), _("Choose what runs and when. The next runs show what comes of it."))
    job_id = st.query_params.get("job")
    known = {template.id: template.name for template in templates.list(desk)}
    if not job_id and not known:
        with layout.empty(
            "no_template", _("There is no template yet"), _("Make an export once, then choose “Save as template”."),
            ":material/bookmark:",
        ):  # fmt: skip
            if layout.button(
                _("New export"), "first_export", blocked=roles.blocked(desk, "exports.run"), type="primary"
            ):
                routes.to_builder()
        return
    with layout.card("new_schedule"), layout.telling():
        runs = chosen(known, job_id)
        plan = schedule_form.show(desk, None, runs)
        with layout.row("make_schedule", align="right"):
            blocked = roles.blocked(desk, "schedules.change") or ("" if plan else _("Something is missing above."))
            if layout.button(_("Make the schedule"), "make_schedule", blocked=blocked, type="primary") and plan:
                template_id = runs.template_id
                if not template_id and runs.spec:
                    template_id = templates.save(desk, runs.name, "", runs.spec).id
                made = schedules.make(desk, template_id or "", plan)
                leave(made.id, _("**{name}** runs by itself from now on.").format(name=layout.plain(made.name)))


def chosen(known: dict[str, str], job_id: str | None) -> Runs:
    """What it is to run; of an export, what it was made of becomes a template once the schedule is made."""
    if job_id:
        job = exports.get(desk, job_id)
        said = _(
            "It makes what the export **{name}** was made of, as of each run. That is saved as a template with it."
        )
        st.markdown(said.format(name=layout.plain(job.name)))
        return Runs(job.name, exports.spec(job), job_id=job_id)
    asked = st.query_params.get("template", "")
    options = list(known)
    template_id = st.selectbox(
        _("Template"), options, index=options.index(asked) if asked in known else 0, format_func=known.__getitem__,
        key=f"{schedule_form.PREFIX}template", width=420,
    )  # fmt: skip
    return of_template(template_id)


def of_template(template_id: str) -> Runs:
    """Of one that was deleted or is not shared any more, nothing but its id."""
    with suppress(NotFound):
        template = templates.get(desk, template_id)
        return Runs(template.name, ExportSpec.model_validate(template.spec), template_id)
    return Runs("", None, template_id)


def leave(schedule_id: str | None = None, said: str = "") -> None:
    st.session_state.pop(NEW, None)
    schedule_form.forget()
    if said:
        st.toast(said, icon=":material/schedule:")
    routes.to_schedules(schedule_id)


def dismissed() -> None:
    schedule_form.forget()
    dialogs.forget()


@dialogs.dialog(N_("Change the schedule"), width="large", icon=":material/edit:", on_dismiss=dismissed)
@checked
def edit(desk: Desk, schedule_id: str) -> None:
    with layout.telling():
        one = schedules.get(desk, schedule_id)
        plan = schedule_form.show(desk, one, of_template(one.template_id))
        with layout.row("save_schedule", align="right"):
            blocked = "" if plan else _("Something is missing above.")
            if layout.button(_("Save"), "save_schedule", blocked=blocked, type="primary") and plan:
                schedules.update(desk, schedule_id, **{name: getattr(plan, name) for name in type(plan).model_fields})
                schedule_form.forget()
                dialogs.close(_("Saved."))


@dialogs.dialog(N_("Delete this schedule?"), icon=":material/delete:")
@checked
def delete(desk: Desk, schedule_id: str) -> None:
    one = schedules.get(desk, schedule_id)
    st.markdown(
        n_(
            "**{name}** runs no more. It can be restored under Recently deleted for {n} day; its files stay in My exports.",
            "**{name}** runs no more. It can be restored under Recently deleted for {n} days; its files stay in My exports.",
            choices.retention(desk).bin_days,
            name=layout.plain(one.name),
        )
    )

    def gone() -> None:
        schedules.delete(desk, schedule_id)
        st.query_params.pop("schedule", None)

    deleting.buttons("schedule", one.name, gone)


@dialogs.dialog(N_("Sharing and project"), icon=":material/group:")
@checked
def belongs(desk: Desk, schedule_id: str) -> None:
    with layout.telling():
        one = schedules.get(desk, schedule_id)
        st.markdown(f"**{layout.plain(one.name)}**")
        st.caption(_("Whoever sees the schedule sees the exports it makes from then on."))
        belonging.show(desk, "schedule", one)


story()
for action, dialog in ((schedule_item.EDIT, edit), (schedule_item.DELETE, delete), (schedule_item.BELONGING, belongs)):
    if subject := dialogs.subject(f"schedule {action}"):
        dialog(desk, subject)
