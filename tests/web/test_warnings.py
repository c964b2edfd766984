"""Warnings in the editor: on the node, below the result, and a step from one to the other."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

TEXT = "the mask is empty, so nothing is painted anew; erase a part of the picture"
NODES = {
    "1": {"type": "Uneasy", "position": [0, 0], "inputs": {"text": TEXT}},
    "2": {"type": "Save", "position": [420, 0], "inputs": {"value": {"from": ["1", "INT"]}}},
}


def test_a_warning_is_on_its_node_and_below_the_result_and_again_when_the_node_is_reused(
    page: Page, editor: Editor
) -> None:
    editor.open(NODES)
    result = page.get_by_role("complementary", name="Result")
    for _ in range(2):
        editor.run()
        expect(result.get_by_role("status")).to_contain_text("Finished with 1 warning")
        mark = editor.node("1").get_by_role("button", name="1 warning")
        expect(mark).to_have_attribute("title", f"T{TEXT[1:]}.")
        expect(editor.node("2").get_by_role("button", name="1 warning")).to_have_count(0)
        expect(result.get_by_role("list", name="Warnings")).to_contain_text(TEXT[1:])
    expect(editor.node("1").locator(".badge", has_text="reused")).to_be_visible()
    page.reload()
    mark = editor.node("1").get_by_role("button", name="1 warning")
    editor.run()
    mark.click()
    card = page.get_by_role("dialog", name="What it warns of")
    expect(card).to_contain_text(TEXT[1:])
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)
    result.get_by_role("list", name="Warnings").get_by_role("button", name="Uneasy").click()
    expect(editor.node("1")).to_have_class(re.compile("selected"))


def test_a_run_without_warnings_is_finished_as_ever(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "Keep", "position": [0, 0], "inputs": {"value": 5}}})
    editor.run()
    result = page.get_by_role("complementary", name="Result")
    expect(result.get_by_role("status")).to_contain_text("Finished in")
    expect(result.get_by_role("list", name="Warnings")).to_have_count(0)
    expect(page.locator(".badge.is-warning")).to_have_count(0)
