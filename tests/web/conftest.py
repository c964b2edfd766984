"""The editor in a real Chromium against a real server and worker: one of each for all tests, a fresh page for each.

Where there is no Chromium or no Playwright, these tests are skipped with the reason. The bundled model paints; where it
is not there, a tiny one with random weights takes its place, so that everything but the picture is the same.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.signing_in import new_address
from tests.support.tiny_models import write_checkpoint

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = int(os.environ.get("JACQUARD_TEST_PATIENCE_MS", "30000"))
BUNDLED = ROOT / "models" / "picturebook"
NAME = "box.example"
"""A host name that these browsers find on this machine."""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP {NAME} 127.0.0.1",
]


def find_chromium() -> str | None:
    """A Chromium of this machine: the one named by JACQUARD_CHROMIUM, or one on the path."""
    named = os.environ.get("JACQUARD_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: make install-dev")
    chromium = find_chromium()
    if chromium is None:
        pytest.skip("no Chromium found: install one (apt-get install chromium) or name it in JACQUARD_CHROMIUM")
    if not (ROOT / "web" / "dist" / "index.html").is_file():
        pytest.skip("the editor is not built: make web")
    api.expect.set_options(timeout=PATIENCE_MS)
    with api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


class Serving:
    """A running server: its address and its folder."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address = address
        self.folder = folder


@pytest.fixture(scope="session")
def serving(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The real server with the real nodes, and the toy nodes beside them."""
    folder = tmp_path_factory.mktemp("jacquard")
    flags = []
    if not (BUNDLED / "model_index.json").is_file():
        write_checkpoint(folder / "models" / "checkpoints" / "picturebook")
        flags = ["--models-dir", str(folder / "models")]
    command = [sys.executable, str(ROOT / "main.py"), "serve", "--no-browser", "--port", "0"]
    command += ["--data-dir", str(folder), "--nodes-module", "tests.support.server_nodes"]
    command += ["--nodes-module", "tests.support.web_nodes", *flags]
    for kind in ("vae", "loras"):
        (folder / "more-models" / kind).mkdir(parents=True)
    extra = folder / "more.yaml"
    extra.write_text("more:\n  base_path: more-models\n  vae: vae\n  loras: loras\n")
    command += ["--extra-model-paths", str(extra)]
    with (folder / "stderr.txt").open("w") as errors:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT)
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+", line)
        assert found, f"the server said {line!r}; its errors: {(folder / 'stderr.txt').read_text()}"
        yield Serving(found[0], folder)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture
def page(browser: Browser, serving: Serving) -> Iterator[Page]:
    """A page in a browser profile of its own, on the first workflow. An error in its console fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.set_default_timeout(PATIENCE_MS)
    opened.goto(new_address(serving.folder))
    opened.locator(".react-flow__node").first.wait_for()
    yield opened
    context.close()
    assert not errors


class Editor:
    """What the tests do again and again."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def node(self, node_id: str) -> Any:
        return self.page.locator(f'.react-flow__node[data-id="{node_id}"]')

    def nodes(self) -> Any:
        return self.page.locator(".react-flow__node")

    def socket(self, node_id: str, side: str, name: str) -> Any:
        kind = "target" if side == "input" else "source"
        return self.node(node_id).locator(f'.react-flow__handle.{kind}[data-handleid="{name}"]')

    def open(self, nodes: dict[str, Any], title: str = "Test", **rest: Any) -> None:
        """Open a workflow from a file."""
        text = json.dumps({"jacquard": 1, "title": title, "nodes": nodes, **rest})
        self.page.keyboard.press("Control+o")
        file = {"name": "test.json", "mimeType": "application/json", "buffer": text.encode()}
        self.page.get_by_label("Workflow file", exact=True).set_input_files(file)
        self.page.get_by_label("Title of the workflow").and_(self.page.locator(f'[value="{title}"]')).wait_for()

    def document(self) -> dict[str, Any]:
        """The document, as a download gives it."""
        with self.page.expect_download() as download:
            self.page.get_by_role("button", name="Main menu").click()
            self.page.get_by_role("menuitem", name="Download as a file").click()
        return dict(json.loads(download.value.path().read_text()))

    def canvas(self, x: float = 500, y: float = 760) -> tuple[float, float]:
        """A free place on the canvas."""
        return x, y

    def drag(self, start: Any, end: Any) -> None:
        """Press on the middle of one element, go, and let go on another element or place."""

        def middle(what: Any) -> tuple[float, float]:
            if isinstance(what, tuple):
                return what
            box = what.bounding_box()
            return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

        mouse = self.page.mouse
        mouse.move(*middle(start))
        mouse.down()
        x, y = middle(end)
        mouse.move(x - 20, y - 6, steps=4)
        mouse.move(x, y, steps=4)
        mouse.up()

    def run(self) -> None:
        self.page.keyboard.press("Control+Enter")


@pytest.fixture
def editor(page: Page) -> Editor:
    """The page with hands."""
    return Editor(page)
