"""What a person types into number fields: one reader in all of them, and nothing becomes another number unsaid."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

FILE = json.loads((Path(__file__).resolve().parents[1] / "cases" / "typed-numbers.json").read_text(encoding="utf-8"))
FIELDS: dict[str, dict[str, Any]] = FILE["fields"]
CASES: list[dict[str, Any]] = FILE["cases"]


def nodes() -> dict[str, Any]:
    """A node for each field that the cases are about, which holds what they say it holds."""
    made: dict[str, Any] = {}
    for field in FIELDS.values():
        node = made.setdefault(field["node"], {"type": field["node"], "position": [340 * len(made), 0], "inputs": {}})
        node["inputs"][field["input"]] = field["held"]
    return made


def field_of(editor: Editor, name: str) -> Any:
    field = FIELDS[name]
    return editor.node(field["node"]).locator(f'[data-input="{field["input"]}"] input')


def put(control: Any, text: str) -> None:
    control.evaluate(
        """(field, text) => {
          field.focus()
          Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, text)
          field.dispatchEvent(new Event('input', { bubbles: true }))
        }""",
        text,
    )


def type_into(control: Any, text: str) -> None:
    put(control, text)
    control.press("Enter")


def test_every_field_reads_what_is_typed_by_the_same_rules(page: Page, editor: Editor) -> None:
    editor.open(nodes())
    for name, field in FIELDS.items():
        control = field_of(editor, name)
        row = editor.node(field["node"]).locator(f'[data-input="{field["input"]}"]')
        for case in (case for case in CASES if case["field"] == name):
            type_into(control, str(field["held"]))
            type_into(control, case["typed"])
            if "refused" in case:
                expect(row.get_by_role("alert")).to_contain_text(case["refused"])
                expect(row.get_by_role("alert")).to_contain_text(f"{field['held']} stays")
                expect(control).to_have_value(str(field["held"]))
            else:
                found = control.input_value()
                is_large = isinstance(case["value"], int) and abs(case["value"]) > 2**53
                read = int(found) if is_large else float(found)  # every digit of a large one counts
                assert read == case["value"], (name, case, found)
                expect(row.get_by_role("alert")).to_have_count(1 if "note" in case else 0)
    written = editor.document()["nodes"]
    assert all(isinstance(written[field["node"]]["inputs"][field["input"]], int | float) for field in FIELDS.values())


def test_a_size_that_cannot_be_painted_is_rounded_and_this_is_shown(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "EmptyLatentImage", "position": [0, 0], "inputs": {"width": 512}}})
    width = editor.node("1").get_by_role("spinbutton", name="Width")
    width.click()
    page.keyboard.press("Control+a")
    page.keyboard.type("100")
    page.keyboard.press("Tab")
    expect(width).to_have_value("104")
    expect(editor.node("1").get_by_role("alert")).to_contain_text("100 became 104: it has to be a multiple of 8")
    width.focus()
    page.keyboard.press("ArrowUp")
    expect(width).to_have_value("112")
    expect(editor.node("1").get_by_role("alert")).to_have_count(0)
    page.keyboard.press("Shift+ArrowDown")
    expect(width).to_have_value("32")
    editor.node("1").get_by_role("button", name="More Width").click()
    expect(width).to_have_value("40")


def test_a_size_in_a_file_that_is_no_multiple_stays_until_it_is_changed(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "EmptyLatentImage", "position": [0, 0], "inputs": {"width": 100}}})
    width = editor.node("1").get_by_role("spinbutton", name="Width")
    expect(width).to_have_value("100")
    width.click()
    page.keyboard.press("Enter")
    assert editor.document()["nodes"]["1"]["inputs"]["width"] == 100
    width.focus()
    page.keyboard.press("ArrowUp")
    expect(width).to_have_value("112")


def test_escape_gives_up_what_was_typed_and_what_was_said_goes_with_the_next_number(page: Page, editor: Editor) -> None:
    editor.open(
        {
            "1": {"type": "EmptyLatentImage", "position": [0, 0], "inputs": {"width": 512}},
            "2": {"type": "KSampler", "position": [400, 0], "inputs": {"seed": 42}},
        }
    )
    size, seed = (editor.node(node).locator(f'[data-input="{name}"]') for node, name in (("1", "width"), ("2", "seed")))
    for row, held in ((size, "512"), (seed, "42")):
        control = row.locator("input")
        put(control, "64")
        control.press("Escape")
        expect(control).to_have_value(held)
        type_into(control, "many")
        expect(row.get_by_role("alert")).to_contain_text(f"{held} stays")
        type_into(control, held)
        expect(row.get_by_role("alert")).to_have_count(0)
    inputs = [node["inputs"] for node in editor.document()["nodes"].values()]
    assert inputs == [{"width": 512}, {"seed": 42}]


def test_a_seed_of_minus_one_is_explained(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "KSampler", "position": [0, 0], "inputs": {"seed": 42}}})
    row = editor.node("1").locator('[data-input="seed"]')
    type_into(row.locator("input"), "-1")
    expect(row.get_by_role("alert")).to_contain_text("choose “random”")
    expect(row.locator("input")).to_have_value("42")


def test_fields_of_a_sub_workflow_read_numbers_the_same_way(page: Page, editor: Editor) -> None:
    inner = {"nodes": {"1": {"type": "EmptyLatentImage"}}, "inputs": [{"name": "side", "to": [["1", "width"]]}]}
    editor.open({"7": {"type": "@canvas", "position": [0, 0], "inputs": {"side": 512}}}, subworkflows={"canvas": inner})
    side = editor.node("7").get_by_role("spinbutton")
    type_into(side, "1,024")
    expect(side).to_have_value("1024")
    type_into(side, "100")
    expect(side).to_have_value("104")
    expect(editor.node("7").get_by_role("alert")).to_contain_text("multiple of 8")


def test_a_number_field_shows_what_the_document_holds_also_where_it_is_no_number(page: Page, editor: Editor) -> None:
    editor.open(
        {
            "1": {"type": "PrimitiveFloat", "position": [0, 0], "inputs": {"value": "seven"}},
            "2": {"type": "PrimitiveFloat", "position": [0, 200], "inputs": {"value": None}},
            "3": {"type": "PrimitiveInt", "position": [0, 400], "inputs": {"value": 9007199254740993}},
        }
    )
    words, nothing, large = (editor.node(number).get_by_label("Value", exact=True) for number in "123")
    expect(words).to_have_value("seven")
    expect(words).to_have_attribute("aria-invalid", "true")
    expect(nothing).to_have_value("")
    expect(large).to_have_value("9007199254740993")
    type_into(words, "eight")
    expect(editor.node("1").get_by_role("alert")).to_contain_text("seven stays")
    type_into(nothing, "0")
    type_into(large, "9007199254740995")
    found = editor.document()["nodes"]
    assert [found[number]["inputs"]["value"] for number in "123"] == ["seven", 0, 9007199254740995]
