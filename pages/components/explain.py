"""Words of the trade, each explained in two plain sentences: the little “?” beside the word, for mouse, keyboard and finger.

st.selectbox(_("Encoding"), …, help=explain.of("encoding"))        # where a screen says the word
st.toggle(title, …, help=explain.named_in(title, description))     # where a model says it: whatever terms its texts name

A text of a screen that names a term without explaining it fails tests/pages/components/test_explain.py.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.access import roles
from core.desk import Desk
from pages.components import layout
from pages.texts import N_, _


@dataclass(frozen=True)
class Term:
    """`spellings`: a regular expression of how screens say it, whole words, capitals or not. `about`: two plain sentences.

    `ask`: the use case (core.access.roles) somebody else has to see to; whoever may not do it is told whom to ask.
    """

    name: str
    spellings: str
    about: str
    ask: str = ""


GLOSSARY: dict[str, Term] = {
    "delimiter": Term(
        N_("Delimiter"),
        spellings=r"delimiters?|separated by",
        about=N_(
            "The sign that ends one cell and begins the next in a text file. With another one all columns run into one."
        ),
    ),
    "encoding": Term(
        N_("Encoding"),
        spellings=r"encodings?|UTF-8|UTF-16|ASCII|Latin-[19]|ISO 8859(?:-\d+)?",
        about=N_(
            "How letters are kept as numbers in a file. Read with the wrong one, é or ü turns into signs such as "
            "Ã©; UTF-8 has every letter."
        ),
    ),
    "byte_order_mark": Term(
        N_("Byte order mark (BOM)"),
        spellings=r"byte order marks?|BOM",
        about=N_(
            "An invisible sign at the very start of a file. Excel needs it to recognise UTF-8; some programs trip"
            " over it."
        ),
    ),
    "line_ends": Term(
        N_("Line ends"),
        spellings=r"line ends?|LF|CRLF",
        about=N_(
            "The invisible signs after each line of a text file. Windows traditionally uses two (CRLF), Linux and"
            " macOS one (LF)."
        ),
    ),
    "fingerprint": Term(
        N_("SHA-256, a checksum"),
        spellings=r"SHA-256|checksums?",
        about=N_(
            "A fingerprint worked out from every byte of the file. Whoever receives it can work it out again: the"
            " same fingerprint means that nothing was changed on the way."
        ),
    ),
    "receipt": Term(
        N_("Receipt"),
        spellings=r"(?!)",  # explained where it stands, and plain enough elsewhere
        about=N_(
            "How many rows came in, what each step left, and how many the finished file holds, counted by reading"
            " it again. It is kept with the export, so you can show it to somebody later."
        ),
    ),
    "zone": Term(
        N_("Time zone"),
        spellings=r"time zones?|zones?",
        about=N_(
            "The place whose clocks count: the same moment is 9:00 in Berlin and 14:00 in Jakarta. It decides "
            "when a day begins, and so what “today” and “last month” mean."
        ),
        ask="workspace.change",
    ),
    "role": Term(
        N_("Role"),
        spellings=r"roles?",
        about=N_(
            "What somebody may do in this workspace, from looking to managing it. The list at the foot says what "
            "each may do."
        ),
        ask="members.manage",
    ),
    "token": Term(
        N_("Token"),
        spellings=r"tokens?",
        about=N_(
            "A long secret with which a program signs in instead of a person. Whoever has it can do what it may: "
            "keep it like a password."
        ),
        ask="tokens.make",
    ),
    "terminal": Term(
        N_("Terminal"),
        spellings=r"terminals?",
        about=N_(
            "The window in which commands are typed instead of clicked. It is called Terminal on a Mac or Linux, "
            "PowerShell on Windows."
        ),
    ),
    "audit_log": Term(
        N_("Audit log"),
        spellings=r"audit logs?",
        about=N_("The list of who did what and when, refused attempts too. It is what the page Activity shows."),
    ),
    "job": Term(
        N_("Job"),
        spellings=r"jobs?",
        about=N_(
            "One piece of work in the background, such as reading a file or making an export. Those that cannot "
            "start at once wait in a queue."
        ),
    ),
    "domain": Term(
        N_("Domain"),
        spellings=r"domains?",
        about=N_(
            "The part of an e-mail address behind the @, such as example.org. Everybody of an organisation "
            "usually has the same."
        ),
    ),
    "mail_server": Term(
        N_("Mail server (SMTP)"),
        spellings=r"SMTP|mail servers?|ports?",
        about=N_(
            "The computer that takes outgoing mail, reached by its name and a number called its port. Whoever set"
            " up mail in your organisation knows both; they are in your mail program’s settings for sending too."
        ),
    ),
    "encryption": Term(
        N_("Encryption (TLS)"),
        spellings=r"encryption|encrypted|TLS|STARTTLS",
        about=N_(
            "It makes what travels unreadable to everybody on the way. TLS does so from the first byte, STARTTLS "
            "begins in the open and switches before anything secret is sent."
        ),
    ),
    "network": Term(
        N_("Network"),
        spellings=r"networks?|CIDR",
        about=N_(
            "A group of computers whose addresses begin alike, such as all in one office. 192.168.1.0/24 means "
            "every address that begins with 192.168.1; the number behind the slash says how much of it counts "
            "(CIDR)."
        ),
    ),
    "environment": Term(
        N_("Setting of the environment"),
        spellings=r"DESK_[A-Z_]+|when the desk was started",
        about=N_(
            "A value given to the desk by whoever starts it, before it runs. It is changed where the desk is "
            "started, not on this screen."
        ),
    ),
    "packing": Term(
        N_("Packing"),
        spellings=r"gzip|bzip2|zstandard|snappy|compression",
        about=N_(
            "It makes a file smaller without losing anything. Whoever opens it has to unpack it first, unless "
            "their program does so by itself."
        ),
    ),
    "manifest": Term(
        N_("Manifest"),
        spellings=r"manifests?",
        about=N_(
            "A small text file that lists every file of the zip with its rows and its fingerprint. It is inside, "
            "beside them."
        ),
    ),
    "aes": Term(
        N_("AES-256"),
        spellings=r"AES-256",
        about=N_(
            "The strongest way in which a zip can be locked. Without the password nobody opens it, and it cannot "
            "be found out later."
        ),
    ),
    "records": Term(
        N_("Where the records are"),
        spellings=r"records are under",
        about=N_(
            "In a JSON file the rows may lie inside something else. data.items means: open “data”, in it open "
            "“items”, there are the rows."
        ),
    ),
    "nan": Term(
        N_("NaN and infinity"),
        spellings=r"NaN",
        about=N_(
            "Values that stand for no number at all, such as the result of 0 ÷ 0. Most spreadsheets never hold one."
        ),
    ),
    "null": Term(
        N_("Null"),
        spellings=r"null",
        about=N_("How programs write “there is no value here”. It is not the same as a zero or an empty text."),
    ),
    "element": Term(
        N_("Element, attribute"),
        spellings=r"elements?|attributes?|xsi:nil",
        about=N_(
            "XML wraps each value in a name, as in <city>Lima</city>: that is an element. Written inside the "
            'row’s own brackets, as in <row city="Lima">, it is an attribute.'
        ),
    ),
    "schema": Term(
        N_("Schema, namespace"),
        spellings=r"schemas?|namespaces?",
        about=N_(
            "The receiver’s own rules for how a file or a database is built and named. Whoever asked for the file"
            " tells you, if there is one."
        ),
    ),
    "statement": Term(
        N_("INSERT, CREATE TABLE"),
        spellings=r"INSERT|CREATE TABLE|transactions?",
        about=N_(
            "Commands of a database: one makes a table, the other puts rows into it. In one transaction either "
            "all of them count or none."
        ),
    ),
    "header": Term(
        N_("Header"),
        spellings=r"headers?",
        about=N_("The first row of a table. It holds the names of the columns, and programs find the columns by them."),
    ),
    "quotes": Term(
        N_("Quotes"),
        spellings=r"quotes?|quoted",
        about=N_(
            "Marks round a text, as in “Lima, Peru”: a comma or a new line between them belongs to the text. "
            "Programs take them off again when they read the file."
        ),
    ),
    "type": Term(
        N_("Type"),
        spellings=r"(?:every|data|column) types?",
        about=N_(
            "What a column holds: text, numbers, dates, or yes and no. Where the file says so itself, whoever reads it"
            " need not guess."
        ),
    ),
    "json": Term(
        N_("JSON"),
        spellings=r"JSON(?: Lines)?",
        about=N_(
            "Text in which every value stands beside its name. It is made for programs, and any editor shows it; in "
            "JSON Lines each row is a line."
        ),
    ),
    "xml": Term(
        N_("XML"),
        spellings=r"XML",
        about=N_(
            "Text in which every value stands between two tags that name it. Offices and older programs exchange "
            "data in it."
        ),
    ),
    "yaml": Term(
        N_("YAML"),
        spellings=r"YAML(?: 1\.\d)?",
        about=N_(
            "Text with one “name: value” a line, easy to read for people. Programs keep their settings in it; 1.1 and"
            " 1.2 are its editions."
        ),
    ),
    "sql": Term(
        N_("SQL"),
        spellings=r"SQL",
        about=N_(
            "The language of databases. The file is a list of commands: a database that runs them holds the rows "
            "afterwards."
        ),
    ),
    "parquet": Term(
        N_("Parquet"),
        spellings=r"Parquet",
        about=N_(
            "A small, fast file for programs that work with data. It cannot be opened with Excel or an editor, and it"
            " remembers what each column holds."
        ),
    ),
    "invisible": Term(
        N_("Invisible characters"),
        spellings=r"invisible characters",
        about=N_(
            "What is in a file and cannot be seen. Here → stands for a tab, · for a blank, CR and LF for the end of a"
            " line, BOM for a byte order mark."
        ),
    ),
    "workspace": Term(
        N_("Workspace"),
        spellings=r"workspaces?",
        about=N_(
            "The room of one group of people, such as a team. Nothing in it is seen by anybody who does not belong to it."
        ),
    ),
    "retention": Term(
        N_("Retention"),
        spellings=r"retention",
        about=N_("How long something is kept. When that time is over it is deleted by itself."),
    ),
    "worker": Term(
        N_("Worker"),
        spellings=r"workers?",
        about=N_(
            "A program in the background that does the jobs, such as making exports. Where none runs they wait, and "
            "nothing is lost."
        ),
    ),
    "clock": Term(
        N_("Clock"),
        spellings=r"clock",
        about=N_(
            "The part of the desk that clears away what is old, in time. It says every few seconds that it is alive:"
            " that is its tick."
        ),
    ),
}
_SLOT = re.compile(r"\{\w*\}")
_SPELLED = {name: re.compile(rf"(?<!\w)(?:{term.spellings})(?!\w)", re.IGNORECASE) for name, term in GLOSSARY.items()}


def of(*names: str, here: str = "", desk: Desk | None = None) -> str:
    """These terms for a `help=`, as Markdown. `here`: what is to be known on this screen, said first.

    With a desk, it also says whom to ask for what one may not change oneself.
    """
    first = [layout.said(here)] if here else []
    return "\n\n".join([*first, *(_said(GLOSSARY[name], desk) for name in names)])


def named_in(*texts: str | None) -> str | None:
    """The terms that these texts (in the screens' own English) name, for a `help=`; None where they name none."""
    return of(*terms(*texts)) or None


def terms(*texts: str | None) -> list[str]:
    """Names of the terms in these texts, in the glossary's order."""
    said = [_SLOT.sub("", text) for text in texts if text]
    return [name for name, spelled in _SPELLED.items() if any(spelled.search(text) for text in said)]


def _said(term: Term, desk: Desk | None) -> str:
    whom = roles.whom_to_ask(desk, term.ask) if desk and term.ask and not roles.may(desk, term.ask) else ""
    return " ".join(part for part in (f"**{_(term.name)}.**", layout.said(_(term.about)), layout.said(whom)) if part)
