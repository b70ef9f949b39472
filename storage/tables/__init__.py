"""Every table, by what it is about. All of the house imports them from here.

people    accounts, workspaces, memberships, ways in, tokens, secrets, projects
data      uploads, datasets and their versions, drafts
work      jobs, templates, links
keeping   the audit log, counters, what administrators chose
"""

from storage.tables.base import Owned, Shareable, UtcDateTime, json_column, new_id, text_enum, utc_now
from storage.tables.data import Dataset, DatasetVersion, Draft, Upload
from storage.tables.keeping import AuditEntry, Choice, Counter
from storage.tables.people import (
    Account,
    Invitation,
    Membership,
    OneTimeLink,
    Project,
    Role,
    Secret,
    SecretKind,
    SignIn,
    Token,
    Workspace,
    WorkspaceAlias,
)
from storage.tables.work import ACTIVE, Job, JobDataset, JobKind, JobState, Link, Pin, Template, TemplateDataset

__all__ = [
    "ACTIVE",
    "Account",
    "AuditEntry",
    "Choice",
    "Counter",
    "Dataset",
    "DatasetVersion",
    "Draft",
    "Invitation",
    "Job",
    "JobDataset",
    "JobKind",
    "JobState",
    "Link",
    "Membership",
    "OneTimeLink",
    "Owned",
    "Pin",
    "Project",
    "Role",
    "Secret",
    "SecretKind",
    "Shareable",
    "SignIn",
    "Template",
    "TemplateDataset",
    "Token",
    "Upload",
    "UtcDateTime",
    "Workspace",
    "WorkspaceAlias",
    "json_column",
    "new_id",
    "text_enum",
    "utc_now",
]
