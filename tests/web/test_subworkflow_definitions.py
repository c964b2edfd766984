"""Definitions of sub-workflows: their names, copies that bring them along, those that are missing or unused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from tests.web.test_subworkflows import CHAIN, NUMBER, crumbs, make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor


def test_each_node_that_uses_one_may_have_a_title_of_its_own_and_keeps_it(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Control+d")
    expect(page.locator(".node.is-instance")).to_have_count(2)
    page.keyboard.press("F2")
    page.keyboard.type("The second one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="The second one", exact=True)).to_contain_text("Once · sub-workflow")
    page.get_by_role("group", name="Once", exact=True).locator("h3").dblclick()
    title = page.get_by_label("Title of the node")
    expect(title).to_have_value("Once")
    title.fill("The first one")
    page.keyboard.press("Enter")
    titles = [node.get("title") for node in editor.document()["nodes"].values() if node["type"] == "@sub-workflow"]
    assert titles == ["The first one", "The second one"]
    page.keyboard.press("Control+z")
    expect(page.get_by_role("group", name="Once", exact=True)).to_be_visible()
    page.keyboard.press("Control+Shift+z")
    page.reload()
    for name in ("The first one", "The second one"):
        expect(page.get_by_role("group", name=name, exact=True)).to_contain_text("Once · sub-workflow")
    # without one it has that of its sub-workflow again
    page.get_by_role("group", name="The first one", exact=True).locator("h3").dblclick()
    title.fill("")
    page.keyboard.press("Enter")
    assert editor.document()["nodes"]["5"].get("title") is None


def test_the_name_of_a_sub_workflow_is_that_of_all_who_use_it(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Control+d")
    page.get_by_role("group", name="Once", exact=True).first.locator("h3").click(button="right")
    page.get_by_role("menuitem", name="Rename the sub-workflow").click()
    page.keyboard.type("Add one")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Add one", exact=True)).to_have_count(2)
    assert editor.document()["subworkflows"]["sub-workflow"]["title"] == "Add one"
    # a double-click beside the title opens it
    page.get_by_role("group", name="Add one", exact=True).first.locator("header p").dblclick()
    expect(crumbs(page)).to_contain_text("used 2 times")


def test_copies_bring_their_definition_into_another_document(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", "3", title="Twice")
    page.keyboard.press("Control+c")
    editor.open({"1": NUMBER}, title="Other")
    page.keyboard.press("Control+v")
    expect(page.get_by_role("group", name="Twice", exact=True)).to_be_visible()
    page.keyboard.press("Control+v")
    assert list(editor.document()["subworkflows"]) == ["sub-workflow"]
    page.keyboard.press("Enter")
    page.keyboard.press("Control+v")
    expect(page.locator(".toast.is-bad")).to_contain_text("“Twice” would contain itself")


def test_a_copy_goes_into_one_that_only_has_the_same_id_elsewhere(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="From here")
    page.keyboard.press("Control+c")
    editor.open(CHAIN, title="Other")
    make(page, editor, "2", "3", title="Over there")
    page.keyboard.press("Enter")
    expect(crumbs(page)).to_be_visible()
    page.keyboard.press("Control+v")
    expect(page.get_by_role("group", name="From here", exact=True)).to_be_visible()
    subs = editor.document()["subworkflows"]
    assert {key: sub["title"] for key, sub in subs.items()} == {
        "sub-workflow": "Over there",
        "sub-workflow-2": "From here",
    }


def test_a_copy_within_a_document_uses_what_its_original_does_also_after_a_change(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Control+c")
    page.keyboard.press("Enter")
    page.get_by_label("Title of the sub-workflow").fill("Add one")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Back").click()
    page.keyboard.press("Control+v")
    expect(page.get_by_role("group", name="Add one", exact=True)).to_have_count(2)
    assert list(editor.document()["subworkflows"]) == ["sub-workflow"]


def test_a_missing_definition_is_shown_and_kept(page: Page, editor: Editor) -> None:
    node = {"type": "@gone", "position": [0, 0], "inputs": {"strength": 2}}
    editor.open({"1": node})
    expect(editor.node("1")).to_contain_text("its sub-workflow is missing")
    assert editor.document()["nodes"]["1"] == node


def test_a_definition_that_nothing_uses_goes_when_told_to_and_comes_back(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Delete")
    assert "subworkflows" in editor.document()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("unused")
    page.keyboard.press("Enter")
    expect(page.locator(".toast").last).to_contain_text("Deleted “Once”")
    assert "subworkflows" not in editor.document()
    page.keyboard.press("Control+z")
    assert "subworkflows" in editor.document()
