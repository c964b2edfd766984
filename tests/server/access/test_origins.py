"""Names and origins: those of this machine with its port, those that the user allows, and no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from graph.files.folders import Files
from server.access.origins import WrongNameError, allowed_hosts, allowed_origins, is_our_host, is_our_origin, read_name
from server.settings import Settings


def settings(
    *extra: str, listen: Sequence[str] = ("127.0.0.1",), any_address: bool = False, port: int = 8188
) -> Settings:
    return Settings(
        data=Path(), files=Files(), worker_command=[], token="t" * 20, port=port, any_address=any_address,
        allowed_hosts=allowed_hosts(listen, port, extra), allowed_origins=allowed_origins(listen, port, extra),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("allowed", "host", "ours"),
    [
        ("box.example", "box.example", True), ("box.example", "BOX.example", True),
        ("BOX.Example", "box.example", True),
        ("box.example", "box.example:8188", True), ("box.example", "box.example:443", True),
        ("box.example", "box.example:80", True), ("box.example", "box.example:8443", False),
        ("box.example", "box.example.", False), ("box.example", "box.example.evil.example", False),
        ("box.example", "evil.example", False), ("box.example", "user@box.example", False),
        ("box.example", "box.example:", False), ("box.example", "a.box.example", False),
        ("box.example:8443", "box.example:8443", True), ("box.example:8443", "box.example", False),
        ("box.example:8443", "box.example:8188", False), ("box.example:443", "box.example", True),
        ("127.0.0.1:9101", "127.0.0.1:9101", True), ("127.0.0.1:9101", "127.0.0.1:9102", False),
        ("[2001:db8::1]:9101", "[2001:db8::1]:9101", True), ("2001:DB8::1", "[2001:db8::1]:8188", True),
        ("bücher.example", "xn--bcher-kva.example", True),
    ],
)  # fmt: skip
def test_a_name_that_is_allowed_is_answered(allowed: str, host: str, ours: bool) -> None:
    assert is_our_host(host, settings(allowed)) is ours


@pytest.mark.parametrize(
    ("allowed", "origin", "ours"),
    [
        ("box.example", "https://box.example", True), ("box.example", "http://box.example", True),
        ("box.example", "http://box.example:8188", True), ("box.example", "https://box.example:8443", False),
        ("box.example", "null", False), ("box.example", "", False), ("box.example", "box.example", False),
        ("box.example", "https://box.example.", False), ("box.example", "https://box.example/", False),
        ("box.example", "ftp://box.example", False), ("box.example", "https://box.example.evil.example", False),
        ("box.example", "https://evil.example/box.example", False), ("box.example", "https://user@box.example", False),
        ("box.example", "https://box.example@evil.example", False), ("box.example", "https://a.box.example", False),
        ("box.example:8443", "https://box.example:8443", True), ("box.example:8443", "https://box.example", False),
        ("box.example:443", "https://box.example", True), ("box.example:443", "http://box.example", False),
        ("box.example:80", "http://box.example", True), ("box.example:80", "https://box.example", False),
        ("box.example", "http://127.0.0.1:8188", True), ("box.example", "http://[::1]:8188", True),
        ("box.example", "https://127.0.0.1:8188", False), ("box.example", "http://127.0.0.1:9101", False),
    ],
)  # fmt: skip
def test_a_page_of_a_name_that_is_allowed_may_change_something(allowed: str, origin: str, ours: bool) -> None:
    for host in ("127.0.0.1:8188", "box.example", "evil.example"):  # it decides nothing
        assert is_our_origin(origin, host, settings(allowed)) is ours


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        ("192.168.1.5:80", False), ("192.168.1.5:8188", True), ("[fe80::1]:8188", True), ("evil.example:8188", False),
        ("1.2.3:8188", False), ("[::1]x:8188", False), ("192.168.1.5", False),
    ],
)  # fmt: skip
def test_a_server_on_all_interfaces_answers_addresses_and_no_names(host: str, ours: bool) -> None:
    names = settings(listen=["0.0.0.0"], any_address=True)
    assert is_our_host(host, names) is ours
    assert is_our_origin(f"http://{host}", host, names) is ours
    assert not is_our_origin(f"http://{host}", "192.168.1.6:8188", names)  # anyone can have a page at an address
    assert not is_our_origin(f"https://{host}", host, names)


def test_with_the_port_that_browsers_leave_out_it_may_be_left_out() -> None:
    names = settings(port=80)
    assert is_our_host("127.0.0.1", names)
    assert is_our_origin("http://localhost", "127.0.0.1", names)
    assert not is_our_origin("https://localhost", "127.0.0.1", names)


@pytest.mark.parametrize("text", ["", " ", "http://box", "a/b", "a b", "*", "*.box", "box:x", "box:0", "-", "a:1:2"])
def test_what_is_no_name_is_refused(text: str) -> None:
    with pytest.raises(WrongNameError, match="not a host name"):
        read_name(text)


def test_hosts_that_are_answered() -> None:
    assert allowed_hosts(["127.0.0.1"], 8188, []) == {"127.0.0.1:8188", "localhost:8188", "[::1]:8188"}
    assert {"192.168.1.5:1", "[2001:db8::1]:1"} <= allowed_hosts(["192.168.1.5", "2001:db8::1"], 1, [])
    assert not [host for host in allowed_hosts(["0.0.0.0", "::"], 1, []) if "0.0.0.0" in host or "[::]" in host]
