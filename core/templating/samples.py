"""Templates that come with the sample data: what people export from such lists, to be tried with one press."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from core import audit
from core.desk import Desk
from core.engine.spec import ExportSpec
from storage import templates as rows

TAG = "Sample"


@dataclass(frozen=True)
class SampleTemplate:
    """One template: `source` is what it keeps of the sample, `more` the rest of its spec."""

    name: str
    description: str
    tag: str
    source: Mapping[str, Any]
    more: Mapping[str, Any]

    def spec(self, dataset: str) -> ExportSpec:
        """On the dataset of that slug."""
        return ExportSpec.model_validate(
            {"name": self.name, "sources": [{"dataset": dataset, **self.source}], **self.more}
        )


def _kept(column: str, operator: str, *values: object) -> dict[str, Any]:
    return {"column": column, "operator": operator, "values": values}


TEMPLATES: Mapping[str, Sequence[SampleTemplate]] = {  # key of core.sample_data.SAMPLES → its templates
    "participants": (
        SampleTemplate(
            "Badges",
            "Names and organisations in the order of the badge table.",
            "Event",
            {
                "columns": ["First name", "Last name", "Organisation", "Country", "Ticket"],
                "sort": ["Last name", "First name"],
            },
            {"output": {"format": "xlsx"}},
        ),
        SampleTemplate(
            "Registrations by country",
            "How many come from where, and what they paid.",
            "Report",
            {
                "summary": {
                    "group_by": ["Country"],
                    "measures": [
                        {"function": "count", "label": "People"},
                        {"function": "sum", "column": "Fee", "label": "Fees"},
                    ],
                },
                "sort": [{"column": "People", "descending": True}],
            },
            {"output": {"format": "xlsx"}},
        ),
        SampleTemplate(
            "Newsletter",
            "Who checked in and has an address, for the mailing program.",
            "Mailing",
            {
                "filters": {"items": [_kept("Checked in", "is_yes"), _kept("Email", "is_not_empty")]},
                "columns": [{"column": "Email", "label": "email"}, {"column": "First name", "label": "name"}, "City"],
            },
            {"output": {"format": "csv"}},
        ),
    ),
    "payments": (
        SampleTemplate(
            "Income by month",
            "What came in each month, in each currency.",
            "Report",
            {
                "summary": {
                    "group_by": [{"column": "Paid at", "unit": "month", "label": "Month"}, "Currency"],
                    "measures": [
                        {"function": "sum", "column": "Amount", "label": "Paid"},
                        {"function": "sum", "column": "Bank fee", "label": "Bank fees"},
                    ],
                },
                "sort": ["Month", "Currency"],
            },
            {"output": {"format": "xlsx"}},
        ),
        SampleTemplate(
            "Refunds",
            "Payments that were given back, the newest first.",
            "Bookkeeping",
            {
                "filters": {"items": [_kept("Refunded", "is_yes")]},
                "columns": ["Payment", "Payer", "Amount", "Currency", "Paid at", "Reference"],
                "sort": [{"column": "Paid at", "descending": True}],
            },
            {"output": {"format": "csv"}},
        ),
        SampleTemplate(
            "A file for each currency",
            "All payments, parted by currency, in one zip.",
            "Bookkeeping",
            {},
            {
                "output": {"format": "csv"},
                "packaging": {"split": {"by": "value", "column": "Currency"}, "compression": "zip"},
            },
        ),
    ),
    "ambassadors": (
        SampleTemplate(
            "Best twenty",
            "Who sells most, to hang on the wall.",
            "Report",
            {
                "columns": ["Name", "City", "Sales", "Referrals"],
                "sort": [{"column": "Sales", "descending": True}],
                "limit": 20,
            },
            {"output": {"format": "pdf"}},
        ),
        SampleTemplate(
            "Commission",
            "Active ambassadors with what they get a percentage of.",
            "Bookkeeping",
            {
                "filters": {"items": [_kept("Active", "is", "yes")]},
                "columns": ["Code", "Name", "Commission %", "Sales"],
                "sort": ["Name"],
            },
            {"output": {"format": "csv"}},
        ),
    ),
}


def add(desk: Desk, session: Session, key: str, dataset: str) -> None:
    """Within the transaction that adds the sample as the dataset of that slug. A name that is there already stays what it is.

    `desk` acts in the name of whoever takes the sample.
    """
    there = {template.name for template in rows.list(session, desk.scope)}
    for one in TEMPLATES.get(key, ()):
        if one.name in there:
            continue
        made = rows.add(
            session,
            desk.workspace_id,
            desk.account_id,
            name=one.name,
            description=one.description,
            spec=one.spec(dataset).model_dump(mode="json"),
            tags=(TAG, one.tag),
        )
        audit.note(desk, session, "templates.saved", made)
