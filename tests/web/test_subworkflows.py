"""Sub-workflows: made from nodes, opened, edited for all, run, taken apart; and why a node ran."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.web.conftest import Editor

PAINTING_MS = 100_000
NUMBER = {"type": "PrimitiveInt", "position": [0, 0], "inputs": {"value": 3}}


def count(source: str, x: float) -> dict[str, Any]:
    return {"type": "Count", "position": [x, 0], "inputs": {"value": {"from": [source, "INT"]}}}


CHAIN = {"1": NUMBER, "2": count("1", 340), "3": count("2", 680), "4": {**count("3", 1020), "type": "Keep"}}
FAILING = {
    "nodes": {"7": {"type": "@broken", "title": "Outer", "position": [0, 0]}},
    "subworkflows": {
        "broken": {
            "title": "Broken",
            "inputs": [],
            "outputs": [],
            "nodes": {"3": {"type": "Fail", "position": [0, 0], "inputs": {"message": "it is torn"}}},
        }
    },
}


def choose(editor: Editor, *ids: str) -> None:
    """Select some nodes by their headers."""
    for at, node_id in enumerate(ids):
        editor.node(node_id).locator("header h3").click(modifiers=["Control"] if at else [])


def make(page: Page, editor: Editor, *ids: str, title: str) -> None:
    """Make a sub-workflow of some nodes, and give it its name."""
    choose(editor, *ids)
    page.keyboard.press("Control+g")
    expect(page.get_by_label("Name of the sub-workflow")).to_be_focused()
    page.keyboard.type(title)
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name=title, exact=True)).to_be_visible()


def crumbs(page: Page) -> Locator:
    """Where one is."""
    return page.get_by_role("navigation", name="Where you are")


@pytest.mark.model
@pytest.mark.timeout(400)
def test_a_part_of_the_first_workflow_becomes_one_node_that_paints_and_is_kept(page: Page, editor: Editor) -> None:
    make(page, editor, "3", "5", "8", "9", title="Paint")
    instance = page.locator(".node.is-instance")
    expect(editor.nodes()).to_have_count(4)
    expect(instance.locator(".row-sockets")).to_have_count(4)
    editor.run()
    expect(instance.get_by_role("img", name="Result 1")).to_be_visible(timeout=PAINTING_MS)
    expect(instance.locator(".badge")).to_contain_text(" s")

    instance.locator("header").dblclick()
    expect(crumbs(page)).to_contain_text("used once")
    expect(editor.nodes()).to_have_count(6)
    expect(editor.node("3").locator(".badge")).to_contain_text(" s")
    expect(editor.node("9").get_by_role("img", name="Result 1")).to_be_visible()
    seed = editor.node("3").get_by_label("Seed", exact=True).input_value()
    assert seed != "42", "a seed inside moves before a run, too"
    editor.node("3").get_by_label("Seed before each run").select_option("fixed")
    editor.node("3").get_by_role("spinbutton", name="Steps").fill("7")
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("Escape")
    expect(crumbs(page)).to_have_count(0)
    page.get_by_role("button", name="Run Ctrl").click()
    expect(page.locator(".chip.is-ready")).to_be_visible(timeout=PAINTING_MS)
    expect(page.get_by_role("complementary", name="Result")).to_contain_text("reused", timeout=PAINTING_MS)

    page.keyboard.press("Control+s")
    page.get_by_label("Title", exact=True).fill("With a sub-workflow")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".save-state")).to_have_text("Saved")
    page.reload()
    instance.locator("header h3").click()
    page.keyboard.press("Enter")
    expect(editor.node("3").get_by_role("spinbutton", name="Steps")).to_have_value("7")
    document = editor.document()
    assert [sub["title"] for sub in document["subworkflows"].values()] == ["Paint"]
    assert document["subworkflows"]["sub-workflow"]["nodes"]["3"]["inputs"]["seed"] == int(seed)


def test_making_and_taking_apart_are_one_step_each_and_give_back_the_same(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    before = editor.document()
    make(page, editor, "2", "3", title="Twice")
    after = editor.document()
    assert after["nodes"]["4"]["inputs"]["value"] == {"from": ["5", "INT"]}
    assert after["subworkflows"]["sub-workflow"]["inputs"] == [{"name": "value", "to": [["2", "value"]]}]
    editor.node("5").locator("header h3").click(button="right")
    page.get_by_role("menuitem", name="Take the sub-workflow apart").click()
    expect(editor.nodes()).to_have_count(4)
    assert editor.document()["nodes"] == before["nodes"]
    page.keyboard.press("Control+z")
    expect(editor.nodes()).to_have_count(3)
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    expect(editor.nodes()).to_have_count(4)
    assert editor.document() == before


def test_nodes_that_would_feed_themselves_are_refused_with_the_reason(page: Page, editor: Editor) -> None:
    editor.open({**CHAIN, "3": {**CHAIN["3"], "title": "Between"}})
    choose(editor, "2", "4")
    page.keyboard.press("Control+g")
    expect(page.locator(".toast.is-bad")).to_contain_text("They would feed themselves through “Between”")
    expect(editor.nodes()).to_have_count(4)


def test_a_change_inside_goes_to_all_who_use_it_but_not_to_one_made_separate(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Space")
    page.get_by_role("combobox", name="Find a node").fill("once")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").first).to_contain_text("sub-workflow")
    page.keyboard.press("Enter")
    expect(page.locator(".node.is-instance")).to_have_count(2)
    page.keyboard.press("Enter")
    expect(crumbs(page)).to_contain_text("used 2 times: changes go to all")
    expect(page.get_by_role("group", name="Inputs of the sub-workflow")).to_be_visible()
    page.get_by_label("Title of the sub-workflow").fill("Add one")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_role("group", name="Add one", exact=True)).to_have_count(2)
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("separate")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Add one 2", exact=True)).to_be_visible()
    assert set(editor.document()["subworkflows"]) == {"sub-workflow", "add-one-2"}


def test_inputs_are_added_by_a_wire_named_ordered_and_removed(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "3", title="Once")
    page.keyboard.press("Enter")
    panel = page.get_by_role("group", name="Inputs of the sub-workflow")
    editor.drag(editor.socket("3", "input", "value"), panel.get_by_text("Drag a wire from here"))
    expect(panel.locator(".port-row")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(panel.locator(".port-row")).to_have_count(1)
    page.get_by_role("button", name="Output INT of Count, type INT").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="New output of this sub-workflow").focus()
    page.keyboard.press("Enter")
    outputs = page.get_by_role("group", name="Outputs of the sub-workflow")
    expect(outputs.locator(".port-row")).to_have_count(2)
    name = outputs.get_by_label("Name of the output INT_2")
    name.fill("Again")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Move Again up").click()
    page.get_by_role("button", name="Remove INT", exact=True).click()
    expect(outputs.locator(".port-row")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(editor.node("5")).to_contain_text("Again")
    document = editor.document()
    assert document["subworkflows"]["sub-workflow"]["outputs"] == [{"name": "Again", "from": ["3", "INT"]}]
    assert "value" not in document["nodes"]["4"]["inputs"]


def test_a_field_that_is_led_out_is_set_on_the_node_itself(page: Page, editor: Editor) -> None:
    editor.open({"1": NUMBER, "2": count("1", 340)})
    make(page, editor, "1", title="Number")
    page.keyboard.press("Enter")
    editor.drag(editor.socket("1", "input", "value"), page.get_by_text("Drag a wire from here"))
    page.get_by_label("Name of the input value").fill("How many")
    page.keyboard.press("Enter")
    page.keyboard.press("Escape")
    field = editor.node("3").get_by_label("How many", exact=True)
    expect(field).to_have_value("3")
    field.fill("8")
    page.keyboard.press("Enter")
    document = editor.document()
    assert document["nodes"]["3"]["inputs"] == {"How many": 8}
    assert document["subworkflows"]["sub-workflow"]["nodes"]["1"]["inputs"] == {"value": 3}


def test_the_way_out_is_in_the_menu_and_among_the_commands(page: Page, editor: Editor) -> None:
    editor.open(CHAIN)
    make(page, editor, "2", title="Once")
    page.keyboard.press("Enter")
    page.mouse.click(*editor.canvas(), button="right")
    page.get_by_role("menuitem", name="Leave the sub-workflow").click()
    expect(crumbs(page)).to_have_count(0)
    page.keyboard.press("Enter")
    expect(crumbs(page)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("leave")
    page.keyboard.press("Escape")  # it closes the list and no more
    expect(crumbs(page)).to_be_visible()
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("leave")
    page.keyboard.press("Enter")
    expect(crumbs(page)).to_have_count(0)


def test_a_reload_goes_back_to_where_one_was_inside(page: Page, editor: Editor) -> None:
    far = {"type": "PrimitiveInt", "position": [4000, 3000], "inputs": {"value": 3}}
    instance = {"type": "@part", "position": [0, 0]}
    editor.open({"7": instance}, subworkflows={"part": {"title": "Part", "nodes": {"1": far}}})
    editor.node("7").locator("header h3").click()
    page.keyboard.press("Enter")
    value = editor.node("1").get_by_label("Value", exact=True)
    expect(value).to_be_in_viewport()
    value.fill("8")
    page.keyboard.press("Enter")
    page.reload()
    expect(crumbs(page)).to_contain_text("used once")
    expect(value).to_be_in_viewport()
    expect(value).to_have_value("8")
    page.get_by_role("button", name="Back").click()
    expect(editor.node("7").locator("header")).to_be_in_viewport()


def test_undo_goes_to_where_the_edit_was_and_looks_at_it(page: Page, editor: Editor) -> None:
    far = {"type": "PrimitiveInt", "position": [4000, 3000], "inputs": {"value": 3}}
    instance = {"type": "@part", "position": [0, 0]}
    editor.open({"7": instance}, subworkflows={"part": {"title": "Part", "nodes": {"1": far}}})
    editor.node("7").locator("header h3").click()
    page.keyboard.press("Enter")
    editor.node("1").locator("header h3").click()
    page.keyboard.press("m")
    page.get_by_role("button", name="Back").click()
    expect(editor.node("7").locator("header")).to_be_in_viewport()
    page.keyboard.press("Control+z")
    expect(crumbs(page)).to_be_visible()
    expect(editor.node("1").locator("header")).to_be_in_viewport()
    expect(editor.node("1").locator(".badge")).to_have_count(0)


def test_a_failure_inside_marks_the_node_and_leads_to_the_place(page: Page, editor: Editor) -> None:
    editor.open(**FAILING)
    editor.run()
    expect(editor.node("7")).to_contain_text("Inside, at “Fail”")
    expect(editor.node("7").locator(".badge")).to_have_text("failed")
    bar = page.locator(".problem-bar")
    expect(bar).to_contain_text("It is torn.")
    bar.get_by_role("button", name="Outer › Fail").click()
    expect(page.get_by_label("Title of the sub-workflow")).to_have_value("Broken")
    expect(editor.node("3").locator(".node.is-selected.is-faulty")).to_be_visible()
    expect(editor.node("3")).to_contain_text("Write something else.")
