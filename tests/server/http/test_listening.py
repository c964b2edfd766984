"""Addresses and ports, as they are given on the command line."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from server.http import listening
from server.http.listening import CannotListenError, is_loopback, open_sockets, reachable, read_addresses, read_port


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (["127.0.0.1"], ["127.0.0.1"]),
        (["127.0.0.1,[::1]", " 192.0.2.1 "], ["127.0.0.1", "::1", "192.0.2.1"]),
        (["127.0.0.1", "127.0.0.1", "LOCALHOST"], ["127.0.0.1", "localhost"]),
        (["0.0.0.0", "127.0.0.1", "::1"], ["0.0.0.0", "::1"]),
        (["192.0.2.1", "::", "::1", "0.0.0.0", "localhost"], ["::", "0.0.0.0"]),
    ],
)
def test_several_addresses_each_once_and_none_that_another_holds(given: list[str], found: list[str]) -> None:
    assert read_addresses(given) == found


@pytest.mark.parametrize("given", [[""], ["127.0.0.1,"], [" , "]])
def test_no_address_is_none(given: list[str]) -> None:
    with pytest.raises(CannotListenError, match="names no address"):
        read_addresses(given)


@pytest.mark.parametrize(
    ("addresses", "here"),
    [
        (["127.0.0.1"], "127.0.0.1"), (["localhost"], "127.0.0.1"), (["::1"], "[::1]"), (["0.0.0.0"], "127.0.0.1"),
        (["192.0.2.1", "::"], "[::1]"), (["192.0.2.1"], "192.0.2.1"), (["2001:db8::1"], "[2001:db8::1]"),
    ],
)  # fmt: skip
def test_the_address_that_is_printed_can_be_reached_from_here(addresses: list[str], here: str) -> None:
    assert reachable(addresses) == here


@pytest.mark.parametrize("address", ["127.1", "0", "2130706433", "::ffff:127.0.0.1", "localhost.example", "box"])
def test_what_is_not_surely_this_machine_counts_as_elsewhere(address: str) -> None:
    assert not is_loopback(address)


def test_ports_are_whole_numbers_that_there_are() -> None:
    assert [read_port(text) for text in ("0", "1", "8188", "65535")] == [0, 1, 8188, 65535]


def test_a_free_port_is_the_same_on_both_addresses_of_this_machine() -> None:
    sockets = open_sockets(["127.0.0.1"], 0)
    try:
        assert len({opened.getsockname()[1] for opened in sockets}) == 1
        assert all(is_loopback(opened.getsockname()[0]) for opened in sockets)
        port = sockets[0].getsockname()[1]
        with pytest.raises(CannotListenError, match=f"Port {port} is in use"):
            open_sockets(["127.0.0.1"], port)
    finally:
        for opened in sockets:
            opened.close()
    with pytest.raises(CannotListenError):
        open_sockets(["no.such.name.invalid"], 0)


@pytest.mark.parametrize("step", ["bind", "__init__"])
def test_listening_works_where_there_is_no_ipv6(monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    real = getattr(socket.socket, step)

    def without(self: socket.socket, *given: Any) -> None:
        if socket.AF_INET6 in (given[0], self.family):
            raise OSError(97 if step == "__init__" else 99, "there is no IPv6")
        real(self, *given)

    monkeypatch.setattr(listening.socket.socket, step, without)
    (only,) = open_sockets(["127.0.0.1"], 0)
    only.close()
