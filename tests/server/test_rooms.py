"""The small rooms of the server, without a server: frames, failures, node states, the hub, listening."""

from __future__ import annotations

import asyncio
import io
import json
import os
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server import hub
from server.hub import Client, Hub
from server.runs import node_states
from server.shapes.encoding import encode
from server.shapes.messages import ChoicesChanged
from server.shapes.worker_messages import Cancel
from server.storage.data_folder import DataFolder, FolderInUseError, read_token
from server.storage.temp_cleanup import tidy_temporary
from server.workers import frames
from server.workers.failures import explain
from server.workers.suspects import ActiveCall
from server.workers.worker import WorkerExit
from tests.support.examples import examples
from tests.support.serving import asynchronous
from tests.support.snapshots import nothing_yet

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@examples(60)
@given(st.dictionaries(st.text(), JSON, max_size=4), st.binary(max_size=50))
def test_a_frame_comes_out_as_it_went_in(data: dict[str, Any], payload: bytes) -> None:
    pipe = io.BytesIO(2 * frames.encode(data, payload))
    for _ in range(2):
        frame = frames.read_blocking(pipe)
        assert frame is not None
        assert (frames.read_object(frame), frame.payload) == (data, payload)
    assert frames.read_blocking(pipe) is None


@given(st.binary(max_size=60))
def test_what_is_no_frame_is_the_end_or_an_error_and_nothing_else(data: bytes) -> None:
    pipe = io.BytesIO(data)
    try:
        while frames.read_blocking(pipe) is not None:
            pass
    except frames.FrameError:
        pass


@asynchronous
async def test_the_other_reader_agrees() -> None:
    data = frames.encode(Cancel(run="r"), b"picture")
    reader = asyncio.StreamReader()
    reader.feed_data(data + data[:-1])
    reader.feed_eof()
    assert await frames.read(reader) == frames.Frame(b'{"type":"cancel","run":"r"}', b"picture")
    assert await frames.read(reader) is None
    reader = asyncio.StreamReader()
    reader.feed_data(struct.pack(">I", 2**31))
    with pytest.raises(frames.FrameError):
        await frames.read(reader)


@pytest.mark.parametrize(
    ("ending", "killed", "kills", "cause", "words"),
    [
        (WorkerExit(-9), "", 0, "signal", "was killed (SIGKILL) while node 5 (KSampler) ran."),
        (WorkerExit(-9), "", 1, "out_of_memory", "memory ran out"),
        (WorkerExit(-9), "was too slow", 1, "unresponsive", "was too slow"),
        (WorkerExit(-11), "", 0, "signal", "SIGSEGV"),
        (WorkerExit(-64), "", 0, "signal", "was ended"),
        (WorkerExit(1, "Traceback\nValueError: no"), "", 0, "exit", "exited with code 1: ValueError: no"),
        (WorkerExit(0, "", "not JSON"), "", 0, "protocol", "not JSON"),
    ],
)
def test_a_death_is_explained(ending: WorkerExit, killed: str, kills: int, cause: str, words: str) -> None:
    failure = explain(ending, killed, kills, [ActiveCall("run", "5", "KSampler")])
    assert failure.cause == cause
    assert words in failure.message


def test_node_states_follow_the_events() -> None:
    states: dict[str, node_states.NodeState] = {"old": {"state": "running"}}
    made = [{"folder": "output", "name": "a.png"}]
    node_states.fold(
        states,
        [
            {"event": "run_started", "to_run": ["1", "2", "3", "4"], "reused": ["5"], "blocked": ["6"]},
            {"event": "node_started", "node": "1"},
            {"event": "node_progressed", "node": "1", "value": 1, "maximum": 2},
            {"event": "node_finished", "node": "1", "seconds": 0.5, "artifacts": made},
            {"event": "node_started", "node": "2"},
            {"event": "node_failed", "node": "2", "problem": {"code": "x"}},
            {"event": "node_skipped", "node": "3"},
            {"event": "node_started", "node": "4"},
            {"event": "node_reused", "node": "5", "artifacts": []},
            {"event": "run_finished"},
        ],
    )
    assert {node: state["state"] for node, state in states.items()} == {
        "1": "finished", "2": "failed", "3": "skipped", "4": "running", "5": "reused", "6": "skipped",
    }  # fmt: skip
    assert states["1"] == {"state": "finished", "seconds": 0.5, "artifacts": made, "artifact_count": 1}
    assert node_states.running(states) == ["4"]


def _drain(client: Client) -> list[dict[str, Any]]:
    found = []
    while (item := client.take()) is not None:
        found.append(json.loads(item) if isinstance(item, str) else {"type": "preview", "frame": item})
    return found


@asynchronous
async def test_a_client_that_falls_behind_gets_a_snapshot_and_waits_in_bounded_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "WAITING_MESSAGES", 10)
    told = Hub()
    client = Client(lambda: nothing_yet(said="here"))
    told.greet(client, None, 0)
    assert [message["type"] for message in _drain(client)] == ["snapshot"]
    for number in range(1000):
        told.publish(ChoicesChanged(folder=f"{number}"))
    assert client.fell_behind
    assert _drain(client) == []
    told.catch_up(client)
    assert _drain(client) == [json.loads(encode(nothing_yet(told.epoch, 1000, "here")))]
    told.publish(ChoicesChanged(folder="0"))
    assert [message["seq"] for message in _drain(client)] == [1001]


@asynchronous
async def test_what_was_missed_is_told_again_while_it_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "KEPT_MESSAGES", 5)
    told = Hub()
    for number in range(20):
        told.publish(ChoicesChanged(folder=f"{number}"))
    for seq, expected in ((20, []), (18, [19, 20]), (15, [16, 17, 18, 19, 20])):
        told.greet(client := Client(nothing_yet), told.epoch, seq)
        first, *rest = _drain(client)
        assert (first["type"], [message["seq"] for message in rest]) == ("resume", expected)
    for epoch, seq in ((told.epoch, 14), (told.epoch, 21), (told.epoch, -1), ("other", 20), (None, 20)):
        told.greet(client := Client(nothing_yet), epoch, seq)
        assert [message["type"] for message in _drain(client)] == ["snapshot"]


@asynchronous
async def test_of_each_node_only_the_newest_preview_waits() -> None:
    told = Hub()
    told.greet(client := Client(nothing_yet), None, 0)
    for number in range(100):
        told.preview("run", f"{number % 2}", "image/png", b"%d" % number)
    told.publish(ChoicesChanged(folder="x"))
    found = _drain(client)
    assert [message["type"] for message in found] == ["snapshot", "choices", "preview", "preview"]
    assert [message["frame"][-2:] for message in found[2:]] == [b"98", b"99"]
    told.greet(late := Client(nothing_yet), None, 0)
    assert len(_drain(late)) == 3
    told.forget_previews("run")
    told.greet(late, None, 0)
    assert len(_drain(late)) == 1


def test_a_snapshot_larger_than_every_limit_is_sent_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "WAITING_BYTES", 10)
    told = Hub()
    told.greet(client := Client(lambda: nothing_yet(said="x" * 1000)), None, 0)
    assert not client.fell_behind
    assert len(_drain(client)) == 1


def test_a_data_folder_has_one_server_and_one_token(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with DataFolder(folder):
        token, why = read_token(folder)
        assert len(token) >= 40
        assert not why
        assert read_token(folder) == (token, "")
        with pytest.raises(FolderInUseError, match="data-dir"):
            DataFolder(folder)
    DataFolder(folder).close()


def test_old_temporary_pictures_are_removed_and_nothing_else(tmp_path: Path) -> None:
    temp, outside = tmp_path / "temp", tmp_path / "outside"
    for folder in (temp / "sub", outside):
        folder.mkdir(parents=True)
    for file in (temp / "old.png", temp / "sub" / "old.png", outside / "old.png"):
        file.touch()
        os.utime(file, (0, 0))
    (temp / "new.png").touch()
    (temp / "link").symlink_to(outside)
    (temp / "file").symlink_to(outside / "old.png")
    assert tidy_temporary(temp) == 2
    assert sorted(item.name for item in temp.rglob("*")) == ["file", "link", "new.png", "sub"]
    assert (outside / "old.png").exists()
    assert tidy_temporary(tmp_path / "none") == 0
