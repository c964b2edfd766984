"""A TCP proxy that cuts every connection after some bytes, for clients that must come back."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator


@contextlib.asynccontextmanager
async def dropping_proxy(port: int, allowances: Iterator[int]) -> AsyncIterator[int]:
    """Listen on a free port and pass on to `port`; each connection gives its client so many bytes and is then cut."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward_reader, onward_writer = await asyncio.open_connection("127.0.0.1", port)
        allowed = next(allowances)

        async def upstream() -> None:
            while data := await reader.read(65536):
                onward_writer.write(data)
                await onward_writer.drain()

        sending = asyncio.create_task(upstream())
        try:
            while allowed > 0 and (data := await onward_reader.read(min(allowed, 4096))):
                writer.write(data)
                allowed -= len(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            sending.cancel()
            for one in (writer, onward_writer):
                one.transport.abort()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield listening.sockets[0].getsockname()[1]
