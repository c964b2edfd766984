"""Building a graph: the first screen, palette, wires and their refusals, fields, history, clipboard, modes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

NUMBER = {"type": "PrimitiveInt", "position": [0, 0], "inputs": {"value": 3}}
TEXT = {"type": "PrimitiveString", "position": [0, 200], "inputs": {"value": "hello"}}
COUNT = {"type": "Count", "position": [420, 0], "inputs": {}}
KEEP = {"type": "Keep", "position": [840, 0], "inputs": {}}


def test_the_first_screen_shows_a_working_graph_its_prompt_and_the_place_of_the_result(
    page: Page, editor: Editor
) -> None:
    expect(page.get_by_label("Title of the workflow")).to_have_value("Text to image")
    expect(editor.nodes()).to_have_count(7)
    expect(page.locator(".react-flow__edge")).to_have_count(9)
    expect(editor.node("6").get_by_label("Text", exact=True)).to_be_in_viewport()
    expect(page.get_by_role("complementary", name="Result")).to_contain_text("Your picture appears here")
    expect(page.get_by_role("button", name="Run Ctrl")).to_be_enabled()
    expect(page.get_by_text("Ready", exact=True)).to_be_visible()


def test_the_keys_of_an_input_method_choose_its_letters_and_nothing_on_the_page(page: Page, editor: Editor) -> None:
    press = """(element, composing) => element.dispatchEvent(new KeyboardEvent('keydown', {
      key: 'Enter', isComposing: composing, bubbles: true, cancelable: true,
    }))"""
    editor.open({"1": NUMBER})
    page.mouse.dblclick(*editor.canvas())
    search = page.get_by_role("combobox", name="Find a node")
    search.fill("blur")
    search.evaluate(press, True)
    expect(search).to_have_value("blur")
    expect(editor.nodes()).to_have_count(1)
    search.evaluate(press, False)
    expect(editor.nodes()).to_have_count(2)
    editor.node("1").locator("header h3").click()
    page.keyboard.press("F2")
    title = page.locator(".node-title-field")
    title.fill("かず")
    title.evaluate(press, True)
    expect(title).to_be_focused()
    title.evaluate(press, False)
    expect(editor.node("1").locator("header h3")).to_have_text("かず")


def test_a_node_is_added_by_double_click_search_and_enter(page: Page, editor: Editor) -> None:
    page.mouse.dblclick(*editor.canvas())
    search = page.get_by_role("combobox", name="Find a node")
    expect(search).to_be_focused()
    search.fill("blur")
    expect(page.get_by_role("listbox", name="Found").get_by_role("option").first).to_contain_text("Blur Image")
    page.keyboard.press("Enter")
    expect(editor.nodes()).to_have_count(8)
    expect(page.get_by_role("group", name="Blur Image")).to_be_visible()
    assert editor.document()["nodes"]["10"]["type"] == "ImageBlur"


def test_space_opens_the_palette_and_escape_closes_it(page: Page, editor: Editor) -> None:
    page.keyboard.press("Space")
    expect(page.get_by_role("dialog", name="Add a node")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Add a node")).to_have_count(0)
    expect(editor.nodes()).to_have_count(7)


def test_a_wire_dropped_on_the_canvas_offers_only_what_fits_and_joins_it(page: Page, editor: Editor) -> None:
    editor.drag(editor.socket("8", "output", "IMAGE"), editor.canvas(700, 780))
    palette = page.get_by_role("dialog", name="Add a node")
    expect(palette).to_contain_text("Takes a picture (IMAGE)")
    expect(palette.get_by_role("option", name="Blur Image")).to_have_count(1)
    expect(palette.get_by_role("option", name="Load Checkpoint")).to_have_count(0)
    page.get_by_role("combobox", name="Find a node").fill("preview image")
    page.keyboard.press("Enter")
    expect(editor.nodes()).to_have_count(8)
    assert editor.document()["nodes"]["10"]["inputs"]["images"] == {"from": ["8", "IMAGE"]}


def test_sockets_are_joined_by_dragging_and_refused_with_the_reason(page: Page, editor: Editor) -> None:
    editor.open({"1": NUMBER, "2": TEXT, "3": COUNT})
    editor.drag(editor.socket("1", "output", "INT"), editor.socket("3", "input", "value"))
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    expect(editor.node("3")).to_contain_text("from Whole Number")
    editor.drag(editor.socket("2", "output", "STRING"), editor.socket("3", "input", "value"))
    expect(page.locator(".toast.is-bad")).to_contain_text("This wire carries text, but the input wants a whole number.")
    assert editor.document()["nodes"]["3"]["inputs"]["value"] == {"from": ["1", "INT"]}


def test_a_wire_that_would_close_a_loop_is_refused(page: Page, editor: Editor) -> None:
    second = {**COUNT, "position": [840, 0], "inputs": {"value": {"from": ["1", "INT"]}}}
    editor.open({"1": {**COUNT, "position": [420, 0]}, "2": second})
    editor.drag(editor.socket("2", "output", "INT"), editor.socket("1", "input", "value"))
    expect(page.locator(".toast.is-bad")).to_contain_text("This would close a loop")


def test_sockets_are_joined_by_keyboard_alone(page: Page, editor: Editor) -> None:
    editor.open({"1": NUMBER, "3": COUNT})
    editor.socket("1", "output", "INT").focus()
    page.keyboard.press("Enter")
    editor.socket("3", "input", "value").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".react-flow__edge")).to_have_count(1)


def test_fields_take_numbers_text_choices_switches_and_seeds(page: Page, editor: Editor) -> None:
    sampler = editor.node("3")
    steps = sampler.get_by_role("spinbutton", name="Steps")
    steps.click()
    steps.fill("4*3")
    page.keyboard.press("Enter")
    expect(steps).to_have_value("12")
    steps.focus()
    page.keyboard.press("ArrowUp")
    expect(steps).to_have_value("13")
    box = steps.bounding_box()
    assert box is not None
    page.keyboard.press("Escape")
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    editor.drag(middle, (middle[0] + 40, middle[1]))
    expect(steps).to_have_value("23")
    sampler.get_by_label("Scheduler", exact=True).select_option("normal")
    seed = sampler.get_by_label("Seed", exact=True)
    seed.fill("18446744073709551615")
    seed.press("Enter")
    sampler.get_by_label("Seed before each run").select_option("fixed")
    editor.node("6").get_by_label("Text", exact=True).fill("a blue boat\non the sea")
    nodes = editor.document()["nodes"]
    assert nodes["3"]["inputs"]["steps"] == 23
    assert nodes["3"]["inputs"]["scheduler"] == "normal"
    assert nodes["3"]["inputs"]["seed"] == 18446744073709551615
    assert nodes["3"]["seeds"] == {"seed": "fixed"}
    assert nodes["6"]["inputs"]["text"] == "a blue boat\non the sea"


def test_a_switch_says_its_state(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "PrimitiveBoolean", "position": [0, 0], "inputs": {"value": False}}})
    switch = editor.node("1").get_by_role("switch", name="Value")
    expect(switch).not_to_be_checked()
    switch.click()
    expect(switch).to_be_checked()


def test_undo_and_redo_go_step_by_step_and_typing_is_one_step(page: Page, editor: Editor) -> None:
    text = editor.node("6").get_by_label("Text", exact=True)
    text.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(", at night")
    expect(text).to_have_value("a red cat in a meadow, at night")
    page.keyboard.press("Control+z")
    expect(text).to_have_value("a red cat in a meadow")
    page.keyboard.press("Control+Shift+z")
    expect(text).to_have_value("a red cat in a meadow, at night")
    expect(page.get_by_role("button", name="Redo")).to_be_disabled()


def test_a_drag_is_one_step_and_undo_brings_the_node_back(page: Page, editor: Editor) -> None:
    before = editor.node("8").bounding_box()
    head = editor.node("8").locator("header h3")
    box = head.bounding_box()
    assert before is not None
    assert box is not None
    editor.drag(head, (box["x"] + 30, box["y"] - 90))
    page.wait_for_function(
        "y => document.querySelector('[data-id=\"8\"]').getBoundingClientRect().y < y - 50", arg=before["y"]
    )
    page.keyboard.press("Control+z")
    page.wait_for_function(
        "y => Math.abs(document.querySelector('[data-id=\"8\"]').getBoundingClientRect().y - y) < 2", arg=before["y"]
    )


def test_copy_and_paste_keep_wires_inside_and_cut_and_delete_remove(page: Page, editor: Editor) -> None:
    editor.open({"1": NUMBER, "3": {**COUNT, "inputs": {"value": {"from": ["1", "INT"]}}}})
    page.keyboard.press("Control+a")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(editor.nodes()).to_have_count(4)
    nodes = editor.document()["nodes"]
    assert nodes["5"]["inputs"]["value"] == {"from": ["4", "INT"]}
    page.keyboard.press("Control+x")
    expect(editor.nodes()).to_have_count(2)
    copied = page.evaluate("navigator.clipboard.readText()")
    assert set(json.loads(copied)["nodes"]) == {"4", "5"}
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    expect(editor.nodes()).to_have_count(0)
    expect(page.get_by_text("An empty loom")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(editor.nodes()).to_have_count(2)


def test_nodes_are_muted_and_bypassed_by_key(page: Page, editor: Editor) -> None:
    editor.node("8").locator("header h3").click()
    page.keyboard.press("m")
    expect(editor.node("8")).to_contain_text("muted")
    page.keyboard.press("b")
    expect(editor.node("8")).to_contain_text("bypassed")
    assert editor.document()["nodes"]["8"]["mode"] == "bypassed"
    editor.node("8").locator("header h3").click()
    page.keyboard.press("b")
    expect(editor.node("8")).not_to_contain_text("bypassed")


def test_a_node_is_renamed(page: Page, editor: Editor) -> None:
    editor.node("8").locator("header h3").click()
    page.keyboard.press("F2")
    page.get_by_label("Title of the node").fill("To pixels")
    page.keyboard.press("Enter")
    expect(editor.node("8").locator("h3")).to_have_text("To pixels")
    expect(editor.node("8").locator("header")).to_contain_text("VAE Decode · VAEDecode")


def test_a_wire_is_pulled_off_its_input(page: Page, editor: Editor) -> None:
    editor.open({"1": NUMBER, "3": {**COUNT, "inputs": {"value": {"from": ["1", "INT"]}}}})
    page.locator(".react-flow__edge").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Delete")
    expect(page.locator(".react-flow__edge")).to_have_count(0)


def test_unknown_nodes_keep_their_data(page: Page, editor: Editor) -> None:
    strange = {
        "type": "FromAPackThatIsNotHere",
        "position": [0, 0],
        "inputs": {"strength": 0.5, "big": 9007199254740993, "shape": {"value": {"a": [1, 2]}}},
        "colour_of_the_author": "mauve",
    }
    editor.open({"10": strange, "4": {**COUNT, "inputs": {"value": {"from": ["10", "THREAD"]}}}})
    expect(editor.node("10")).to_contain_text("not installed")
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    kept = editor.document()["nodes"]
    assert kept["10"] == strange
    assert list(kept) == ["10", "4"]


def test_help_says_what_a_node_does(page: Page, editor: Editor) -> None:
    page.get_by_role("button", name="What is Sampler?").click()
    expect(page.get_by_role("dialog", name="About Sampler")).to_contain_text("start from noise")


def test_the_command_palette_and_the_list_of_shortcuts_share_the_commands(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Find a command").fill("shortcuts")
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Keyboard and mouse")
    expect(dialog).to_contain_text("Ctrl + Enter")
    expect(dialog).to_contain_text("Bypass or activate")
