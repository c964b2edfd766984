"""Running: progress, previews, results, reuse, errors on their fields, cancelling, the queue, reloading meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving


PAINTING_MS = 100_000
"""Patience on a machine that is busy with other things; a free one paints in seconds."""


def waiting(path: Path) -> dict[str, Any]:
    """A graph that waits for a file and shows previews meanwhile."""
    return {
        "1": {"type": "WaitForFile", "position": [0, 0], "inputs": {"path": str(path)}},
        "2": {"type": "Save", "position": [420, 0], "inputs": {"value": {"from": ["1", "INT"]}}},
    }


def test_of_more_problems_than_are_told_all_are_counted(page: Page, editor: Editor) -> None:
    nodes = {str(number): {"type": "SaveImage", "position": [0, 40 * number], "inputs": {}} for number in range(1, 621)}
    editor.open(nodes)
    editor.run()
    expect(page.locator(".problem-bar")).to_contain_text("620 things need your attention")
    expect(page.locator(".problem-bar")).to_contain_text("and 616 more")


@pytest.mark.model
@pytest.mark.timeout(300)
def test_a_prompt_becomes_a_picture_and_another_seed_reuses_what_has_not_changed(page: Page, editor: Editor) -> None:
    editor.run()
    expect(editor.node("9").get_by_role("img", name="Result 1")).to_be_visible(timeout=PAINTING_MS)
    expect(page.get_by_role("complementary", name="Result")).to_contain_text("Finished in")
    expect(editor.node("3").locator(".badge")).to_contain_text(" s")
    first = editor.node("9").get_by_role("img").get_attribute("src")
    seed = editor.node("3").get_by_label("Seed", exact=True)
    drawn = seed.input_value()
    assert drawn != "42"
    page.get_by_role("button", name="Run Ctrl").click()
    expect(seed).not_to_have_value(drawn)
    for node in ("4", "5", "6", "7"):
        expect(editor.node(node).locator(".badge")).to_have_text("reused")
    expect(editor.node("9").get_by_role("img")).not_to_have_attribute("src", first or "", timeout=PAINTING_MS)
    expect(page.get_by_role("complementary", name="Result")).to_contain_text("4 of 7 reused")
    assert page.locator(".recent-grid button").count() >= 2


def test_progress_preview_and_time_are_on_the_node_and_a_reload_shows_them_again(
    page: Page, editor: Editor, tmp_path: Path
) -> None:
    gate = tmp_path / "go"
    editor.open(waiting(gate))
    editor.run()
    node = editor.node("1")
    expect(node.locator(".badge")).to_contain_text("25 %")
    expect(node.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(node.get_by_role("img", name="Preview of the picture so far")).to_be_visible()
    expect(
        page.get_by_role("complementary", name="Result").get_by_role("img", name="The picture so far")
    ).to_be_visible()
    page.reload()
    expect(node.locator(".badge")).to_contain_text("25 %")
    expect(node.get_by_role("img", name="Preview of the picture so far")).to_be_visible()
    expect(editor.node("2").locator(".badge")).to_have_text("waiting")
    gate.touch()
    expect(editor.node("2").locator(".badge")).to_contain_text(" s")
    expect(
        page.get_by_role("complementary", name="Result").get_by_role("img", name="Result of the last run")
    ).to_be_visible()


def test_a_finished_run_is_shown_again_after_a_reload(page: Page, editor: Editor) -> None:
    editor.open({"2": {"type": "Save", "position": [0, 0], "inputs": {"value": 5}}})
    editor.run()
    expect(editor.node("2").locator(".badge")).to_contain_text(" s")
    page.reload()
    expect(editor.node("2").locator(".badge")).to_contain_text(" s")
    expect(page.get_by_role("img", name="Result of the last run")).to_be_visible()


def test_cancel_stops_the_run_and_takes_from_the_queue(page: Page, editor: Editor, tmp_path: Path) -> None:
    editor.open(waiting(tmp_path / "never"))
    editor.run()
    expect(editor.node("1").locator(".badge")).to_contain_text("25 %")
    editor.run()
    expect(page.locator(".count")).to_have_text("2")
    page.get_by_role("button", name="Queue").click()
    panel = page.get_by_role("region", name="Queue")
    expect(panel.locator(".queue-line.is-running")).to_have_count(1)
    expect(panel.locator(".queue-line.is-queued")).to_contain_text("next")
    panel.get_by_role("button", name="Take out of the queue").click()
    expect(page.locator(".count")).to_have_text("1")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(editor.node("1").locator(".badge")).to_have_text("cancelled")
    expect(page.get_by_role("complementary", name="Result")).to_contain_text("Cancelled")
    expect(page.locator(".count")).to_have_count(0)


def test_what_is_wrong_stands_on_the_node_and_the_field(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "Bounded", "position": [0, 0], "inputs": {"steps": 99}}})
    editor.run()
    field = editor.node("1").get_by_role("spinbutton", name="Steps")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(editor.node("1").locator(".node-problem")).to_be_visible()
    bar = page.get_by_role("alert")
    expect(bar).to_contain_text("One thing needs your attention")
    expect(bar.get_by_role("button", name="Bounded")).to_be_visible()
    field.click()
    field.fill("5")
    page.keyboard.press("Enter")
    expect(editor.node("1").locator(".node-problem")).to_have_count(0)
    editor.run()
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")


def test_a_required_input_that_is_missing_is_named(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "PreviewImage", "position": [0, 0]}})
    editor.run()
    expect(editor.node("1").locator(".node-problem")).to_contain_text("required input")


def test_a_node_that_fails_says_why_on_its_field(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "Fail", "position": [0, 0], "inputs": {"message": "the paint is dry"}}})
    editor.run()
    expect(editor.node("1").locator(".badge")).to_have_text("failed")
    expect(editor.node("1").locator(".node-problem")).to_contain_text("The paint is dry.")
    expect(editor.node("1").locator(".node-problem")).to_contain_text("Write something else.")
    expect(editor.node("1").get_by_label("Message", exact=True)).to_have_attribute("aria-invalid", "true")


def test_a_worker_that_dies_is_told_with_its_cause(page: Page, editor: Editor, tmp_path: Path) -> None:
    nodes = {"1": {"type": "HardExit", "position": [0, 0], "inputs": {"code": -9, "once": str(tmp_path / "once")}}}
    editor.open(nodes)
    editor.run()
    expect(page.locator(".toast").filter(has_text="worker")).to_contain_text("tried again")
    expect(editor.node("1").locator(".badge")).to_contain_text(" s")


def test_a_seed_that_a_run_draws_is_one_step_that_can_be_undone(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "Bounded", "position": [0, 0], "inputs": {"seed": 7}, "seeds": {"seed": "increment"}}})
    editor.run()
    seed = editor.node("1").get_by_label("Seed", exact=True)
    expect(seed).to_have_value("8")
    page.keyboard.press("Control+z")
    expect(seed).to_have_value("7")


def test_the_gallery_shows_outputs_in_full_size_and_opens_their_workflow(
    page: Page, editor: Editor, serving: Serving
) -> None:
    image = {"type": "LoadImage", "position": [0, 0], "inputs": {"image": "house-sketch.png"}}
    save = {"type": "SaveImage", "position": [420, 0], "inputs": {"images": {"from": ["1", "IMAGE"]}}}
    editor.open({"1": image, "2": save}, title="From a sketch")
    editor.run()
    expect(editor.node("2").get_by_role("img", name="Result 1")).to_be_visible()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.get_by_role("button", name="Gallery").click()
    gallery = page.get_by_role("dialog", name="Gallery")
    gallery.get_by_role("button", name="Look at").first.click()
    viewer = page.locator("dialog.viewer")
    expect(viewer.get_by_role("img")).to_be_visible()
    viewer.get_by_role("button", name="Open its workflow").click()
    expect(editor.node("2").locator("h3")).to_have_text("Save Image")
    expect(page.get_by_label("Title of the workflow")).to_have_value("From a sketch")
