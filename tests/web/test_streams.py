"""Streams, lazy inputs and types that flow through, as they are drawn; why a node ran, or did not have to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PIL import Image
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving


def stream(**save: Any) -> dict[str, Any]:
    """Numbers, of which each is saved and all are added up."""
    return {
        "1": {"type": "EachNumber", "position": [0, 0], "inputs": {"stop": 4}},
        "2": {"type": "SaveItem", "position": [340, -120], "inputs": {"value": {"from": ["1", "INT"]}, **save}},
        "3": {"type": "AddUp", "position": [340, 120], "inputs": {"values": {"from": ["1", "INT"]}}},
    }


def test_items_are_counted_and_the_last_pictures_shown_while_it_goes_on(
    page: Page, editor: Editor, tmp_path: Path
) -> None:
    gate = tmp_path / "go"
    editor.open(stream(gate=str(gate)))
    editor.run()
    expect(editor.node("2").locator(".badge")).to_contain_text(" of 4")
    result = page.get_by_role("complementary", name="Result")
    expect(result.get_by_role("img", name="Result of the last run")).to_be_visible()
    gate.touch()
    expect(editor.node("2").locator(".badge")).to_have_text("4 items")
    expect(result.get_by_role("button", name="Look at picture")).to_have_count(4)


def test_pictures_of_a_stream_stand_in_the_order_of_the_items(page: Page, editor: Editor, tmp_path: Path) -> None:
    gate = tmp_path / "go"
    editor.open(stream(gate=str(gate)))
    editor.run()
    strip = page.get_by_role("complementary", name="Result").locator(".result-batch img")
    expect(strip).to_have_count(3)  # the third item waits, the fourth does not
    before = {image.get_attribute("src") for image in strip.all()}
    gate.touch()
    expect(strip).to_have_count(4)
    for _ in range(2):
        sources = [image.get_attribute("src") for image in strip.all()]
        assert [at for at, source in enumerate(sources) if source not in before] == [2]
        page.reload()
        expect(strip).to_have_count(4)


def test_items_that_failed_are_one_line_that_opens(page: Page, editor: Editor) -> None:
    editor.open(stream(refuse=1))
    editor.run()
    bar = page.locator(".problem-bar")
    expect(bar).to_contain_text("1 of 4 items failed.")
    expect(editor.node("2").locator(".badge")).to_have_text("1 of 4 failed")
    bar.get_by_role("button", name="Which ones?").click()
    expect(bar.locator(".failed-items")).to_contain_text("1 cannot be saved")
    bar.get_by_role("button", name="Save Item").click()
    expect(editor.node("2").locator(".node.is-selected")).to_be_visible()
    bar.get_by_role("button", name="Hide the problems").click()
    expect(bar).to_have_count(0)


def test_a_folder_with_a_broken_picture_gives_the_others_and_names_the_broken_one(
    page: Page, editor: Editor, serving: Serving
) -> None:
    folder = serving.folder / "input" / "some broken"
    folder.mkdir(parents=True)
    for at in range(4):
        Image.new("RGB", (16, 16), (60 * at, 0, 0)).save(folder / f"{at}.png")
    (folder / "2.png").write_bytes((folder / "2.png").read_bytes()[:50])
    load = {"folder": "some broken", "on_error": "skip"}
    save = {"images": {"from": ["1", "IMAGE"]}}
    editor.open(
        {
            "1": {"type": "LoadImagesFromFolder", "position": [0, 0], "inputs": load},
            "2": {"type": "SaveImage", "position": [380, 0], "inputs": save},
        }
    )
    editor.run()
    expect(editor.node("2").locator(".badge")).to_have_text("3 items")
    expect(editor.node("1").locator(".badge")).to_have_text("1 failed")
    bar = page.locator(".problem-bar")
    bar.get_by_role("button", name="Which ones?").click()
    expect(bar.locator(".failed-items")).to_contain_text("2.png cannot be used")
    expect(editor.node("2").get_by_role("img")).to_have_count(3)


def test_streams_lists_and_lazy_inputs_are_drawn_and_named_as_such(page: Page, editor: Editor) -> None:
    nodes = stream()
    del nodes["2"]["inputs"]["value"]
    editor.open({**nodes, "4": {"type": "Pick", "position": [680, 0]}})
    expect(page.get_by_role("button", name="Output INT of Each Number, type INT, a stream")).to_be_visible()
    expect(page.get_by_role("button", name="Input Values of Add Up, type INT, collects")).to_be_visible()
    expect(page.get_by_role("button", name="Input Then of Pick, type INT, only when needed")).to_be_visible()
    expect(page.locator(".wire.is-stream")).to_have_count(1)
    editor.drag(editor.socket("1", "output", "INT"), editor.socket("2", "input", "value"))
    expect(page.locator(".wire.is-stream")).to_have_count(2)
    expect(page.locator(".toast").last).to_contain_text("“Save Item” now runs once for each item")


def loop(**inputs: Any) -> dict[str, Any]:
    """For Each over six numbers, with a node inside that gets the number."""
    to = [["1", name] for name in ("value", *inputs)]
    turn = {"title": "Turn", "inputs": [{"name": "item", "to": to}], "outputs": [{"name": "out", "from": ["2", "INT"]}]}
    turn["inputs"][0]["to"].append(["2", "value"])  # type: ignore[index]
    inner = {"1": {"type": "SaveItem", "position": [0, 0]}, "2": {"type": "Count", "position": [340, 0]}}
    each = {"items": {"from": ["1", "INT"]}, "body": "turn"}
    nodes = {
        "1": {"type": "EachNumber", "position": [0, 0], "inputs": {"stop": 6}},
        "2": {"type": "ForEach", "position": [340, 0], "inputs": each},
        "3": {"type": "AddUp", "position": [680, 0], "inputs": {"values": {"from": ["2", "output"]}}},
    }
    return {"nodes": nodes, "subworkflows": {"turn": {**turn, "nodes": inner}}}


def test_a_loop_shows_how_far_it_is_and_inside_what_its_last_turn_did(page: Page, editor: Editor) -> None:
    editor.open(**loop())
    editor.run()
    expect(editor.node("3").locator(".badge")).to_contain_text(" s")
    expect(page.get_by_role("complementary", name="Result").locator(".result-batch img")).to_have_count(6)
    editor.node("2").locator("header h3").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text("nodes show the last turn")
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")


def test_a_while_goes_on_until_it_is_told_to_end_and_shows_its_last_turn(page: Page, editor: Editor) -> None:
    count = {"type": "Count", "position": [0, 0]}
    below = {"type": "Below", "position": [340, 0], "inputs": {"value": {"from": ["1", "INT"]}, "limit": 70_103}}
    outputs = [{"name": "state", "from": ["1", "INT"]}, {"name": "go_on", "from": ["2", "BOOLEAN"]}]
    turn = {"title": "Turn", "inputs": [{"name": "state", "to": [["1", "value"]]}], "outputs": outputs}
    begin = {"type": "PrimitiveInt", "position": [0, 0], "inputs": {"value": 70_100}}  # as in no other test
    loop = {"state": {"from": ["1", "INT"]}, "body": "turn"}
    nodes = {
        "1": begin,
        "2": {"type": "While", "position": [340, 0], "inputs": loop},
        "3": {"type": "Save", "position": [680, 0], "inputs": {"value": {"from": ["2", "output"]}}},
    }
    editor.open(nodes, subworkflows={"turn": {**turn, "nodes": {"1": count, "2": below}}})
    expect(page.get_by_role("button", name="Output output of While, type INT")).to_be_visible()
    editor.run()
    expect(editor.node("3").locator(".badge")).to_contain_text(" s")
    badge = editor.node("2").locator(".badge")
    expect(badge).to_contain_text(" s")
    badge.click()
    card = page.get_by_role("dialog", name="Why did While run?")
    expect(card).to_contain_text("Inside, ")
    page.keyboard.press("Escape")
    editor.node("2").get_by_role("button", name="Open Turn").click()
    expect(page.get_by_role("navigation", name="Where you are")).to_contain_text("nodes show the last turn")
    for node in ("1", "2"):
        expect(editor.node(node).locator(".badge")).to_contain_text(" s")


def test_a_loop_that_fails_in_every_turn_names_the_first_and_counts_the_others(page: Page, editor: Editor) -> None:
    editor.open(**loop(refuse=True))  # what it is to refuse is the number that it gets
    editor.run()
    expect(editor.node("2").locator(".badge")).to_have_text("failed")
    problems = editor.node("2").locator(".node-problem")
    expect(problems.last).to_contain_text("more problems inside")
    expect(problems).to_have_count(4)


def test_a_branch_that_was_not_taken_says_that_it_was_not_needed(page: Page, editor: Editor) -> None:
    def number(value: int, y: int) -> dict[str, Any]:
        return {"type": "PrimitiveInt", "position": [0, y], "inputs": {"value": value}}

    count = {"type": "Count", "position": [340, 200], "inputs": {"value": {"from": ["2", "INT"]}}}
    ways = {"then": {"from": ["1", "INT"]}, "otherwise": {"from": ["3", "INT"]}}
    keep = {"type": "Keep", "position": [1020, 0], "inputs": {"value": {"from": ["4", "output"]}}}
    choose = {"type": "If", "position": [680, 0], "inputs": ways}
    # no other test has such numbers, so that all of them are new
    editor.open({"1": number(70_001, 0), "2": number(70_002, 200), "3": count, "4": choose, "5": keep})
    editor.run()
    expect(editor.node("5").locator(".badge")).to_contain_text(" s")
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")
    for node in ("2", "3"):
        expect(editor.node(node).locator(".badge")).to_have_text("not needed")
    editor.node("3").locator(".badge").click()
    expect(page.get_by_role("dialog", name="Why did Count run?")).to_contain_text("this run did not need it")


def test_the_type_that_flows_in_flows_out_and_what_does_not_fit_is_refused(page: Page, editor: Editor) -> None:
    text = {"type": "PrimitiveString", "position": [0, 0], "inputs": {"value": "hello"}}
    through = {"type": "Through", "position": [340, 0], "inputs": {"value": {"from": ["1", "STRING"]}}}
    editor.open({"1": text, "2": through, "3": {"type": "Count", "position": [680, 0]}})
    expect(page.get_by_role("button", name="Output output of Through, type STRING")).to_be_visible()
    editor.drag(editor.socket("2", "output", "output"), editor.socket("3", "input", "value"))
    expect(page.locator(".toast.is-bad")).to_contain_text("This wire carries text, but the input wants a whole number.")


def test_a_node_says_why_it_ran_and_leads_to_the_cause(page: Page, editor: Editor) -> None:
    editor.open(
        {
            "1": {"type": "PrimitiveInt", "title": "The cause", "position": [0, 0], "inputs": {"value": 3}},
            "2": {"type": "Count", "position": [340, 0], "inputs": {"value": {"from": ["1", "INT"]}}},
            "3": {"type": "Save", "position": [680, 0], "inputs": {"value": {"from": ["2", "INT"]}}},
        }
    )
    editor.run()
    expect(editor.node("3").locator(".badge")).to_contain_text(" s")
    editor.node("1").get_by_label("Value", exact=True).fill("5")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Run Ctrl").click()
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")
    editor.node("2").locator(".badge").click()
    card = page.get_by_role("dialog", name="Why did Count run?")
    expect(card).to_contain_text("one of its inputs changed")
    card.get_by_role("button", name="“The cause” gave something else").click()
    expect(editor.node("1").locator(".node.is-selected")).to_be_visible()
    page.keyboard.press("w")
    card = page.get_by_role("dialog", name="Why did The cause run?")
    expect(card.locator("del")).to_have_text("3")
    expect(card.locator("ins")).to_have_text("5")
    page.keyboard.press("Escape")
    expect(card).to_have_count(0)


def test_a_reused_node_says_how_also_after_a_reload(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "Save", "position": [0, 0], "inputs": {"value": 77}}})
    editor.run()
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")
    page.get_by_role("button", name="Run Ctrl").click()
    expect(editor.node("1").locator(".badge")).to_contain_text("reused")
    page.reload()
    editor.node("1").locator(".badge").click()
    card = page.get_by_role("dialog", name="Why did Save run?")
    expect(card).to_contain_text("It did not have to run.")
    expect(card).to_contain_text("Its result was remembered")
