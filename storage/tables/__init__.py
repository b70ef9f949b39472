"""Every table, by what it is about. All of the house imports them from here.

people    accounts, workspaces, memberships, ways in, tokens, secrets, projects
data      uploads, datasets and their versions, drafts
work      jobs and the links to what they made
templates templates and their versions, saved sets
standing  destinations, schedules, feeds, notices
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
from storage.tables.standing import (
    Destination,
    Feed,
    Notice,
    NoticeKind,
    Occurrence,
    OccurrenceState,
    Schedule,
)
from storage.tables.templates import (
    ColumnMatch,
    Pin,
    SavedSet,
    SetKind,
    Template,
    TemplateDataset,
    TemplateVersion,
)
from storage.tables.work import ACTIVE, Job, JobDataset, JobFile, JobKind, JobState, Link, LinkDownload

__all__ = [
    "ACTIVE",
    "Account",
    "AuditEntry",
    "Choice",
    "ColumnMatch",
    "Counter",
    "Dataset",
    "DatasetVersion",
    "Destination",
    "Draft",
    "Feed",
    "Invitation",
    "Job",
    "JobDataset",
    "JobFile",
    "JobKind",
    "JobState",
    "Link",
    "LinkDownload",
    "Membership",
    "Notice",
    "NoticeKind",
    "Occurrence",
    "OccurrenceState",
    "OneTimeLink",
    "Owned",
    "Pin",
    "Project",
    "Role",
    "SavedSet",
    "Schedule",
    "Secret",
    "SecretKind",
    "SetKind",
    "Shareable",
    "SignIn",
    "Template",
    "TemplateDataset",
    "TemplateVersion",
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
