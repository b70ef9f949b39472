"""Three ways in: drop files, paste a table, try sample data. Used by the Data page and as the builder's first step."""

from __future__ import annotations

import io

import streamlit as st

from core import choices, datasets, uploads
from core import samples as sample_data
from core.desk import Desk
from core.errors import from_dict
from pages.components import import_panel, layout, upload
from pages.data import imports
from pages.texts import _

PARAMETER = "uploads"  # in the page's address: files that have arrived but are not in my data yet survive a refresh


SAMPLE_SECONDS = 20.0  # a sample of a few thousand rows takes well under one


def show(desk: Desk, key: str, *, replace: str | None = None, samples: bool = True) -> list[str]:
    """Ids of datasets that arrived since the last run, by whichever way; empty until then.

    With `replace` (a dataset's id) there is one file, and it becomes that dataset's next version. Without `samples` none
    are offered.
    """
    pending = _pending(replace)
    if replace is None and not pending:
        drop, paste = st.columns([3, 2])
    else:
        drop, paste = st.container(), None
    with drop, layout.card(f"upload_{key}", height="stretch"):
        arrived = upload.show(
            f"upload_{key}",
            ticket=uploads.ticket(desk),
            limit=choices.limits(desk).max_upload_mb * 1024**2,
            taken=(*pending, *imports.taken()),
            several=replace is None,
            quiet=bool(pending),
        )
    if arrived:
        _keep([*pending, *(a.id for a in arrived)], replace)
        st.rerun()
    if paste:
        with paste:
            _paste(desk, key)
        return _samples(desk, key) if samples else []
    added = import_panel.show(desk, pending, replace=replace) if pending else []
    if added:
        _keep([p for p in pending if not imports.of(p).told], replace)
    return added


def _paste(desk: Desk, key: str) -> None:
    """Cells copied in a spreadsheet arrive as tabs and line ends; anything else is read as CSV."""
    with (
        layout.card(f"paste_{key}", _("Paste a table"), ":material/content_paste:", height="stretch"),
        st.form(f"paste_{key}", border=False),
    ):
        text = st.text_area(
            _("Cells copied from a spreadsheet, with their names in the first row"),
            height=118,
            placeholder=_("name\tcountry\tamount\nAyu\tIndonesia\t120"),
        )
        if st.form_submit_button(_("Use this table"), icon=":material/arrow_forward:"):
            if not text.strip():
                st.caption(
                    _(":material/info: Paste something first: select the cells in your spreadsheet and copy them.")
                )
                return
            name = _("Pasted table.tsv") if "\t" in text else _("Pasted table.csv")
            with layout.telling():
                _keep([uploads.store(desk, name, io.BytesIO(text.encode())).id])
                st.rerun()


def _samples(desk: Desk, key: str) -> list[str]:
    """Realistic tables to try the desk with; one press and they are there."""
    st.header(_("Or try it with sample data"), anchor=False)
    for tile, sample in zip(st.columns(len(sample_data.SAMPLES)), sample_data.SAMPLES.values(), strict=True):
        with tile, layout.card(f"sample_{sample.key}", _(sample.name), about=_(sample.about), height="stretch"):
            if st.button(_("Try it"), key=f"{key}_sample_{sample.key}", icon=":material/science:"):
                with layout.telling(), st.spinner(_("Adding the sample…"), show_time=False):
                    if found := sample_data.find_sample(desk, sample.key):
                        return [found]
                    job = datasets.wait(desk, sample_data.add_sample(desk, sample.key).id, SAMPLE_SECONDS)
                    if job.error:
                        raise from_dict(job.error)
                    return [str(d["id"]) for d in (job.result or {}).get("datasets", [])]
    return []


def _pending(replace: str | None) -> list[str]:
    """Uploads that wait to be looked at. A replacement belongs to its dialog, so it is kept in the session instead."""
    kept = st.session_state.get(f"replacing_{replace}", []) if replace else st.query_params.get_all(PARAMETER)
    return [i for i in kept if i not in imports.removed()]


def _keep(upload_ids: list[str], replace: str | None = None) -> None:
    ids = list(dict.fromkeys(upload_ids))
    if replace:
        st.session_state[f"replacing_{replace}"] = ids
    elif ids:
        st.query_params[PARAMETER] = ids
    else:
        st.query_params.pop(PARAMETER, None)
