"""The door: every route asks for what it declares, other names and other sites are turned away."""

from __future__ import annotations

import re

import pytest
from aiohttp import web

from server import application
from server.access.routing import Permission, Route, UndeclaredRouteError, add_routes, refuse_undeclared
from server.http import page, sign_in
from tests.support.serving import Server

ROUTES = application.ROUTES
PROTECTED = [route for route in ROUTES if route.permission is not Permission.OPEN]
HANDSHAKE = {
    "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}  # fmt: skip


def ask(server: Server, route: Route, **headers: str) -> tuple[int, str]:
    """The status of a plain request to a route, and the code of its error."""
    path = re.sub(r"\{[^}]*\}", "x", route.path)
    body = None if route.method == "GET" else b"{}"
    given = {"Content-Type": "application/json"} if body else {}
    if route.permission is Permission.SOCKET:
        given.update(HANDSHAKE)
    answer = server.ask(
        route.method, path, body, {**given, **{name.replace("_", "-"): v for name, v in headers.items()}}
    )
    told = answer.headers.get("content-type", "").startswith("application/json")
    return answer.status, answer.code if told and answer.status in (401, 403) else ""


@pytest.fixture
def bearer(server: Server) -> str:
    return f"Bearer {server.token}"


@pytest.fixture(scope="module")
def session(server: Server) -> dict[str, str]:
    """The cookie and the key of a page that is signed in."""
    return server.sign_in()


def test_only_the_page_is_open() -> None:
    found = {f"{route.method} {route.path}" for route in ROUTES if route.permission is Permission.OPEN}
    asked = {"GET /login", "POST /login", "POST /launch"}
    assert found == {f"{route.method} {route.path}" for route in page.ROUTES} | asked
    assert found - {f"{route.method} {route.path}" for route in sign_in.ROUTES} == found - asked


@pytest.mark.parametrize("route", PROTECTED, ids=lambda route: f"{route.method} {route.path}")
def test_a_route_wants_the_token_our_host_and_no_other_site(
    server: Server, bearer: str, session: dict[str, str], route: Route
) -> None:
    assert ask(server, route) == (401, "no_token")
    assert ask(server, route, Authorization="Bearer wrong") == (401, "no_token")
    assert ask(server, route, Cookie=f"jacquard_token_{server.port}={server.token}") == (401, "no_token")
    assert ask(server, route, Cookie=session["Cookie"]) == (401, "no_token")
    assert ask(server, route, X_Jacquard_Key=session["X-Jacquard-Key"]) == (401, "no_token")
    assert ask(server, route, **{**session, "X-Jacquard-Key": "wrong"}) == (401, "no_token")
    assert ask(server, route, Authorization=bearer, Host=f"evil.example:{server.port}") == (403, "wrong_host")
    assert ask(server, route, Authorization=bearer, Sec_Fetch_Site="cross-site") == (403, "wrong_origin")
    assert ask(server, route, Authorization=bearer, Sec_Fetch_Site="same-site") == (403, "wrong_origin")
    foreign = ask(server, route, Authorization=bearer, Origin="http://evil.example")
    assert foreign == (403, "wrong_origin") or route.permission is Permission.READ
    ours = f"http://127.0.0.1:{server.port}"
    last = server.sign_in() if route.path == "/logout" else session
    for headers in ({"Authorization": bearer}, last):
        status, _ = ask(server, route, **headers, Origin=ours, Sec_Fetch_Site="same-origin")
        assert status not in (401, 403)


@pytest.mark.parametrize("route", page.ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_the_page_wants_our_host(server: Server, route: Route) -> None:
    assert ask(server, route, Host="evil.example") == (403, "wrong_host")
    assert ask(server, route)[0] in (200, 401, 404)


@pytest.mark.parametrize(
    "host",
    [
        "evil.example", "localhost.evil.example:{}", "127.0.0.1.evil.example:{}", "127.0.0.1:{}.", "127.0.0.1.:{}",
        "localhost.:{}", "127.0.0.1", "localhost", "127.0.0.1:1", "127.0.0.2:{}", "user@127.0.0.1:{}", "[::1]:1",
        "[::1",
        "[::ffff:127.0.0.1]:{}", "0.0.0.0:{}", "0:{}", "2130706433:{}", "0x7f.1:{}", "127.1:{}", "", " ",
        "127.0.0.1:{}, x",
        "127.0.0.1:0{}", "xn--127.0.0.1:{}", "127。0。0。1:{}",
    ],
)  # fmt: skip
def test_other_hosts_are_turned_away(server: Server, bearer: str, host: str) -> None:
    name = host.format(server.port).encode().decode("latin-1")
    answer = server.ask("GET", "/api/v1/system", headers={"Host": name, "Authorization": bearer})
    assert answer.status in (400, 403)


@pytest.mark.parametrize("host", ["localhost.:1", "<b>", "a@127.0.0.1", "127.0.0.1:0", "no host", ""])
def test_no_flag_is_proposed_that_would_be_refused(server: Server, bearer: str, host: str) -> None:
    refused = server.ask("GET", "/api/v1/system", headers={"Host": host})
    assert refused.code == "wrong_host"
    assert "--allow-host" not in refused.json["error"]["remedy"]
    for origin in (f"http://{host}", f"moz-extension://{host}", "chrome-extension://box.example"):
        refused = server.ask("POST", "/logout", b"", {"Authorization": bearer, "Origin": origin})
        assert refused.code == "wrong_origin"
        assert "--allow-host" not in refused.json["error"]["remedy"]


def test_two_hosts_or_none_are_turned_away(server: Server) -> None:
    import socket

    ours = f"127.0.0.1:{server.port}"
    for lines in ([f"Host: {ours}", "Host: evil.example"], []):
        with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
            request = "\r\n".join(["GET / HTTP/1.1", *lines, "Connection: close", "", ""])
            connection.sendall(request.encode())
            assert connection.recv(100).split()[1] in (b"400", b"403")


@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}", "LOCALHOST:{}", "[::1]:{}"])
def test_our_hosts_are_answered(server: Server, bearer: str, host: str) -> None:
    headers = {"Host": host.format(server.port), "Authorization": bearer}
    assert server.ask("GET", "/api/v1/system", headers=headers).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "null", "", "http://evil.example", "http://localhost.evil.example:{}", "http://127.0.0.1.evil.example:{}",
        "http://127.0.0.1:{}.", "http://127.0.0.1.:{}", "http://127.0.0.1:1", "http://127.0.0.1",
        "https://127.0.0.1:{}", "http://localhost.:{}", "http://[::1]", "http://[::ffff:127.0.0.1]:{}", "http://0.0.0.0:{}",
        "http://user@127.0.0.1:{}", "http://127.0.0.1:{}@evil.example", "file://",
        "file://127.0.0.1:{}",
        "//127.0.0.1:{}", "127.0.0.1:{}", "http://127.0.0.1:{}/", "http://127.0.0.1:{} http://evil.example",
        "http://evil.example, http://127.0.0.1:{}", "chrome-extension://127.0.0.1:{}",
    ],
)  # fmt: skip
def test_pages_of_other_origins_change_nothing(server: Server, bearer: str, origin: str) -> None:
    headers = {"Authorization": bearer, "Origin": origin.format(server.port), "Content-Type": "application/json"}
    for path in ("/api/v1/runs", "/api/v1/uploads"):
        assert server.ask("POST", path, b"{}", headers).status == 403
    assert server.ask("GET", "/api/v1/ws", headers={**headers, **HANDSHAKE}).status == 403


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1:{}", "http://localhost:{}", "http://[::1]:{}", "HTTP://LOCALHOST:{}"]
)
@pytest.mark.parametrize("host", ["127.0.0.1:{}", "localhost:{}"])
def test_pages_of_our_origins_are_served_whatever_name_a_proxy_hands_on(
    server: Server, bearer: str, origin: str, host: str
) -> None:
    headers = {"Authorization": bearer, "Origin": origin.format(server.port), "Host": host.format(server.port)}
    assert server.ask("POST", "/logout", b"", headers).status == 200


def test_nobody_gets_anything_for_coming_by(server: Server) -> None:
    for path in ("/", "/login", "/api/v1/system", "/assets/x.js", "/favicon.ico"):
        answer = server.ask("GET", path)
        assert "set-cookie" not in answer.headers
        assert server.token.encode() not in answer.body


def test_every_answer_is_guarded_by_headers(server: Server, bearer: str) -> None:
    for path in ("/", "/api/v1/system", "/api/v1/nothing", "/nothing/at/all", "/assets/x.js"):
        answer = server.ask("GET", path, headers={"Authorization": bearer, "Origin": "http://evil.example"})
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"
        assert not [name for name in answer.headers if name.startswith("access-control")]
        assert "server" not in answer.headers
    assert "unsafe-inline" not in server.ask("GET", "/").headers["content-security-policy"].split("style-src")[0]


def test_nothing_changes_on_a_get() -> None:
    assert {route.method for route in ROUTES if route.permission is Permission.READ} == {"GET"}
    assert all(route.permission is not Permission.READ for route in ROUTES if route.method != "GET")


def test_a_route_without_a_permission_does_not_start() -> None:
    async def forgotten(_: web.Request) -> web.Response:
        return web.Response()

    app = web.Application()
    add_routes(app, ROUTES)
    refuse_undeclared(app)
    app.router.add_get("/forgotten", forgotten)
    with pytest.raises(UndeclaredRouteError, match="/forgotten"):
        refuse_undeclared(app)


def test_no_secret_is_in_an_answer_or_in_the_log(server: Server, bearer: str) -> None:
    session, code = server.sign_in(), server.launch_code()
    cookie = session["Cookie"].split("=")[1]
    secrets = [server.token, cookie, session["X-Jacquard-Key"], code]
    answers = [
        server.ask("GET", path, headers=headers)
        for path in ("/api/v1/system", "/api/v1/openapi.json", "/api/v1/node-types", f"/api/v1/files/output/{code}")
        for headers in ({"Authorization": bearer}, session, {**session, "Host": "evil.example"})
    ]
    answers += [
        server.ask("GET", "/api/v1/ws", headers={**session, **HANDSHAKE, "Sec-WebSocket-Protocol": f"key.{cookie}"}),
        server.ask("POST", "/login", f"code={code}&code={cookie}".encode(), {"Content-Type": "text/plain", **session}),
        server.ask("POST", "/launch", b"", {**session, "Authorization": f"Basic {server.token}"}),
    ]
    for answer in answers:
        assert not [secret for secret in secrets[:3] if secret.encode() in answer.body]
    assert not [secret for secret in secrets if secret in server.errors()]
    for name in ("token", "sessions.json", "open.json"):
        assert (server.folder / "data" / name).stat().st_mode & 0o077 == 0
    kept = (server.folder / "data" / "sessions.json").read_text()
    assert not [secret for secret in secrets if secret in kept]
