"""A request's body as an ordinary iterator: it arrives in the event loop, is written by a thread, and is never held whole."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

import anyio
import anyio.from_thread
import anyio.to_thread
from starlette.requests import Request

T = TypeVar("T")
PIECE_BYTES = 1024**2  # what is gathered before the writing thread is woken
TRANSFERS = 16  # uploads written at once; the next waits without holding memory

_limiter: anyio.CapacityLimiter | None = None


async def received(request: Request, work: Callable[[Iterator[bytes]], T]) -> T:
    """Run `work` in a thread on the body's pieces. A lost connection ends the iterator with ClientDisconnect."""
    global _limiter
    _limiter = _limiter or anyio.CapacityLimiter(TRANSFERS)
    body = _gathered(request.stream())

    async def following() -> bytes:
        return await anext(body, b"")

    def pieces() -> Iterator[bytes]:
        while piece := anyio.from_thread.run(following):
            yield piece

    return await anyio.to_thread.run_sync(lambda: work(pieces()), limiter=_limiter)


async def _gathered(stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for chunk in stream:
        waiting += chunk
        if len(waiting) >= PIECE_BYTES:
            yield bytes(waiting)
            waiting.clear()
    if waiting:
        yield bytes(waiting)
