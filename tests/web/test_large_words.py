"""Titles as long as a book, prompts of a megabyte, hundreds of problems: the page keeps its shape and all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

TITLE = "A long title " * 2_500
PROMPT = "a very long word " * 60_000
NAME = "n" * 3_000
INNER = {
    "title": TITLE,
    "nodes": {"1": {"type": "PrimitiveString", "inputs": {"value": PROMPT}}},
    "inputs": [{"name": NAME, "title": TITLE, "to": [["1", "value"]]}],
    "outputs": [{"name": NAME, "from": ["1", "STRING"]}],
}
NODES: dict[str, Any] = {
    "1": {"type": "CLIPTextEncode", "title": TITLE, "position": [0, 0], "inputs": {"text": PROMPT}},
    "2": {"type": "Unknown" + NAME, "position": [400, 0], "inputs": {NAME: PROMPT}},
    "3": {"type": "@inner", "position": [0, 400]},
    "4": {"type": "SaveImage", "position": [400, 400], "inputs": {"filename_prefix": NAME}},
}
REST = {
    "groups": [{"title": TITLE, "position": [-20, -60], "size": [340, 320]}],
    "notes": [{"text": PROMPT, "position": [800, 0], "size": [240, 120]}],
}
SPILLED = """() => [...document.querySelectorAll(
  '.problem-bar button, .problem-bar span, .node-problem div, .toast div, .crumbs button, .row-sockets span, .group h4'
)].filter((element) => {
  const box = element.getBoundingClientRect()
  const around = element.closest('.problem-bar, .node-problem, .toast, .crumbs, .node, .group').getBoundingClientRect()
  return box.left < around.left - 1 || box.right > around.right + 1 || box.bottom > around.bottom + 1
}).map((element) => element.className + ' ' + element.textContent.slice(0, 40))"""


def test_words_of_any_length_stay_in_their_places_and_are_all_kept(page: Page, editor: Editor) -> None:
    editor.open(NODES, title=TITLE, subworkflows={"inner": INNER}, **REST)
    opened = page.locator(".toast", has_text="Opened").bounding_box()
    assert opened and opened["height"] < 200
    editor.run()
    expect(page.locator(".problem-bar")).to_be_visible()
    assert page.evaluate(SPILLED) == []
    bar = page.locator(".problem-bar").bounding_box()
    assert bar and bar["height"] < 500
    found = editor.document()
    assert (found["title"], found["nodes"]) == (TITLE, NODES)
    assert found["subworkflows"]["inner"]["inputs"][0]["title"] == TITLE
    editor.node("3").locator("header h3").click()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Title of the sub-workflow")).to_have_value(TITLE)
    assert page.evaluate(SPILLED) == []


def test_a_prompt_of_a_megabyte_is_shown_by_its_beginning_and_edited_whole(page: Page, editor: Editor) -> None:
    editor.open({"1": NODES["1"] | {"title": "Prompt"}})
    field = editor.node("1").get_by_label("Text", exact=True)
    assert len(field.input_value()) <= 1_000
    expect(field).not_to_be_editable()
    editor.node("1").get_by_role("button", name="Edit all 1,020,000 letters").click()
    assert len(field.input_value()) == len(PROMPT)
    expect(field).to_be_editable()
    assert editor.document()["nodes"]["1"]["inputs"]["text"] == PROMPT


def test_hundreds_of_problems_are_counted_and_the_page_goes_on(page: Page, editor: Editor) -> None:
    wrong = {"type": "SaveImage", "inputs": {"images": 5}}
    editor.open({str(number): wrong | {"position": [number * 340, 0]} for number in range(1, 1_001)})
    editor.run()
    expect(page.locator(".problem-bar")).to_contain_text("things need your attention")
    expect(page.locator(".problem-bar li")).to_have_count(5)
    page.get_by_role("button", name="Hide the problems").click()
    expect(page.locator(".problem-bar")).to_have_count(0)
