"""What a delivery method is: one module that brings finished files to one kind of place.

Adding a method = one module that ends in `METHOD = …`, one entry in `delivery/__init__.py`, one real server in its tests.

A method sees neither the store nor the desk: it gets files, its options, its secrets in clear and what it may reach, and says
where the files arrived. What fails is Undeliverable (final: somebody has to mend something) or Unreachable (tried again).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from pathlib import Path, PurePosixPath
from typing import Annotated, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from core.delivery.reach import Reach
from core.errors import Undeliverable

BLOCK = 4 * 1024 * 1024  # bytes read of a file at once; progress is told after each
SAID = 200  # characters of a server's own words that are shown
MARK_DIGITS = 12  # of the SHA-256, in the name of a half-sent file
_PLACING, _PLACED = "placing ", "placed "  # in a memo, before `Parcel.part`: the path that a file gets, or has got

Existing = Annotated[
    Literal["replace", "keep_both", "refuse"],
    Field(
        title="If a file of that name is there",
        json_schema_extra={
            "choices": {"replace": "Replace it", "keep_both": "Keep both", "refuse": "Do not send the file"},
            "group": "More",
        },
    ),
]


class Options(BaseModel):
    """Base of every method's options: one pydantic model draws the form, the API schema and the docs table."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


OptionsT = TypeVar("OptionsT", bound=Options)


@dataclass(frozen=True)
class Secret:
    """A secret a method asks for: `key` in storage and in the API, `label` and `help` on the screen."""

    key: str
    label: str
    help: str = ""
    long: bool = False  # of several lines, as a private key


@dataclass(frozen=True)
class Parcel:
    """One finished file on its way, under the name its receiver gets."""

    path: Path
    name: str
    size: int  # bytes
    sha256: str
    media_type: str
    link: str = ""  # a signed link to it, for those who are sent no files

    @property
    def part(self) -> str:
        """Its name while it is half there: another file never goes on where this one stopped."""
        return f".{self.name}.{self.sha256[:MARK_DIGITS]}.part"

    def blocks(self, start: int = 0) -> Iterator[bytes]:
        """Its bytes from `start` on."""
        with self.path.open("rb") as file:
            file.seek(start)
            while block := file.read(BLOCK):
                yield block


@dataclass(frozen=True)
class Arrival:
    """Where a file arrived, as its receiver would look for it, and how much of it had been there from an earlier try."""

    name: str
    where: str
    size: int  # bytes
    resumed_at: int = 0


def _no_mail(_message: EmailMessage) -> None:
    raise Undeliverable("Mail is not set up on this desk.", "An administrator sets it up under Settings, Mail.")


@dataclass(frozen=True)
class Way:
    """What a delivery may use on its way.

    `sent` is called with the bytes of each step, and raises Cancelled where somebody stopped it. `key` is the same in every
    try of one delivery, for receivers that must not take it twice. `memo` is what one try leaves for the next. `folders`:
    those of the server that an administrator allowed. `words` fill the texts of a mail, which may go to `domains` (none: to
    any) and is handed to the desk's mail server by `post`.
    """

    reach: Reach
    key: str = ""
    sent: Callable[[int], None] = lambda _bytes: None
    memo: MutableMapping[str, str] = field(default_factory=dict)
    folders: tuple[str, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    post: Callable[[EmailMessage], None] = _no_mail


class Method(ABC, Generic[OptionsT]):
    """`name` in specs and in the API, `label` on the screens, `model` (of its options) and `secrets` in its form.

    `bound`: the options that say to whom the secrets are told; where one changes, the secrets are asked for again.
    `pinned`: an option that holds only while others stay as they are.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    icon: ClassVar[str]
    model: ClassVar[type[Options]]
    secrets: ClassVar[tuple[Secret, ...]] = ()
    bound: ClassVar[tuple[str, ...]] = ()
    pinned: ClassVar[Mapping[str, tuple[str, ...]]] = {}

    @abstractmethod
    def deliver(
        self, options: OptionsT, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        """Bring all files there, each complete under its name or not at all; in the order given.

        Raises Undeliverable, Unreachable, and whatever `way.sent` raises. A second try goes on where the first one stopped
        if the place can do that, and ends in the same files.
        """

    def abandon(self, options: OptionsT, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way) -> None:
        """Remove what earlier tries left half-done there: the delivery was given up. Raises as `deliver` does."""
        return

    def check(self, options: OptionsT, way: Way) -> None:
        """Raises Undeliverable for what an administrator does not allow, as far as that is known without going there."""
        return

    def linked(self, options: OptionsT, sizes: Sequence[int]) -> Sequence[bool]:
        """Which of the files, of these sizes in bytes, it sends a link to instead."""
        return [False] * len(sizes)

    @abstractmethod
    def place(self, options: OptionsT) -> str:
        """Where that is, in a few words without secrets: "sftp.example.org, folder reports"."""


def target(folder: PurePosixPath, name: str, taken: Callable[[str], bool], existing: Existing) -> str:
    """The path to give a file, where a file of that name may be there already. Raises Undeliverable where it was so chosen."""
    path = str(folder / name)
    if existing == "replace" or not taken(path):
        return path
    if existing == "refuse":
        raise Undeliverable(
            f"There is already a file called “{name}”, and it was chosen to replace none.",
            "Let the file name hold a date, or choose to keep both.",
            field="existing",
        )
    stem, dot, ending = name.partition(".") if not name.startswith(".") else (name, "", "")
    return next(free for n in count(2) if not taken(free := str(folder / f"{stem} ({n}){dot}{ending}")))


@dataclass(frozen=True)
class Spot:
    """The path a file gets there, and whether it lies there already, brought by an earlier try of the same delivery."""

    path: str
    filled: bool = False


def spot(
    folder: PurePosixPath,
    parcel: Parcel,
    existing: Existing,
    way: Way,
    taken: Callable[[str], bool],
    ours: Callable[[str], bool],
) -> Spot:
    """Where a file goes, as `target` says; what an earlier try brought is neither sent twice nor in its own way.

    `ours`: whether what lies under the name that an earlier try was just giving is that file, whole. Raises as `target`.
    """
    if placed := way.memo.get(_PLACED + parcel.part):
        return Spot(placed, True)
    path = way.memo.get(_PLACING + parcel.part)
    if path and existing != "replace" and taken(path) and ours(path):
        return Spot(path, True)
    return Spot(target(folder, parcel.name, taken, existing))


@contextmanager
def placing(way: Way, parcel: Parcel, path: str) -> Iterator[None]:
    """While a file gets its name: if that is cut short, the next try knows under which name to look for it."""
    way.memo[_PLACING + parcel.part] = path
    yield
    way.memo[_PLACED + parcel.part] = path


def given_up(memo: MutableMapping[str, str]) -> None:
    """Whoever sends it again may have tidied up over there: from here on it is looked for what has arrived."""
    for key in [key for key in memo if key.startswith(_PLACED)]:
        memo[_PLACING + key.removeprefix(_PLACED)] = memo[key]
        del memo[key]


LINK_DAYS = Field(default=7, ge=1, le=366, title="Links work for (days)", json_schema_extra={"group": "More"})
LINK_PASSWORD = Secret(
    "link_password", "Password of the links", "Asked for before a download. Tell it to them in another way."
)


def link_days(options: Options) -> int:
    """How long the links work that it sends, in days."""
    return int(getattr(options, "link_days", 7))


def web_address(text: str) -> str:
    """A validator: http or https, a host, a port there is, no password within: one that can be asked. Raises ValueError."""
    import httpx2  # which takes its time to load, and few methods need it

    if not text.isprintable() or " " in text:
        raise ValueError("a web address has no spaces, and nothing that cannot be seen")
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as wrong:
        raise ValueError("this is no web address") from wrong
    if url.scheme not in ("http", "https") or not url.host:
        raise ValueError("a web address begins with https:// or http://")
    if url.port is not None and not 1 <= url.port <= 65535:
        raise ValueError("a port is between 1 and 65535")
    if url.userinfo:
        raise ValueError("a password does not belong into the address")
    return text


def line(said: object) -> str:
    """A server's own words: one line, cut, without what would draw anything but letters."""
    words = "".join(c if c.isprintable() else " " for c in str(said))
    return " ".join(words.split()).rstrip(".")[:SAID]
