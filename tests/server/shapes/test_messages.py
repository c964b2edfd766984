"""The messages of the websocket: a hello that says more is refused, and each message is told apart by its type."""

from __future__ import annotations

import json
from typing import Any, get_args

import msgspec
import pytest

from server.shapes import messages
from server.shapes.encoding import encode
from server.shapes.messages import PROTOCOL, Hello, Message, Preview, ServerMessage, Snapshot
from server.shapes.system import WorkerInfo

HELLO: dict[str, Any] = {"type": "hello", "protocol": PROTOCOL}


def test_a_first_hello_has_seen_nothing() -> None:
    read = msgspec.convert(HELLO, Hello)
    assert (read.protocol, read.epoch, read.seq) == (1, None, 0)
    assert msgspec.convert({**HELLO, "epoch": "e", "seq": 7}, Hello) == Hello(protocol=1, epoch="e", seq=7)


@pytest.mark.parametrize(
    ("data", "words"),
    [({"type": "hello"}, "missing required field `protocol`"), ({**HELLO, "type": "resume"}, "Invalid value 'resume'"),
     ({**HELLO, "since": 3}, "unknown field `since`"), ({**HELLO, "seq": "7"}, "Expected `int`"),
     ({**HELLO, "seq": None}, "Expected `int`"), ({**HELLO, "epoch": 1}, "Expected `str | null`"),
     ({**HELLO, "protocol": 1.5}, "Expected `int`")],
)  # fmt: skip
def test_what_is_no_hello_is_refused(data: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(data, Hello)
    assert words in str(caught.value)


def test_each_message_of_the_server_has_a_type_of_its_own() -> None:
    tags = [kind.__struct_config__.tag for kind in get_args(ServerMessage)]
    assert sorted(tags) == sorted(set(tags))
    assert {"resume", "snapshot", "notices", "events", "run", "run_removed", "queue", "worker", "output", "choices",
            "node_types"} == set(tags)  # fmt: skip
    assert Preview.__struct_config__.tag == "preview"
    assert {*Message.__subclasses__()} < {*get_args(ServerMessage)}, "a numbered message that clients do not know"


@pytest.mark.parametrize(
    ("message", "told"),
    [
        (messages.Resume(epoch="e", seq=2), {"type": "resume", "epoch": "e", "seq": 2}),
        (messages.RunRemoved(id="r", seq=3), {"type": "run_removed", "seq": 3, "id": "r"}),
        (messages.QueueChanged(order=[]), {"type": "queue", "seq": 0, "order": []}),
        (messages.ChoicesChanged(folder="input"), {"type": "choices", "seq": 0, "folder": "input"}),
        (messages.NodeTypesChanged(etag='"x"'), {"type": "node_types", "seq": 0, "etag": '"x"'}),
        (
            Preview(run="r", node="1", seq=4, media="image/png"),
            {"type": "preview", "run": "r", "node": "1", "seq": 4, "media": "image/png"},
        ),
    ],
)
def test_a_message_is_told_with_its_type_and_number(message: msgspec.Struct, told: dict[str, Any]) -> None:
    assert json.loads(encode(message)) == told


def test_a_message_is_read_as_what_its_type_says_and_an_unknown_one_is_refused() -> None:
    read = msgspec.json.decode(b'{"type": "queue", "seq": 1, "order": ["a"]}', type=ServerMessage)
    assert read == messages.QueueChanged(seq=1, order=["a"])
    with pytest.raises(msgspec.ValidationError, match="Invalid value 'forgotten'"):
        msgspec.json.decode(b'{"type": "forgotten", "seq": 1}', type=ServerMessage)


def test_a_snapshot_of_a_server_at_rest_names_all_that_there_could_be() -> None:
    snapshot = Snapshot(worker=WorkerInfo(), notices=[], queue=[], running=None, draining=[], recent=[])
    assert json.loads(encode(snapshot)) == {
        "type": "snapshot", "epoch": "", "seq": 0, "notices": [], "queue": [], "running": None, "draining": [],
        "recent": [], "worker": {"state": "starting", "message": "Starting the worker.", "since": 0.0, "device": "",
                                 "last_failure": None},
    }  # fmt: skip
