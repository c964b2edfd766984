"""What clients are told: in order, again after a pause, and in bounded memory however slow they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from server import hub
from server.hub import Client, Hub
from server.shapes.encoding import encode
from server.shapes.messages import ChoicesChanged, QueueChanged
from tests.support.serving import asynchronous
from tests.support.snapshots import nothing_yet


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


def test_what_is_published_has_the_next_number_and_is_told_to_all() -> None:
    told = Hub()
    clients = [Client(nothing_yet) for _ in range(2)]
    for client in clients:
        told.greet(client, None, 0)
        client.clear()
    told.publish(QueueChanged(order=["a", "b"]))
    told.publish(ChoicesChanged(folder="input"))
    expected = [{"type": "queue", "seq": 1, "order": ["a", "b"]}, {"type": "choices", "seq": 2, "folder": "input"}]
    assert [_drain(client) for client in clients] == [expected, expected]


def test_who_has_left_hears_nothing_more() -> None:
    told = Hub()
    told.greet(client := Client(nothing_yet), None, 0)
    told.leave(client)
    told.leave(client)
    told.publish(ChoicesChanged(folder="x"))
    assert [message["type"] for message in _drain(client)] == ["snapshot"]


def test_what_is_kept_for_those_who_come_back_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "KEPT_BYTES", 200)
    told = Hub()
    for _ in range(10):
        told.publish(ChoicesChanged(folder="y" * 50))
    told.greet(client := Client(nothing_yet), told.epoch, 8)
    assert [message["type"] for message in _drain(client)] == ["resume", "choices", "choices"]
    told.greet(client, told.epoch, 1)
    assert [message["type"] for message in _drain(client)] == ["snapshot"]


def test_previews_of_a_few_nodes_are_kept_for_those_who_come() -> None:
    told = Hub()
    for number in range(40):
        told.preview("run", str(number), "image/png", b"%d" % number)
    told.greet(client := Client(nothing_yet), None, 0)
    frames = [message["frame"] for message in _drain(client)[1:]]
    assert [frame[-2:] for frame in frames] == [b"%d" % number for number in range(24, 40)]


def test_each_start_has_an_epoch_of_its_own() -> None:
    assert Hub().epoch != Hub().epoch
