"""Notices: one sentence for each code, told to every page when it changes and when it is over."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from server.hub import Client, Hub
from server.storage.notices import MOST, Notices
from tests.support.snapshots import nothing_yet


class Heard:
    """Notices, and what a page hears of them."""

    def __init__(self) -> None:
        hub = Hub()
        self.client = Client(nothing_yet)
        hub.greet(self.client, None, 0)
        self.client.clear()
        self.notices = Notices(hub)

    def published(self) -> list[list[str]]:
        """The messages of all notices, of each time that something changed."""
        found = []
        while (text := self.client.take()) is not None:
            message: dict[str, Any] = json.loads(text)
            assert message["type"] == "notices"
            found.append([notice["message"] for notice in message["notices"]])
        return found


def test_the_newest_of_a_code_counts_and_keeps_its_time() -> None:
    heard = Heard()
    heard.notices.set("disk", "The disk is full.")
    (first,) = heard.notices.all()
    heard.notices.set("disk", "The disk is still full.")
    (second,) = heard.notices.all()
    assert (second.code, second.message) == ("disk", "The disk is still full.")
    assert second.at == first.at, "it began then"
    assert heard.published() == [["The disk is full."], ["The disk is still full."]]


def test_what_does_not_change_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            heard.notices.set("disk", "The disk is full.")
    assert len(heard.published()) == 1
    assert len(caplog.records) == 1


def test_what_is_over_is_gone_and_logged_as_over(caplog: pytest.LogCaptureFixture) -> None:
    heard = Heard()
    heard.notices.set("disk", "The disk is full.")
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        heard.notices.set("disk", "")
        heard.notices.set("disk", "")
        heard.notices.set("never", "")
    assert heard.notices.all() == []
    assert heard.published() == [["The disk is full."], []]
    assert [record.getMessage() for record in caplog.records] == ["resolved: The disk is full."]


def test_there_are_only_so_many() -> None:
    heard = Heard()
    for number in range(MOST + 3):
        heard.notices.set(str(number), f"notice {number}")
    assert [notice.code for notice in heard.notices.all()] == [str(number) for number in range(3, MOST + 3)]
