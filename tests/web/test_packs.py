"""Broken packs in the editor: named in a calm place with the cause, in nobody's way, and loaded again when mended."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.bad_packs import ENDING, NODE, write_packs
from tests.support.serving import Server
from tests.support.signing_in import new_address
from tests.web.conftest import Editor

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, Page

ALONE = {"1": {"type": "Good", "position": [0, 0], "inputs": {}}}
NODES = {
    "2": {"type": "Missing", "position": [0, 0], "inputs": {}},
    "3": {"type": "Good", "position": [420, 0], "inputs": {"text": {"from": ["2", "STRING"]}}},
}
"""The first is of a pack that crashes."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Packs: one is well, one crashes, one lacks a library, one takes a taken id, and one replaces something."""
    return write_packs(
        tmp_path / "packs",
        {
            "good": NODE.format(id="Good"),
            "crashes": ENDING["segfault"] + NODE.format(id="Missing"),
            "lacks": NODE.format(id="Other") + "\nimport a_library_that_is_not_there",
            "takes": NODE.format(id="Good"),
            "tidies": "import json, os\njson.loads = None\nos.chdir('/')",
        },
    )


@pytest.fixture
def page(browser: Browser, folder: Path, tmp_path: Path) -> Iterator[Page]:
    """A page of a server with these packs; an error in its console fails the test."""
    server = Server(tmp_path, "--packs-dir", str(folder)).start()
    context = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light")
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.goto(new_address(tmp_path))
    opened.locator(".react-flow__node").first.wait_for()
    yield opened
    context.close()
    server.stop()
    assert not errors


def test_broken_packs_are_named_and_nothing_else_is_stopped(page: Page, folder: Path) -> None:
    chip = page.get_by_role("button", name="2 packs left out")
    expect(chip).to_be_visible()
    editor = Editor(page)
    editor.open(ALONE)
    editor.run()
    expect(page.get_by_role("complementary", name="Result").get_by_role("status")).to_contain_text("Finished in")
    editor.open(NODES)
    expect(editor.node("2")).to_contain_text("pack crashes was left out")
    editor.run()
    expect(editor.node("2")).to_contain_text("because pack 'crashes' was left out (crashes.py:1: the process crashes")

    chip.click()
    packs = page.get_by_role("dialog", name="Node packs")
    wrong = packs.get_by_role("list", name="Packs to look at").get_by_role("listitem")
    expect(wrong).to_have_count(4)
    expect(wrong.nth(0)).to_contain_text("crashes")
    expect(wrong.nth(0)).to_contain_text("crashes.py:1")
    expect(wrong.nth(0)).to_contain_text("Nodes that are missing: Missing.")
    expect(wrong.nth(1)).to_contain_text("No module named 'a_library_that_is_not_there'")
    expect(packs).not_to_contain_text("Traceback")
    wrong.nth(1).get_by_role("button", name="Details").click()
    expect(wrong.nth(1)).to_contain_text("Traceback")
    expect(wrong.nth(2)).to_contain_text("node 'Good' is in custom_nodes.good and in custom_nodes.takes")
    expect(wrong.nth(3)).to_contain_text("json.loads, the working folder")
    expect(packs.get_by_role("list", name="Packs that are well")).to_contain_text("good1 node")


def test_in_a_narrow_window_run_stays_in_sight_whatever_else_the_bar_says(page: Page) -> None:
    expect(page.get_by_role("button", name="2 packs left out")).to_be_visible()
    page.evaluate("() => { IDBDatabase.prototype.transaction = () => { throw new Error('The disk is full.') } }")
    editor = Editor(page)
    editor.open(ALONE, title="Narrow")
    page.set_viewport_size({"width": 390, "height": 844})
    bar = page.locator(".topbar")
    for name in ("2 packs left out", "Not kept", "Undo", "Add a node", "The queue of runs", "Run"):
        expect(bar.get_by_role("button", name=re.compile(f"^{name}( |$)"))).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_mended_packs_are_loaded_again_from_the_editor(page: Page, folder: Path) -> None:
    page.get_by_role("button", name="2 packs left out").click()
    packs = page.get_by_role("dialog", name="Node packs")
    write_packs(
        folder,
        {"crashes": NODE.format(id="Missing"), "lacks": NODE.format(id="Other"), "takes": NODE.format(id="Fifth")},
    )
    (folder / "tidies.py").unlink()
    packs.get_by_role("button", name="Load the packs again").click()
    expect(packs.get_by_role("list", name="Packs that are well").get_by_role("listitem")).to_have_count(4)
    expect(packs.get_by_role("list", name="Packs to look at").get_by_role("listitem")).to_have_count(0)
    packs.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="left out")).to_have_count(0)
