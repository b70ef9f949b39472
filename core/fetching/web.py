"""A web address: whatever answers GET over http or https."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import PurePosixPath
from typing import Annotated
from urllib.parse import unquote

import httpx2
from pydantic import AfterValidator, Field

from core.delivery.base import web_address
from core.delivery.reach import SECONDS
from core.delivery.webhook import DEFAULT_PORTS, LATER, headers
from core.errors import AGAIN, Unanswered, Unfetchable
from core.fetching import base
from core.fetching.base import BLOCK, Fetched, Secret, Way

REDIRECTS = 5
ENDINGS = {  # of what an address without one may answer
    "text/csv": "csv",
    "text/tab-separated-values": "tsv",
    "text/plain": "csv",
    "application/json": "json",
    "application/geo+json": "json",
    "application/x-ndjson": "jsonl",
    "application/jsonl": "jsonl",
    "application/vnd.apache.parquet": "parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
    "application/vnd.ms-excel": "xls",
    "application/vnd.oasis.opendocument.spreadsheet": "ods",
}
PAGES = ("text/html", "application/xhtml+xml")


class Options(base.Options):
    url: Annotated[str, AfterValidator(web_address)] = Field(
        title="Address", description="Such as https://example.org/orders.csv."
    )


class Web(base.Method[Options]):
    name = "web"
    label = "Web address"
    icon = ":material/language:"
    model = Options
    secrets = (Secret("headers", "Headers", "One a line, such as Authorization: Bearer …", long=True),)
    bound = ("url",)

    def fetch(self, options: Options, secrets: Mapping[str, str], way: Way) -> Fetched:
        with base.told():
            given = headers(secrets.get("headers", ""))
        own = {name: value for name, value in given.items() if name.lower() != "host"}
        url, begun = httpx2.URL(options.url), httpx2.URL(options.url)
        for _hop in range(REDIRECTS + 1):
            with _answered(url, own if _same(url, begun) else {}, way) as answer:
                if not answer.has_redirect_location:
                    _check(url, answer)
                    return way.receive(_name(url, answer), answer.iter_bytes(BLOCK))
                url = _next(url, answer)
        raise Unfetchable(f"{begun.host} sends on again and again.", "Use the address it really has.", field="url")

    def place(self, options: Options) -> str:
        url = httpx2.URL(options.url)
        return f"{url.scheme}://{url.netloc.decode()}{url.path}"  # what is asked for behind the ? may be secret


@contextmanager
def _answered(url: httpx2.URL, own: Mapping[str, str], way: Way) -> Iterator[httpx2.Response]:
    """The answer of the address that was checked, asked under the name it was given."""
    port = url.port or DEFAULT_PORTS[url.scheme]
    with base.told():
        address = way.reach.address(url.host, port)
    request = httpx2.Request(
        "GET",
        url.copy_with(host=str(address)),
        headers={"User-Agent": "Export-Desk", "Accept-Encoding": "identity", **own, "Host": url.netloc.decode()},
        extensions={"sni_hostname": url.host, "timeout": httpx2.Timeout(SECONDS).as_dict()},
    )
    with _told(url.host, port), httpx2.Client(trust_env=False, verify=ssl.create_default_context()) as client:
        answer = client.send(request, stream=True, follow_redirects=False)
        try:
            yield answer
        finally:
            answer.close()


def _next(url: httpx2.URL, answer: httpx2.Response) -> httpx2.URL:
    """Where it sends on to; that is checked as the first address was. Never from an encrypted connection to one that is not."""
    try:
        there = url.join(answer.headers["location"])
        web_address(str(there))
    except (ValueError, httpx2.InvalidURL) as wrong:
        raise Unfetchable(
            f"{url.host} sends on to what is no web address.", "Use the address it really has.", field="url"
        ) from wrong
    if url.scheme == "https" and there.scheme != "https":
        raise Unfetchable(
            f"{url.host} sends on to {there.host} without encryption.", "Use an address with https.", field="url"
        )
    return there


def _same(one: httpx2.URL, other: httpx2.URL) -> bool:
    """Is that the server its headers were given for? (RFC 6454)"""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def _check(url: httpx2.URL, answer: httpx2.Response) -> None:
    said = f"{url.host} answered {answer.status_code} {answer.reason_phrase}".rstrip()
    if answer.status_code in (401, 403, 407):
        raise Unfetchable(f"{said}.", "Check the address and the headers that let the desk in.", field="headers")
    if answer.status_code in (404, 410):
        raise Unfetchable(f"There is nothing at {url.path} of {url.host}.", "Check the address.", field="url")
    if answer.is_server_error or answer.status_code in LATER:
        raise Unanswered(f"{said}.", AGAIN)
    if not answer.is_success or answer.status_code == 204:
        raise Unfetchable(f"{said}.", "Check the address, or ask who runs it.", field="url")
    if _kind(answer) in PAGES:
        raise Unfetchable(
            f"{url.host} answered with a web page, not with a table.",
            "Use the address of the file itself. Where one has to sign in first, give the headers that let the desk in.",
            field="url",
        )


def _kind(answer: httpx2.Response) -> str:
    return str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()


def _name(url: httpx2.URL, answer: httpx2.Response) -> str:
    """What the answer calls itself (RFC 6266), else the end of the address; with the ending of its kind where it has none."""
    said = Message()
    said["Content-Disposition"] = answer.headers.get("content-disposition", "")
    name = PurePosixPath((said.get_filename() or unquote(url.path)).replace("\\", "/")).name or url.host
    name = "".join(c for c in name if c.isprintable())
    ending = ENDINGS.get(_kind(answer))
    return f"{name}.{ending}" if ending and "." not in name else name


@contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    server = f"{host}:{port}"
    try:
        yield
    except httpx2.TimeoutException as late:
        raise Unanswered(f"{server} did not answer within {SECONDS:g} seconds.", AGAIN) from late
    except httpx2.ConnectError as wrong:
        if isinstance(certificate := _cause(wrong), ssl.SSLCertVerificationError):
            raise Unfetchable(
                f"The certificate of {server} is not trusted: {certificate.verify_message}.",
                "Use the name the certificate is for, or ask who runs it.",
                field="url",
            ) from wrong
        raise Unanswered(f"Nothing answers at {server}.", "Check the address, and whether it is running.") from wrong
    except (httpx2.TransportError, httpx2.DecodingError) as lost:
        raise Unanswered(f"{server} ended the connection.", AGAIN) from lost


def _cause(problem: BaseException) -> BaseException:
    while cause := problem.__cause__ or problem.__context__:
        problem = cause
    return problem


METHOD = Web()
