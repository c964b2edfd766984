"""Pictures whose files change below the page: what is shown is what is there."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving

IS_COLOUR = """([selector, wanted]) => {
  const image = document.querySelector(selector)
  if (!image?.complete || !image.naturalWidth) return false
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 1
  const context = canvas.getContext('2d')
  context.drawImage(image, 0, 0, 1, 1)
  const [red, green, blue] = context.getImageData(0, 0, 1, 1).data
  return { red: red > 127 && blue < 127, blue: blue > 127 && red < 127, lime: green > 127 && red < 127 }[wanted]
}"""
OF_NODE_1 = '[data-id="1"] .file-picture img'
OF_RECENT = ".recent-grid button:first-child img"
LOAD = {"type": "LoadImage", "position": [0, 0]}


def write(path: Path, colour: str) -> None:
    from PIL import Image

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 32), colour).save(path, "PNG")


def wait_for_colour(page: Page, selector: str, colour: str) -> None:
    page.wait_for_function(IS_COLOUR, arg=[selector, colour])


def come_back(page: Page) -> None:
    """As after working in another window."""
    page.evaluate("dispatchEvent(new Event('focus'))")


def test_the_preview_of_a_file_follows_the_file_when_one_comes_back(
    page: Page, editor: Editor, serving: Serving
) -> None:
    file = serving.folder / "input" / "follows.png"
    write(file, "red")
    editor.open({"1": {**LOAD, "inputs": {"image": "follows.png"}}})
    wait_for_colour(page, OF_NODE_1, "red")
    write(file, "blue")
    come_back(page)
    wait_for_colour(page, OF_NODE_1, "blue")
    file.unlink()
    come_back(page)
    expect(editor.node("1").locator(".file-picture").get_by_role("alert")).to_contain_text("follows.png")
    write(file, "lime")
    come_back(page)
    wait_for_colour(page, OF_NODE_1, "lime")


def test_the_preview_of_a_file_follows_the_file_after_a_run(page: Page, editor: Editor, serving: Serving) -> None:
    file = serving.folder / "input" / "runs.png"
    write(file, "red")
    save = {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "fresh"}
    editor.open(
        {
            "1": {**LOAD, "inputs": {"image": "runs.png"}},
            "2": {"type": "SaveImage", "position": [400, 0], "inputs": save},
        }
    )
    wait_for_colour(page, OF_NODE_1, "red")
    write(file, "blue")
    editor.run()
    wait_for_colour(page, OF_NODE_1, "blue")
    wait_for_colour(page, '[data-id="2"] .picture img', "blue")


def test_pictures_in_the_strip_and_gallery_follow_files_that_are_written_over_or_deleted(
    page: Page, editor: Editor, serving: Serving
) -> None:
    write(serving.folder / "input" / "gallery.png", "red")
    save = {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "written-over"}
    editor.open(
        {
            "1": {**LOAD, "inputs": {"image": "gallery.png"}},
            "2": {"type": "SaveImage", "position": [400, 0], "inputs": save},
        }
    )
    editor.run()
    wait_for_colour(page, OF_RECENT, "red")
    (saved,) = serving.folder.glob("output/**/written-over*.png")
    write(saved, "blue")
    come_back(page)
    wait_for_colour(page, OF_RECENT, "blue")
    wait_for_colour(page, '[data-id="2"] .picture img', "blue")
    wait_for_colour(page, ".result-picture img", "blue")
    page.get_by_role("button", name="Gallery").click()
    wait_for_colour(page, ".gallery button:first-child img", "blue")
    saved.unlink()
    come_back(page)
    expect(page.locator(".gallery").get_by_role("button", name=saved.name)).to_have_count(0)


def test_a_picture_whose_file_is_gone_says_so(page: Page, editor: Editor, serving: Serving) -> None:
    write(serving.folder / "input" / "gone.png", "red")
    save = {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "soon-gone"}
    editor.open(
        {
            "1": {**LOAD, "inputs": {"image": "gone.png"}},
            "2": {"type": "SaveImage", "position": [400, 0], "inputs": save},
        }
    )
    # what is asked for after it was deleted, as by a browser that has not seen it yet
    page.route("**/soon-gone*", lambda route: route.continue_(url=route.request.url.replace("soon-gone", "no-more")))
    editor.run()
    expect(editor.node("2").get_by_label("Result 1: no longer there")).to_be_visible()


@pytest.mark.parametrize("name", ["two words.png", "größe #1 100%.png"])
def test_a_preview_is_found_whatever_the_file_is_called(
    page: Page, editor: Editor, serving: Serving, name: str
) -> None:
    write(serving.folder / "input" / name, "red")
    editor.open({"1": {**LOAD, "inputs": {"image": name}}})
    wait_for_colour(page, OF_NODE_1, "red")
