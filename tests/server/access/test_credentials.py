"""Who a request comes from: the token, or a cookie with its key, each where it counts; and wrong tokens are few."""

from __future__ import annotations

from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from multidict import CIMultiDict

from graph.files.folders import Files
from server.access.credentials import (
    KEYS,
    SESSION,
    AccessKeys,
    bearer,
    cookie_name,
    is_authorized,
    is_signed_in,
    is_token,
    offered,
    same,
)
from server.access.routing import Permission
from server.access.sessions import Sessions
from server.access.sign_in_limit import SECONDS_FOR_ONE, TRIES, SignInLimit
from server.errors import ApiError
from server.settings import Settings
from tests.support.serving import asynchronous

TOKEN = "a token that someone chose"
COOKIE = "jacquard_token_8188"


class House:
    """The secrets of a server whose clock stands still until it is set."""

    def __init__(self, folder: Path, *, token_is_drawn: bool = False) -> None:
        self.now = 1000.0
        self.settings = Settings(
            data=folder, files=Files(), worker_command=(), token=TOKEN, token_is_drawn=token_is_drawn
        )
        self.sessions = Sessions(folder / "sessions.json", TOKEN)
        self.limit = SignInLimit(lambda: self.now)
        self._app = web.Application()
        self._app[KEYS] = AccessKeys(self.sessions, sign_in_limit=self.limit)

    def request(
        self, *headers: tuple[str, str], path: str = "/", remote: str = "192.0.2.1", method: str = "GET"
    ) -> web.Request:
        return make_mocked_request(method, path, CIMultiDict(headers), app=self._app).clone(remote=remote)

    def guess(self, count: int, *headers: tuple[str, str], remote: str = "192.0.2.1") -> None:
        """Try so many wrong tokens."""
        for number in range(count):
            assert not is_token(self.request(*headers, remote=remote), f"guess {number}", self.settings)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ([("Authorization", "Bearer abc")], "abc"),
        ([("Authorization", "bearer  a b ")], "a b"),
        ([("Authorization", "Bearer")], ""),
        ([("Authorization", "Basic abc")], None),
        ([("Authorization", "abc")], None),
        ([], None),
    ],
)
def test_a_token_is_what_follows_bearer(house: House, headers: list[tuple[str, str]], found: str | None) -> None:
    assert bearer(house.request(*headers)) == found


def test_the_cookie_has_the_port_in_its_name_and_another_name_over_tls(house: House) -> None:
    assert cookie_name(house.settings) == COOKIE
    assert cookie_name(house.settings, over_tls=True) == f"__Secure-{COOKIE}"


@pytest.mark.parametrize(
    ("permission", "carrier", "counts"),
    [
        (Permission.READ, "header", True),
        (Permission.READ, "query", True),
        (Permission.READ, "protocol", False),
        (Permission.WRITE, "header", True),
        (Permission.WRITE, "query", False),
        (Permission.WRITE, "protocol", False),
        (Permission.SOCKET, "header", True),
        (Permission.SOCKET, "query", False),
        (Permission.SOCKET, "protocol", True),
    ],
)
@asynchronous
async def test_a_key_counts_only_where_such_a_request_may_carry_it(
    tmp_path: Path, permission: Permission, carrier: str, counts: bool
) -> None:
    house = House(tmp_path)
    cookie, key = await house.sessions.begin()
    carried = {"header": ("X-Jacquard-Key", key), "protocol": ("Sec-WebSocket-Protocol", f"jacquard, key.{key}")}
    headers = [carried[carrier]] if carrier in carried else []
    path = f"/?key={key}" if carrier == "query" else "/"
    with_cookie = house.request(("Cookie", f"{COOKIE}={cookie}"), *headers, path=path)
    assert is_authorized(with_cookie, house.settings, permission) is counts
    assert with_cookie.get(SESSION, "") == (house.sessions.find([cookie]) if counts else "")
    assert not is_authorized(house.request(*headers, path=path), house.settings, permission)


@pytest.mark.parametrize("permission", [Permission.READ, Permission.WRITE, Permission.SOCKET])
def test_the_token_opens_everything_without_a_session(house: House, permission: Permission) -> None:
    request = house.request(("Authorization", f"Bearer {TOKEN}"))
    assert is_authorized(request, house.settings, permission)
    assert request.get(SESSION, "") == ""
    assert not is_authorized(house.request(("Authorization", "Bearer wrong")), house.settings, permission)
    assert not is_authorized(house.request(path=f"/?key={TOKEN}"), house.settings, permission)


@pytest.mark.parametrize(
    ("cookies", "signed_in"),
    [
        ([f"{COOKIE}=MINE"], True),
        ([f'{COOKIE}="MINE"'], True),
        ([f"__Secure-{COOKIE}=MINE"], True),
        ([f"other=1; {COOKIE}=forged;{COOKIE}=MINE"], True),
        ([f"{COOKIE}=forged", f"{COOKIE}=MINE"], True),
        (["; ".join([f"{COOKIE}=forged"] * 8 + [f"{COOKIE}=MINE"])], False),
        (["jacquard_token_8189=MINE"], False),
        ([f"{COOKIE}=MINE2"], False),
        ([], False),
    ],
)
@asynchronous
async def test_of_the_cookies_with_our_name_one_has_to_be_known(
    tmp_path: Path, cookies: list[str], signed_in: bool
) -> None:
    house = House(tmp_path)
    cookie, key = await house.sessions.begin()
    headers = [("Cookie", text.replace("MINE", cookie)) for text in cookies]
    assert is_signed_in(house.request(*headers), house.settings) is signed_in
    with_key = house.request(*headers, ("X-Jacquard-Key", key))
    assert is_authorized(with_key, house.settings, Permission.WRITE) is signed_in


def test_the_page_is_served_for_the_token_too(house: House) -> None:
    assert is_signed_in(house.request(("Authorization", f"Bearer {TOKEN}")), house.settings)
    assert not is_signed_in(house.request(("Authorization", "Bearer wrong")), house.settings)


def test_after_too_many_wrong_tokens_the_right_one_has_to_wait(house: House) -> None:
    house.guess(TRIES)
    with pytest.raises(ApiError, match="Too many wrong tokens") as caught:
        is_token(house.request(), TOKEN, house.settings)
    assert (caught.value.status, caught.value.code) == (429, "too_many_guesses")
    assert caught.value.headers == {"Retry-After": "2"}
    assert not is_token(house.request(), "guess 0", house.settings), "an old token is told so, and costs no try"
    house.now += SECONDS_FOR_ONE
    assert is_token(house.request(), TOKEN, house.settings)


def test_a_drawn_token_cannot_be_guessed_and_need_not_wait(tmp_path: Path) -> None:
    house = House(tmp_path, token_is_drawn=True)
    house.guess(TRIES)
    assert is_token(house.request(), TOKEN, house.settings)
    with pytest.raises(ApiError):
        is_token(house.request(), "one more", house.settings)


@pytest.mark.parametrize(
    ("remote", "forwarded", "counted"),
    [
        ("192.0.2.1", [], "192.0.2.1"),
        ("192.0.2.1", ["198.51.100.7"], "192.0.2.1"),
        ("127.0.0.1", [], "127.0.0.1"),
        ("127.0.0.1", ["198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["10.0.0.1, 198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", ["10.0.0.1", "198.51.100.7"], "198.51.100.7"),
        ("127.0.0.1", [" "], "127.0.0.1"),
        ("::1", ["198.51.100.7"], "198.51.100.7"),
        ("no address", ["198.51.100.7"], "no address"),
    ],
)
def test_wrong_tokens_count_for_the_client_and_only_a_proxy_of_this_machine_names_it(
    house: House, remote: str, forwarded: list[str], counted: str
) -> None:
    house.guess(TRIES, *(("X-Forwarded-For", text) for text in forwarded), remote=remote)
    others = {"192.0.2.1", "127.0.0.1", "198.51.100.7", "10.0.0.1", "no address"} - {counted}
    assert house.limit.wait(counted) > 0
    assert [address for address in sorted(others) if house.limit.wait(address)] == []


def test_all_protocols_that_a_websocket_offers_are_read(house: House) -> None:
    request = house.request(("Sec-WebSocket-Protocol", "jacquard,  key.a"), ("Sec-WebSocket-Protocol", "b"))
    assert list(offered(request)) == ["jacquard", "key.a", "b"]


@pytest.mark.parametrize(
    ("given", "secret", "equal"),
    [("a", "a", True), ("a", "A", False), ("", "a", False), ("\ud800", "\ud800", True), ("\ud800", "ü", False)],
)
def test_secrets_are_compared_whatever_characters_they_have(given: str, secret: str, equal: bool) -> None:
    assert same(given, secret) is equal


def test_each_start_draws_a_secret_that_is_not_shown(house: House) -> None:
    first, second = AccessKeys(house.sessions), AccessKeys(house.sessions)
    assert first.opener != second.opener
    assert first.opener not in repr(first)
