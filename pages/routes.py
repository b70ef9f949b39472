"""Where the screens are, and how to get from one to another. Deep links use the same query parameters.

/             New export      ?dataset=<slug>  ?template=<id>  ?job=<id>  (start from one of these)
/my-exports   My exports      ?job=<id>        (one export, with its receipt)
/data         Data            ?dataset=<slug>  (one dataset)
/templates    Templates
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

BUILDER, MY_EXPORTS, DATA, TEMPLATES = "builder.py", "my_exports.py", "data.py", "templates.py"


def to_builder(*, dataset: str | None = None, template: str | None = None, job: str | None = None) -> NoReturn:
    """Open the builder on a dataset, on a template, or on what an earlier export was made of."""
    wanted = {"dataset": dataset, "template": template, "job": job}
    st.switch_page(BUILDER, query_params={k: v for k, v in wanted.items() if v})


def to_exports(job: str | None = None) -> NoReturn:
    st.switch_page(MY_EXPORTS, query_params={"job": job} if job else None)


def to_data(dataset: str | None = None) -> NoReturn:
    st.switch_page(DATA, query_params={"dataset": dataset} if dataset else None)
