"""docs/roles.md, made from the table of roles itself: `python -m core.access.roles_page` writes it anew."""

from __future__ import annotations

from pathlib import Path

from core.access.roles import ABOUT, LADDER, USE_CASES, UseCase
from storage.tables import Role

PAGE = Path(__file__).parents[2] / "docs" / "roles.md"
INTRODUCTION = """# Who may do what

Everybody has one role in each workspace they belong to. What somebody makes is their own until they share it: what is not
shared nobody else sees, administrators included. This page is made from the table that the desk itself asks
(`python -m core.access.roles_page`); a test compares, and another one has every role try every line.

"""
SUBJECTS = {
    "data": "Data",
    "exports": "Exports",
    "templates": "Templates",
    "schedules": "Schedules",
    "projects": "Projects",
    "tokens": "Tokens",
    "members": "People",
    "workspace": "The workspace",
    "audit": "The audit log",
}
AFTERWARDS = """
“Own” means: what one made, or was handed over. A token may do what its scopes name *and* what the role of the person it
belongs to allows at that moment. Whoever loses a role loses it at the next click, in every browser and for every token.

Whoever leaves a workspace, or is removed, hands over everything they own there, what they kept to themselves too; their
tokens, invitations and download links end. A workspace always keeps one owner.

The audit log says who did what to what. Of what others keep to themselves it says only that something was done: “(private)”
stands in place of its name, and nothing of it beside.

New workspaces are made by administrators of the installation. An administrator of the installation has no role in
workspaces they do not belong to, and sees nothing there but who belongs to them and as what: **Accounts** lists everybody
of the desk. There they sign somebody out everywhere, close an account and open it again, make others administrators, and
make links for new passwords. Whoever uses such a link becomes that person, so each one is in the audit log. Nobody closes
their own account, that of the last administrator, or that of the only owner of a workspace where others work.
"""


def page() -> str:
    """The whole page as Markdown."""
    roles = "".join(f"- **{role.title()}** {ABOUT[role]}.\n" for role in LADDER)
    return INTRODUCTION + roles + "".join(_section(*subject) for subject in SUBJECTS.items()) + AFTERWARDS


def _section(subject: str, title: str) -> str:
    head = f"\n## {title}\n\n| may | " + " | ".join(LADDER) + " |\n|---|" + "---|" * len(LADDER) + "\n"
    cases = [case for use, case in USE_CASES.items() if use.partition(".")[0] == subject]
    return head + "".join(f"| {case.what} | " + " | ".join(_may(case, r) for r in LADDER) + " |\n" for case in cases)


def _may(case: UseCase, role: Role) -> str:
    def reaches(least: Role) -> bool:
        return LADDER.index(role) >= LADDER.index(least)

    if not reaches(case.least):
        return "–"
    return "yes" if reaches(case.others or case.least) else "own"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
