"""Coming in with a real Chromium: by the address of the start, with the token, by name, and through real proxies.

The server runs toy nodes, so that it is up at once. Where there is no nginx the tests with a proxy are skipped.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from server.access import local_open
from server.access.launch import launch_address
from tests.support.proxy import FORWARDED, find_nginx, free_port, make_certificate, nginx
from tests.support.serving import Server
from tests.support.signing_in import new_address
from tests.web.conftest import NAME, PATIENCE_MS, ROOT

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

needs_nginx = pytest.mark.skipif(
    find_nginx() is None, reason="no nginx found: install one (apt-get install nginx-light)"
)
TOKEN = "a token that someone chose"
PLAIN = "location / {{ proxy_pass http://127.0.0.1:{port}; }}"
WHOLE = f"location / {{{{ proxy_pass http://127.0.0.1:{{port}}; {FORWARDED} }}}}"
FOLDER = f"location /jq/ {{{{ proxy_pass http://127.0.0.1:{{port}}/; {FORWARDED} }}}}"
NO_UPGRADE = (
    "location / {{ proxy_pass http://127.0.0.1:{port}; proxy_http_version 1.1; proxy_set_header Host $http_host; }}"
)


TRIES = """async (address) => {
  const tries = [['GET', '/api/v1/outputs'], ['POST', '/logout'], ['POST', '/launch'], ['POST', '/api/v1/runs']]
  const ask = ([method, path]) => fetch(address + path, { method, credentials: 'include' })
  const found = tries.map((one) => ask(one).then((answer) => answer.status, () => 'refused'))
  const socket = new WebSocket(address.replace('http', 'ws') + '/api/v1/ws')
  const ends = new Promise((done) => {
    socket.onopen = () => done('open')
    socket.onclose = () => done('closed')
  })
  return Promise.all([...found, ends])
}"""
"""What a page of another program may try."""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser profile of its own. It takes certificates that nobody signed."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, ignore_https_errors=True)
    made.set_default_timeout(PATIENCE_MS)
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that has been nowhere; an error in its script fails the test."""
    made = context.new_page()
    errors: list[str] = []
    made.on("pageerror", lambda error: errors.append(str(error)))
    yield made
    assert not errors


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers; each has a port that stays the same."""
    made: list[Server] = []

    def call(*flags: str) -> Server:
        folder = tmp_path / f"server-{len(made)}"
        folder.mkdir()
        made.append(Server(folder, "--port", str(free_port()), *flags).start())
        return made[-1]

    yield call
    for server in made:
        server.stop()


@pytest.fixture
def proxy(tmp_path: Path, start: Callable[..., Server]) -> Iterator[Callable[..., tuple[Server, str]]]:
    """Starts a server behind an nginx; answers it, and the proxy's own address."""
    with contextlib.ExitStack() as proxies:

        def call(places: str, *, host: str = NAME, allow: bool = True, tls: bool = False) -> tuple[Server, str]:
            port = free_port()
            server = start("--token", TOKEN, *(["--allow-host", f"{host}:{port}"] if allow else []))
            certificate = make_certificate(tmp_path, host) if tls else None
            proxies.enter_context(nginx(tmp_path / "nginx", port, places.format(port=server.port), certificate))
            return server, f"{'https' if tls else 'http'}://{host}:{port}"

        yield call


def launch(server: Server, address: str) -> str:
    """A launch address that leads through a proxy."""
    return launch_address(address, local_open.ask_for_code(server.folder / "data")[1])


def enter(page: Page, token: str) -> None:
    page.get_by_label("Enter the token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def works(page: Page, address: str) -> None:
    """The editor is there, hears its server, runs a workflow, and shows pictures."""
    page.locator(".react-flow__node").first.wait_for()
    assert page.url == address
    expect(page.locator(".chip.is-ready")).to_be_visible()
    document = {"jacquard": 1, "title": "Show", "nodes": {"1": {"type": "Save", "position": [0, 0], "inputs": {}}}}
    page.keyboard.press("Control+o")
    file = {"name": "show.json", "mimeType": "application/json", "buffer": json.dumps(document).encode()}
    page.get_by_label("Workflow file", exact=True).set_input_files(file)
    page.locator('.react-flow__node[data-id="1"]').wait_for()
    page.keyboard.press("Control+Enter")
    result = page.get_by_role("img", name="Result of the last run")
    result.wait_for()
    assert_loaded(result)
    page.keyboard.press("g")
    stored = page.get_by_role("dialog").locator("img")
    stored.first.wait_for()
    assert_loaded(stored)
    page.keyboard.press("Escape")


def assert_loaded(pictures: Any) -> None:
    script = "(image) => image.decode().then(() => image.naturalWidth)"
    assert all(picture.evaluate(script) > 0 for picture in pictures.all())


def test_the_address_of_the_start_opens_the_editor_and_is_good_once(
    browser: Browser, page: Page, start: Callable[..., Server]
) -> None:
    server = start()
    address = new_address(server.folder)
    page.goto(address)
    works(page, f"{server.address}/")
    page.goto("about:blank")
    page.goto(address)  # again: whoever is in stays in
    works(page, f"{server.address}/")
    with contextlib.closing(browser.new_context()) as other:
        stranger = other.new_page()
        stranger.goto(address)
        expect(stranger.get_by_role("alert")).to_contain_text("used already")
        expect(stranger.get_by_role("alert")).to_contain_text("python main.py open")
        assert not other.cookies()
        stranger.goto(new_address(server.folder))
        stranger.locator(".react-flow__node").first.wait_for()


def test_the_file_that_the_browser_is_given_leads_in(
    page: Page, start: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start()
    folder = server.folder / "data"
    monkeypatch.setattr(local_open.webbrowser, "open", page.goto)
    local_open.open_in_browser(folder, *local_open.ask_for_code(folder))
    page.locator(".react-flow__node").first.wait_for()
    assert page.url == f"{server.address}/"
    page.goto((folder / "open.html").as_uri())  # again: whoever is in stays in
    page.locator(".react-flow__node").first.wait_for()


def test_without_a_code_the_page_says_what_to_do_and_takes_the_token(page: Page, start: Callable[..., Server]) -> None:
    server = start("--token", TOKEN)
    page.goto(server.address)
    expect(page.locator("main")).to_contain_text("run this where Jacquard is installed")
    expect(page.locator("main")).to_contain_text("python main.py open")
    enter(page, "not the token")
    expect(page.get_by_role("alert")).to_have_text("That is not the token.")
    enter(page, TOKEN)
    works(page, f"{server.address}/")


def test_a_code_that_is_put_behind_the_address_of_an_open_page_signs_in(
    page: Page, start: Callable[..., Server]
) -> None:
    server = start()
    page.goto(f"{server.address}/")
    page.goto(new_address(server.folder))  # only the part behind the # is another: nothing is loaded
    page.locator(".react-flow__node").first.wait_for()


def test_a_code_that_is_put_behind_the_address_of_the_editor_signs_in_who_is_signed_out_and_loses_no_edit(
    page: Page, start: Callable[..., Server]
) -> None:
    server = start()
    page.goto(new_address(server.folder))
    page.locator(".react-flow__node").first.wait_for()
    server.stop()
    server.flags = (*server.flags, "--new-token")
    server.start()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.locator(".toast")).to_contain_text("enter its token")
    expect(page.locator(".toast")).not_to_contain_text("Bearer")
    below = page.locator(".strip").bounding_box() or {}
    told = page.locator(".toast").bounding_box() or {}
    assert told["y"] >= below["y"] + below["height"], "the message covers what the strip says"
    nodes = page.locator(".react-flow__node").count()
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+d")
    expect(page.locator(".react-flow__node")).to_have_count(2 * nodes)
    page.goto(new_address(server.folder))
    expect(page.get_by_text("You are signed out.")).to_be_hidden()
    expect(page.locator(".react-flow__node")).to_have_count(2 * nodes)
    expect(page.locator(".chip.is-ready")).to_be_visible()
    page.goto(new_address(server.folder))  # of no use: the editor stays, and the code goes
    page.wait_for_url(f"{server.address}/")


def test_a_session_lasts_over_a_restart_and_ends_with_the_token(page: Page, start: Callable[..., Server]) -> None:
    server = start()
    page.goto(new_address(server.folder))
    page.locator(".react-flow__node").first.wait_for()
    server.stop()
    server.start()
    page.reload()
    expect(page.locator(".chip.is-ready")).to_be_visible()
    server.stop()
    server.flags = (*server.flags, "--new-token")
    server.start()
    expect(page.get_by_text("You are signed out.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Enter the token")).to_be_visible()


def test_signing_out_ends_the_session_in_every_tab(
    page: Page, context: BrowserContext, start: Callable[..., Server]
) -> None:
    server = start()
    page.goto(new_address(server.folder))
    other = context.new_page()
    other.goto(server.address)
    expect(other.locator(".chip.is-ready")).to_be_visible()
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Enter the token")).to_be_visible()
    expect(other.get_by_text("You are signed out.")).to_be_visible()
    other.get_by_role("link", name="enter its token").click()
    enter(other, server.token)
    other.locator(".react-flow__node").first.wait_for()


def test_by_a_name_that_is_allowed(page: Page, start: Callable[..., Server]) -> None:
    server = start("--allow-host", NAME)
    address = f"http://{NAME}:{server.port}/"
    page.goto(launch(server, address))
    works(page, address)


def test_by_a_name_that_is_not_allowed_the_page_names_the_flag(page: Page, start: Callable[..., Server]) -> None:
    server = start()
    page.goto(launch(server, f"http://{NAME}:{server.port}/"))
    expect(page.get_by_role("alert")).to_contain_text(f"--allow-host {NAME}:{server.port}")
    assert not page.get_by_label("Enter the token").is_visible()


def test_a_link_on_another_page_leads_in_though_the_browser_sends_no_cookie(
    page: Page, start: Callable[..., Server]
) -> None:
    server = start()
    page.goto(new_address(server.folder))
    page.locator(".react-flow__node").first.wait_for()
    with another_program(f'<a href="{server.address}/">go</a>') as (port, _):
        page.goto(f"http://localhost:{port}/")
        page.get_by_role("link").click()
        page.locator(".react-flow__node").first.wait_for()


def test_a_program_on_another_port_sees_a_cookie_and_can_do_nothing_with_it(
    page: Page, start: Callable[..., Server]
) -> None:
    server = start()
    page.goto(new_address(server.folder))
    page.locator(".react-flow__node").first.wait_for()
    with another_program("<p>hello</p>") as (port, heard):
        page.goto(f"http://127.0.0.1:{port}/")
        assert page.evaluate("localStorage.length") == 0
        seen = next(headers["cookie"] for headers in heard if "cookie" in headers)
        answers = page.evaluate(TRIES, server.address)
        assert answers == ["refused"] * 4 + ["closed"]
    assert seen.startswith(f"jacquard_token_{server.port}=")
    for path in ("/api/v1/system", "/api/v1/outputs", "/api/v1/files/output/a.png"):
        assert server.ask("GET", path, headers={"Cookie": seen}).status == 401
    page.goto(f"{server.address}/")
    page.locator(".react-flow__node").first.wait_for()


def test_the_manual_asks_for_the_lines_that_these_tests_use() -> None:
    manual = (ROOT / "docs" / "server.md").read_text()
    assert all(line in manual for line in FORWARDED.strip().splitlines())


@needs_nginx
def test_through_a_proxy_that_hands_on_host_and_upgrade(page: Page, proxy: Callable[..., tuple[Server, str]]) -> None:
    server, address = proxy(WHOLE)
    page.goto(launch(server, f"{address}/"))
    works(page, f"{address}/")
    page.context.clear_cookies()
    page.reload()
    assert not page.locator("#proxy").is_visible()
    expect(page.locator("main")).to_contain_text(f"python main.py open --at {address}/")
    enter(page, TOKEN)
    page.locator(".react-flow__node").first.wait_for()


@needs_nginx
def test_in_a_folder_of_a_proxy(page: Page, proxy: Callable[..., tuple[Server, str]]) -> None:
    server, address = proxy(FOLDER)
    page.goto(f"{address}/jq/")
    enter(page, TOKEN)
    works(page, f"{address}/jq/")
    (cookie,) = page.context.cookies()
    assert cookie["path"] == "/jq"
    page.get_by_role("button", name="Main menu").click()
    page.get_by_role("menuitem", name="Sign out").click()
    expect(page.get_by_label("Enter the token")).to_be_visible()
    assert not page.context.cookies()
    page.goto(launch(server, f"{address}/jq/"))
    page.locator(".react-flow__node").first.wait_for()


@needs_nginx
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl found, which makes the certificate")
@pytest.mark.parametrize("places", [WHOLE, FOLDER])
def test_over_https(page: Page, proxy: Callable[..., tuple[Server, str]], places: str) -> None:
    server, address = proxy(places, tls=True)
    address += "/jq/" if places == FOLDER else "/"
    page.goto(launch(server, address))
    works(page, address)
    (cookie,) = page.context.cookies()
    assert cookie["secure"]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Strict"


@needs_nginx
@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl found, which makes the certificate")
def test_over_https_and_without_side_by_side(page: Page, proxy: Callable[..., tuple[Server, str]]) -> None:
    server, address = proxy(WHOLE, host="localhost", tls=True)
    for way in (f"{address}/", f"http://localhost:{server.port}/"):
        page.goto(launch(server, way))
        works(page, way)
    page.goto(f"{address}/")
    expect(page.locator(".chip.is-ready")).to_be_visible()


@needs_nginx
def test_through_nothing_but_proxy_pass_nobody_gets_anything_and_the_page_names_the_lines(
    page: Page, proxy: Callable[..., tuple[Server, str]]
) -> None:
    server, address = proxy(PLAIN, host="127.0.0.1", allow=False)
    page.goto(f"{address}/")
    for line in FORWARDED.strip().splitlines():
        expect(page.locator("#proxy")).to_contain_text(line)
    expect(page.locator("#proxy")).to_contain_text(f"--allow-host {address.removeprefix('http://')}")
    enter(page, TOKEN)
    expect(page.get_by_role("alert")).to_contain_text("asked for this")
    code = launch(server, f"{address}/")
    page.goto(code)
    expect(page.get_by_role("alert")).to_contain_text("asked for this")
    assert not page.context.cookies()
    page.goto("about:blank")
    page.goto(code.replace(address, server.address))  # it was not used up
    page.locator(".react-flow__node").first.wait_for()


@needs_nginx
def test_through_a_proxy_without_upgrade_the_editor_names_the_lines(
    page: Page, proxy: Callable[..., tuple[Server, str]]
) -> None:
    server, address = proxy(NO_UPGRADE)
    page.goto(launch(server, f"{address}/"))
    page.locator(".react-flow__node").first.wait_for()
    strip = page.locator(".strip")
    expect(strip).to_contain_text("The proxy in front of Jacquard lets no websocket through")
    for line in re.findall(r".*(?:Upgrade|Connection|version).*;", FORWARDED):
        expect(strip).to_contain_text(line)


@contextlib.contextmanager
def another_program(body: str) -> Iterator[tuple[int, list[dict[str, str]]]]:
    """A program of someone else on this machine; its port, and the headers of what it was asked."""
    heard: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port, heard
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
