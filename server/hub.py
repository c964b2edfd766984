"""Publishes messages to clients, with numbers, and keeps the latest for clients that come back.

- A client that sends the last number it saw gets all later messages, or a snapshot if it missed too many.
- Numbers belong to an epoch, which is new at every start of the server.
- The messages that wait for a client are bounded. A client that falls behind gets a snapshot instead of them.
- Previews have no number of their own and may be dropped: of each node of a run only the newest waits.
"""

from __future__ import annotations

import asyncio
import secrets
import struct
from collections import deque
from collections.abc import Callable

from server.shapes.encoding import encode
from server.shapes.messages import Message, Preview, Resume, Snapshot

KEPT_MESSAGES, KEPT_BYTES = 2_000, 16 * 2**20
WAITING_MESSAGES, WAITING_BYTES = 4_000, 32 * 2**20
_KEPT_PREVIEWS = 16
_LENGTH = struct.Struct(">I")


class Client:
    """The messages that wait to be sent to one client. `snapshot` describes the present state, to begin with."""

    def __init__(self, snapshot: Callable[[], Snapshot]) -> None:
        self.snapshot = snapshot
        self.wake = asyncio.Event()
        self.fell_behind = False
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._previews: dict[tuple[str, str], bytes] = {}

    def offer(self, text: str) -> None:
        """Adds a message, unless too many are waiting."""
        if self.fell_behind:
            return
        self.wake.set()
        # A single message is always accepted: a snapshot may be larger than any limit.
        if self._waiting and (len(self._waiting) >= WAITING_MESSAGES or self._bytes + len(text) > WAITING_BYTES):
            self.clear()
            self.fell_behind = True
            return
        self._waiting.append(text)
        self._bytes += len(text)

    def offer_preview(self, of: tuple[str, str], frame: bytes) -> None:
        """Adds a preview of a node; it replaces an older one."""
        self._previews[of] = frame
        self.wake.set()

    def take(self) -> str | bytes | None:
        """Returns what to send next: messages first, so that no preview comes before the start of its node."""
        if self._waiting:
            text = self._waiting.popleft()
            self._bytes -= len(text)
            return text
        if self._previews:
            return self._previews.pop(next(iter(self._previews)))
        return None

    def clear(self) -> None:
        """Drops all that waits."""
        self._waiting.clear()
        self._previews.clear()
        self._bytes = 0
        self.fell_behind = False


class Hub:
    """Numbers messages and hands them to every client."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(8)
        self.seq = 0
        self._kept: deque[tuple[int, str]] = deque()
        self._bytes = 0
        self._clients: set[Client] = set()
        self._previews: dict[tuple[str, str], bytes] = {}

    def publish(self, message: Message) -> None:
        """Sends a message to every client, with the next number."""
        self.seq += 1
        message.seq = self.seq
        text = encode(message).decode()
        self._kept.append((self.seq, text))
        self._bytes += len(text)
        while len(self._kept) > KEPT_MESSAGES or (self._bytes > KEPT_BYTES and len(self._kept) > 1):
            self._bytes -= len(self._kept.popleft()[1])
        for client in self._clients:
            client.offer(text)

    def preview(self, run: str, node: str, media: str, picture: bytes) -> None:
        """Sends a preview of a node to everyone."""
        head = encode(Preview(run=run, node=node, seq=self.seq, media=media))
        frame = _LENGTH.pack(len(head)) + head + picture
        of = (run, node)
        self._previews.pop(of, None)
        self._previews[of] = frame
        while len(self._previews) > _KEPT_PREVIEWS:
            self._previews.pop(next(iter(self._previews)))
        for client in self._clients:
            client.offer_preview(of, frame)

    def forget_previews(self, run: str) -> None:
        """Drops the previews of a run that has ended."""
        self._previews = {of: frame for of, frame in self._previews.items() if of[0] != run}

    def greet(self, client: Client, epoch: str | None, seq: int) -> None:
        """Adds a client, or starts it again, with the messages that it missed or with a snapshot."""
        self._clients.add(client)
        client.clear()
        oldest = self._kept[0][0] if self._kept else self.seq + 1
        if epoch == self.epoch and oldest - 1 <= seq <= self.seq:
            client.offer(encode(Resume(epoch=self.epoch, seq=seq)).decode())
            for number, text in self._kept:
                if number > seq:
                    client.offer(text)
        else:
            self._offer_snapshot(client)
        self._offer_previews(client)

    def catch_up(self, client: Client) -> None:
        """Starts a client that fell behind again with a snapshot."""
        client.clear()
        self._offer_snapshot(client)
        self._offer_previews(client)

    def leave(self, client: Client) -> None:
        """Removes a client."""
        self._clients.discard(client)

    def _offer_snapshot(self, client: Client) -> None:
        snapshot = client.snapshot()
        snapshot.epoch, snapshot.seq = self.epoch, self.seq
        client.offer(encode(snapshot).decode())

    def _offer_previews(self, client: Client) -> None:
        for of, frame in self._previews.items():
            client.offer_preview(of, frame)
