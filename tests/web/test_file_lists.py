"""Choosing a file in the editor: long lists, odd names, and names as other systems write them."""

from __future__ import annotations

import shutil
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from tests.web.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving

PICTURE = ROOT / "workflows" / "pictures" / "house-sketch.png"
COUNT = 300
ODD = ("12:30.png", "what?.png", "a\\b.png", "100%.png", "a#b.png", "two  blanks.png", "new\nline.png")


@pytest.fixture
def inputs(serving: Serving) -> Iterator[Path]:
    """The input folder, which is as before afterwards."""
    folder = serving.folder / "input"
    before = set(folder.iterdir())
    yield folder
    for path in set(folder.iterdir()) - before:
        path.unlink()


def load(image: str, x: int = 0) -> dict[str, Any]:
    return {"type": "LoadImage", "position": [x, 0], "inputs": {"image": image}}


def test_a_long_list_is_in_the_page_where_somebody_reaches_for_it_only(
    page: Page, editor: Editor, inputs: Path
) -> None:
    for number in range(COUNT):
        (inputs / f"many {number:03}.png").touch()
    shutil.copy(PICTURE, inputs / "many 299.png")
    editor.open({str(each): load(f"many {each:03}.png", 300 * each) for each in range(3)})
    lists = [editor.node(str(each)).get_by_label("Picture", exact=True) for each in range(3)]
    for each, field in enumerate(lists):
        expect(field).to_have_value(f"many {each:03}.png")
        expect(field.locator("option")).to_have_count(1)
    lists[1].focus()
    expect(lists[1].locator("option").nth(COUNT - 1)).to_be_attached()
    expect(lists[0].locator("option")).to_have_count(1)
    lists[1].select_option("many 299.png")
    lists[2].focus()
    expect(lists[1].locator("option")).to_have_count(1)
    expect(lists[1]).to_have_value("many 299.png")
    assert editor.document()["nodes"]["1"]["inputs"]["image"] == "many 299.png"


def test_a_picture_of_any_name_in_the_list_is_shown_and_loaded(page: Page, editor: Editor, inputs: Path) -> None:
    for name in ODD:
        shutil.copy(PICTURE, inputs / name)
    save = {
        "type": "SaveImage",
        "position": [420, 0],
        "inputs": {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "%LoadImage.image%"},
    }
    editor.open({"1": load("house-sketch.png"), "2": save})
    for name in ODD:
        editor.node("1").get_by_label("Picture", exact=True).select_option(value=name)
        shown = editor.node("1").locator(".file-picture img")
        expect(shown).to_have_attribute("alt", name)
        expect(shown).to_have_js_property("naturalWidth", 128)
    editor.run()
    expect(editor.node("2").locator("img").first).to_have_js_property("complete", value=True)


def test_a_name_is_chosen_however_its_accents_are_written(page: Page, editor: Editor, inputs: Path) -> None:
    there = unicodedata.normalize("NFD", "café.png")
    shutil.copy(PICTURE, inputs / there)
    editor.open({"1": load(unicodedata.normalize("NFC", there))})
    expect(editor.node("1").get_by_label("Picture", exact=True)).to_have_value(there)
    expect(editor.node("1").locator(".is-strange")).to_have_count(0)


def test_a_saved_workflow_that_cannot_be_opened_is_named_in_the_list(
    page: Page, editor: Editor, serving: Serving
) -> None:
    folder = serving.folder / "data" / "workflows"
    folder.mkdir(exist_ok=True)
    link = folder / "lost.json"
    link.symlink_to("nowhere.json")
    try:
        page.keyboard.press("Control+o")
        expect(page.get_by_text("Left out: lost.json (the link leads nowhere)")).to_be_visible()
    finally:
        link.unlink()
