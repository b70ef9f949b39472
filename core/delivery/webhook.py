"""Webhook: a program elsewhere is told over HTTP that files are ready, with links to them or with the file itself.

Signed as the Standard Webhooks specification says (version 1, symmetric), for which there are libraries in most languages.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import httpx2
from pydantic import AfterValidator, Field, ValidationError

from core.delivery import base
from core.delivery.base import SAID, Arrival, Parcel, Secret, Way, line, web_address
from core.delivery.reach import SECONDS, Reach
from core.errors import AGAIN, Undeliverable, Unreachable

LATER = (408, 425, 429)  # besides 5xx: the same may be asked again (RFC 9110, RFC 8470, RFC 6585)
MEGABYTE = 1_000_000
SLOWEST = 50_000  # bytes a second: a receiver that takes them more slowly is given up
DEFAULT_PORTS = {"http": 80, "https": 443}


class Options(base.Options):
    url: Annotated[str, AfterValidator(web_address)] = Field(
        title="Address", description="Such as https://example.org/receive."
    )
    body: Literal["links", "file"] = Field(
        default="links",
        title="Send",
        description="Links that work for a while, or the file itself in base64.",
        json_schema_extra={"choices": {"links": "Links to the files", "file": "The files themselves"}},
    )
    max_mb: int = Field(
        default=10,
        ge=1,
        le=50,
        title="Largest file to send itself (MB)",
        description="Larger: a link.",
        json_schema_extra={"group": "More"},
    )
    link_days: int = base.LINK_DAYS


class Webhook(base.Method[Options]):
    name = "webhook"
    label = "Webhook"
    icon = ":material/webhook:"
    model = Options
    secrets = (
        Secret("signing", "Signing secret", "The receiver checks with it that the message is from this desk."),
        Secret("headers", "Headers", "One a line, such as X-API-Key: …", long=True),
        base.LINK_PASSWORD,
    )
    bound = ("url",)

    def deliver(
        self, options: Options, secrets: Mapping[str, str], parcels: Sequence[Parcel], way: Way
    ) -> list[Arrival]:
        extra = headers(secrets.get("headers", ""))
        linked = self.linked(options, [p.size for p in parcels])
        for n, message in enumerate(_messages(parcels, linked)):
            body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
            id = f"{way.key}-{n}"
            _post(options, body, extra | _signed(secrets.get("signing", ""), id, body), way)
            way.sent(len(body))
        return [Arrival(parcel.name, self.place(options), parcel.size) for parcel in parcels]

    def linked(self, options: Options, sizes: Sequence[int]) -> Sequence[bool]:
        return [options.body == "links" or size > options.max_mb * MEGABYTE for size in sizes]

    def place(self, options: Options) -> str:
        url = httpx2.URL(options.url)
        return f"{url.scheme}://{url.host}{url.path}"  # what is asked for behind the ? may be secret


def tell(url: str, signing: str, message: Mapping[str, Any], id: str, reach: Reach) -> None:
    """One signed message without files. `id` is the same in every try. Raises Undeliverable, Unreachable."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()
    try:
        options = Options(url=url)
    except ValidationError:
        raise Undeliverable("That is no web address.", "Give another one.", field="url") from None
    _post(options, body, _signed(signing, id, body), Way(reach))


def _messages(parcels: Sequence[Parcel], linked: Sequence[bool]) -> Iterator[dict[str, Any]]:
    """Each file that goes itself in a message of its own; then links to all the others in one."""
    now = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    for parcel in (p for p, by_link in zip(parcels, linked, strict=True) if not by_link):
        content = base64.b64encode(parcel.path.read_bytes()).decode()
        yield {"file_name": parcel.name, "content": content, "timestamp": now}
    if any(linked):
        files = [
            {"file_name": p.name, "url": p.link, "bytes": p.size, "sha256": p.sha256, "media_type": p.media_type}
            for p, by_link in zip(parcels, linked, strict=True)
            if by_link
        ]
        yield {"files": files, "timestamp": now}


def _signed(secret: str, id: str, body: bytes) -> dict[str, str]:
    """Headers that say which message it is, the same in every try, and prove that whoever knows the secret wrote it."""
    moment = str(int(datetime.now(UTC).timestamp()))
    headers = {"Idempotency-Key": id, "webhook-id": id, "webhook-timestamp": moment}
    if secret:
        mac = hmac.new(_key(secret), f"{id}.{moment}.".encode() + body, hashlib.sha256)
        headers["webhook-signature"] = "v1," + base64.b64encode(mac.digest()).decode()
    return headers


def _key(secret: str) -> bytes:
    """ "whsec_…" holds it in base64, as the specification has it; anything else is the key itself."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except ValueError as wrong:
            raise Undeliverable("The signing secret is damaged.", "Paste it again, whole.", field="signing") from wrong
    return secret.encode()


def headers(lines: str) -> dict[str, str]:
    found = {}
    for given in filter(str.strip, lines.splitlines()):
        name, colon, value = given.partition(":")
        if not colon or not name.strip().replace("-", "").replace("_", "").isalnum() or not value.strip().isascii():
            raise Undeliverable(
                "A header is not of the form “Name: value”.", "Write one on each line.", field="headers"
            )
        found[name.strip()] = value.strip()
    return found


def _post(options: Options, body: bytes, headers: Mapping[str, str], way: Way) -> None:
    """One request to the address that was checked, under the name it was asked for; nowhere else, whatever is answered.

    It has a time limit as a whole: SECONDS for each part of it alone would let a receiver drip for days.
    """
    url = httpx2.URL(options.url)
    port = url.port or DEFAULT_PORTS[url.scheme]
    address = way.reach.address(url.host, port)
    request = httpx2.Request(
        "POST",
        url.copy_with(host=str(address)),
        headers={
            "Content-Type": "application/json",
            "User-Agent": "Export-Desk",
            **headers,
            "Host": url.netloc.decode(),
        },
        content=body,
        extensions={"sni_hostname": url.host, "timeout": httpx2.Timeout(SECONDS).as_dict()},
    )
    with _told(url.host, port):
        _check(url.host, *asyncio.run(_answered(request, SECONDS + len(body) / SLOWEST)))


async def _answered(request: httpx2.Request, seconds: float) -> tuple[httpx2.Response, bytes]:
    """What came back, and of a refusal how it begins. Raises TimeoutError after so many seconds, whatever came until then."""
    async with (
        asyncio.timeout(seconds),
        httpx2.AsyncClient(trust_env=False, verify=ssl.create_default_context()) as client,
    ):
        answer = await client.send(request, stream=True, follow_redirects=False)
        try:
            return answer, b"" if answer.is_success else await anext(answer.aiter_bytes(SAID), b"")
        finally:
            await answer.aclose()


def _check(host: str, answer: httpx2.Response, begins: bytes) -> None:
    if answer.is_success:
        return
    said = f"{host} answered {answer.status_code} {answer.reason_phrase}".rstrip()
    if words := line(begins.decode("utf-8", "replace")):
        said += f": {words}"
    if answer.is_redirect:
        raise Undeliverable(f"{host} sends on to another address.", "Use the address it really has.", field="url")
    if answer.is_server_error or answer.status_code in LATER:
        raise Unreachable(f"{said}.", AGAIN)
    raise Undeliverable(f"{said}.", "Check the address and the headers, or ask who runs it.", field="url")


@contextmanager
def _told(host: str, port: int) -> Iterator[None]:
    server = f"{host}:{port}"
    try:
        yield
    except (TimeoutError, httpx2.TimeoutException) as late:
        raise Unreachable(f"{server} did not answer within {SECONDS:g} seconds.", AGAIN) from late
    except httpx2.ConnectError as wrong:
        if isinstance(certificate := _cause(wrong), ssl.SSLCertVerificationError):
            raise Undeliverable(
                f"The certificate of {server} is not trusted: {certificate.verify_message}.",
                "Use the name the certificate is for, or ask who runs it.",
                field="url",
            ) from wrong
        raise Unreachable(f"Nothing answers at {server}.", "Check the address, and whether it is running.") from wrong
    except httpx2.TransportError as lost:
        raise Unreachable(f"{server} ended the connection.", AGAIN) from lost


def _cause(problem: BaseException) -> BaseException:
    while cause := problem.__cause__ or problem.__context__:
        problem = cause
    return problem


METHOD = Webhook()
