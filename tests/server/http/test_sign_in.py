"""Signing in and out: a launch code or the token for a session, which lasts over restarts and can be taken back."""

from __future__ import annotations

import asyncio
import itertools
import re

import aiohttp
import pytest

from server.storage.data_folder import read_token
from tests.server.conftest import MakeServer
from tests.support.other_user import as_other_user, folder_for_all
from tests.support.server_nodes import PNG
from tests.support.serving import PATIENCE, Server

CHOSEN = "a token that someone chose"


def system(server: Server, headers: dict[str, str]) -> int:
    """The status of a plain question."""
    return server.ask("GET", "/api/v1/system", headers=headers).status


def test_a_launch_code_is_exchanged_once_for_a_session(server: Server) -> None:
    code = server.launch_code()
    session = server.sign_in(f"code={code}")
    assert system(server, session) == 200
    again = server.log_in(f"code={code}")
    assert again.status == 401
    assert "set-cookie" not in again.headers
    assert b"used already" in again.body
    assert b"python main.py open" in again.body


def test_the_cookie_is_a_session_and_not_the_token_and_goes_to_no_script_and_no_other_site(server: Server) -> None:
    answer = server.log_in(f"code={server.launch_code()}")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"jacquard_token_{server.port}=")
    assert server.token not in cookie
    assert {"HttpOnly", "SameSite=Strict"} <= {part.strip() for part in cookie.split(";")}
    assert "Path" not in cookie  # that of the page, in whatever folder a proxy has put it
    assert "Secure" not in cookie
    assert len(cookie.split(";")[0].split("=")[1]) >= 43


def test_what_another_port_sees_is_worth_nothing_and_what_it_sets_takes_nobody_out(server: Server) -> None:
    mine, other = server.sign_in(), server.sign_in()
    name = mine["Cookie"].split("=")[0]
    assert system(server, {"Cookie": mine["Cookie"]}) == 401
    assert system(server, {"Cookie": other["Cookie"], "X-Jacquard-Key": mine["X-Jacquard-Key"]}) == 401
    assert (
        system(server, {"Cookie": f"{name}=forged; {mine['Cookie']}", "X-Jacquard-Key": mine["X-Jacquard-Key"]}) == 200
    )
    assert server.ask("GET", "/", headers={"Cookie": mine["Cookie"]}).status == 200  # files of the release, and no more


def test_the_key_in_an_address_opens_pictures_and_changes_nothing(server: Server) -> None:
    session = server.sign_in()
    cookie, key = {"Cookie": session["Cookie"]}, session["X-Jacquard-Key"]
    (server.folder / "output").mkdir(exist_ok=True)
    (server.folder / "output" / "a.png").write_bytes(PNG)
    for path in ("/api/v1/files/output/a.png?v=1&key=", "/api/v1/thumbnails/output/a.png?size=256&v=1&key="):
        assert server.ask("GET", path + key, headers=cookie).status == 200
        assert server.ask("GET", f"{path}wrong", headers=cookie).status == 401
        assert server.ask("GET", path + key).status == 401
    assert server.ask("POST", f"/logout?key={key}", b"", cookie).status == 401


def test_a_websocket_brings_its_key_among_its_protocols_and_ends_with_its_session(server: Server) -> None:
    session, other = server.sign_in(), server.sign_in()

    async def talk() -> None:
        async with aiohttp.ClientSession(server.address, headers={"Cookie": session["Cookie"]}) as client:
            for wrong in (["jacquard", "key.wrong"], [f"key.{session['X-Jacquard-Key']}"], ["jacquard"]):
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await client.ws_connect("/api/v1/ws", protocols=wrong)
            async with client.ws_connect(
                "/api/v1/ws", protocols=["jacquard", f"key.{session['X-Jacquard-Key']}"]
            ) as socket:
                assert socket.protocol == "jacquard"
                await socket.send_json({"type": "hello", "protocol": 1, "epoch": None, "seq": 0})
                assert (await socket.receive_json(timeout=PATIENCE))["type"] == "snapshot"
                assert await asyncio.to_thread(lambda: server.ask("POST", "/logout", b"", other).status) == 200
                assert await asyncio.to_thread(lambda: server.ask("POST", "/logout", b"", session).status) == 200
                while (message := await socket.receive(timeout=PATIENCE)).type is aiohttp.WSMsgType.TEXT:
                    pass
                assert (message.type, message.extra) == (aiohttp.WSMsgType.CLOSE, "signed out")

    asyncio.run(talk())


def test_a_session_lasts_over_a_restart_and_a_code_does_not(make_server: MakeServer) -> None:
    server = make_server().start()
    session, code = server.sign_in(), server.launch_code()
    server.kill()
    server.start()
    cookie = f"jacquard_token_{server.port}={session['Cookie'].split('=')[1]}"
    assert system(server, {**session, "Cookie": cookie}) == 200
    assert server.log_in(f"code={code}").status == 401
    assert system(server, server.sign_in()) == 200


def test_a_damaged_file_of_sessions_signs_out_and_no_more(make_server: MakeServer) -> None:
    server = make_server().start()
    server.sign_in()
    server.stop()
    (server.folder / "data" / "sessions.json").write_bytes(b'{"sessions": {"a": [1], "b": {"key": \xff')
    server.start()
    assert system(server, server.sign_in()) == 200
    assert "sign in again" in server.errors()


def test_signing_out_takes_the_session_back(make_server: MakeServer) -> None:
    server = make_server().start()
    session, other = server.sign_in(), server.sign_in()
    assert server.ask("POST", "/logout", b"", session).status == 200
    assert system(server, session) == 401
    assert system(server, other) == 200
    server.stop()
    server.start()
    cookie = f"jacquard_token_{server.port}={session['Cookie'].split('=')[1]}"
    assert system(server, {**session, "Cookie": cookie}) == 401


def test_another_token_ends_all_sessions(make_server: MakeServer) -> None:
    server = make_server().start()
    session, token = server.sign_in(), server.token
    server.stop()
    server.flags = ("--new-token",)
    server.start()
    assert server.token != token
    assert "is a new one, as --new-token asks" in server.errors()
    value = session["Cookie"].split("=")[1]
    assert system(server, {**session, "Cookie": f"jacquard_token_{server.port}={value}"}) == 401
    assert system(server, {"Authorization": f"Bearer {token}"}) == 401
    later = server.sign_in()
    server.stop()
    server.flags = ("--token", CHOSEN)
    server.start()
    value = later["Cookie"].split("=")[1]
    assert system(server, {**later, "Cookie": f"jacquard_token_{server.port}={value}"}) == 401


def test_a_token_of_an_earlier_version_is_drawn_anew_once(make_server: MakeServer) -> None:
    server = make_server()
    file = server.folder / "data" / "token"
    file.parent.mkdir()
    old = "nQ3-" + "x_Y9" * 9 + "abc"
    file.write_text(old)
    server.start()
    drawn = server.token
    assert drawn != old
    assert "an earlier version gave it to browsers" in server.errors()
    assert system(server, {"Authorization": f"Bearer {old}"}) == 401
    server.stop()
    server.start()
    assert server.token == drawn
    assert server.errors().count("is a new one") == 1


@pytest.mark.parametrize("damaged", [b"", b"short", b"\xff\xfe" * 30])
def test_a_damaged_token_is_drawn_anew(make_server: MakeServer, damaged: bytes) -> None:
    server = make_server()
    file = server.folder / "data" / "token"
    file.parent.mkdir()
    file.write_bytes(damaged)
    server.start()
    assert len(server.token) > 43
    assert "is a new one, since" in server.errors()


@pytest.mark.process
def test_a_token_that_cannot_be_read_is_set_aside() -> None:
    with folder_for_all() as folder:
        (folder / "token").write_bytes(b"\xff" * 30)
        (folder / "token").chmod(0)

        def draw() -> None:
            token, why = read_token(folder)
            (aside,) = folder.glob("token.damaged-*")
            assert aside.stat().st_size == 30
            assert why.endswith(aside.name)
            assert (folder / "token").read_text() == token

        code, said = as_other_user(draw)
        assert code == 0, said


@pytest.mark.parametrize("address", ["0.0.0.0", "127.0.0.1"])
def test_the_token_is_taken_from_the_form(make_server: MakeServer, address: str) -> None:
    server = make_server("--listen", address, "--token", f" {CHOSEN} ").start()
    assert server.log_in("token=wrong").status == 401
    assert server.log_in("token=").status == 401
    assert server.log_in("").status == 401
    session = server.sign_in("token=a+token+that+someone+chose")
    assert system(server, session) == 200
    assert server.ask("GET", "/", headers=session).status == 200
    assert system(server, {"Authorization": f"Bearer {CHOSEN}"}) == 200
    assert system(server, server.sign_in()) == 200  # `open` needs no token, only the data folder


@pytest.mark.parametrize("origin", ["null", "http://evil.example", "http://127.0.0.1:1"])
def test_a_page_of_another_origin_signs_nobody_in_and_uses_no_code_up(server: Server, origin: str) -> None:
    code = server.launch_code()
    answer = server.log_in(f"code={code}", Origin=origin)
    assert answer.status == 403
    assert "set-cookie" not in answer.headers
    assert server.log_in(f"token={server.token}", Origin=origin).status == 403
    assert server.log_in(f"code={code}", **{"Sec-Fetch-Site": "same-site"}).status == 403
    assert system(server, server.sign_in(f"code={code}")) == 200


def test_over_https_the_cookie_is_for_https_only(make_server: MakeServer) -> None:
    server = make_server("--allow-host", "box.example").start()
    answer = server.log_in(f"code={server.launch_code()}", Origin="https://box.example", Host="box.example")
    assert "Secure" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/x-www-form-urlencoded; charset=martian", 400),
        ("application/x-www-form-urlencoded; charset=hex", 400),
        ("application/x-www-form-urlencoded; charset=utf-16", 400),
        ("application/x-www-form-urlencoded; charset=idna", 400),
        ("application/x-www-form-urlencoded; charset=\"\xe9\"", 400),
        ("application/x-www-form-urlencoded; charset=", 401),
        ("application/x-www-form-urlencoded; charset=UTF-8", 401),
        ("multipart/form-data", 415),
        ("multipart/form-data; boundary=x", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)  # fmt: skip
def test_a_form_of_a_strange_kind_is_refused(server: Server, kind: str, status: int) -> None:
    assert server.log_in("token=wrong", **{"Content-Type": kind}).status == status


@pytest.mark.parametrize(
    "body", ["token=%ff", "token=\x80", "token=%ED%A0%80", "a=1&" * 100, "token=%00", "%", "token", "code=%ff"]
)
def test_a_form_that_cannot_be_read_is_refused(server: Server, body: str) -> None:
    assert server.log_in(body).status in (400, 401)


def test_a_form_is_bounded(server: Server) -> None:
    assert server.log_in("token=" + "x" * 10_000).status == 413


def test_wrong_tokens_are_slowed_down_and_an_address_from_the_machine_is_not(make_server: MakeServer) -> None:
    server = make_server("--token", CHOSEN).start()
    session = server.sign_in()
    guesses = (server.log_in(f"token=guess+{count}") for count in itertools.count())
    assert next(answer for answer in guesses if answer.status != 401).status == 429
    last = server.log_in("token=a+token+that+someone+chose")
    if last.status == 429:
        assert int(last.headers["retry-after"]) <= 2
        assert b"Too many wrong tokens" in last.body
    assert server.ask("GET", "/api/v1/system", headers={"Authorization": "Bearer guess 1"}).status == 401
    assert system(server, session) == 200
    assert system(server, server.sign_in()) == 200
    other = server.log_in("token=a+token+that+someone+chose", **{"X-Forwarded-For": "10.0.0.1, 192.0.2.9"})
    assert other.status == 200


def test_a_token_that_was_drawn_is_taken_whatever_others_try(make_server: MakeServer) -> None:
    server = make_server().start()
    guesses = (system(server, {"Authorization": f"Bearer {count}"}) for count in itertools.count())
    assert next(status for status in guesses if status != 401) == 429
    assert system(server, {"Authorization": f"Bearer {server.token}"}) == 200


def test_the_page_of_strangers_can_load_nothing_and_says_what_to_do(server: Server) -> None:
    for path in ("/", "/login"):
        answer = server.ask("GET", path)
        assert answer.status == 401
        rules = dict(rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";"))
        assert rules["default-src"] == "'none'"
        assert rules["form-action"] == "'self'"
        assert "unsafe" not in answer.headers["content-security-policy"]
        text = answer.body.decode()
        assert "<pre>python main.py open<" in text
        assert re.findall(r'(?:src|href)="([^"]*)"', text) == ["icon.svg"]
        assert re.findall(r'action="([^"]*)"', text) == ["login", "login"]
        assert answer.headers["referrer-policy"] == "same-origin"  # or forms say that they come from nowhere


def test_who_comes_by_another_name_reads_which_flag_is_missing(server: Server) -> None:
    answer = server.ask("GET", "/", headers={"Host": "box.example", "Accept": "text/html,*/*"})
    assert answer.status == 403
    assert answer.headers["content-type"].startswith("text/html")
    assert "start it with &#x27;--allow-host box.example&#x27;" in answer.body.decode()
    strange = server.ask("GET", "/", headers={"Host": "box<b>.example", "Accept": "text/html,*/*"}).body.decode()
    assert "box&lt;b&gt;.example" in strange
    assert "<b>" not in strange
    assert "start it with" not in strange  # the flag would refuse such a name
    assert server.ask("GET", "/", headers={"Host": "box.example"}).code == "wrong_host"


def test_codes_are_for_who_has_the_token_or_reads_the_data_folder(server: Server) -> None:
    bearer = {"Authorization": f"Bearer {server.token}"}
    assert server.ask("POST", "/launch", b"", bearer).status == 201
    assert server.ask("POST", "/launch", b"").status == 401
    assert server.ask("POST", "/launch", b"", {"Authorization": "Bearer wrong"}).status == 401
    assert server.ask("POST", "/launch", b"", server.sign_in()).status == 401
    assert server.ask("POST", "/launch", b"", {**bearer, "Origin": "http://evil.example"}).status == 403
