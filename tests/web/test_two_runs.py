"""Two runs at a time in the editor: the next one begins while the one before still saves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from tests.web.conftest import Editor


class TwoRuns:
    """The second run waits in node 1, the first one saves in node 3: each until it is told."""

    def __init__(self, page: Page, editor: Editor, folder: Path) -> None:
        self.page, self.editor, self.folder = page, editor, folder
        self.badge = {node: editor.node(node).locator(".badge") for node in ("1", "2", "3")}
        self.picture = editor.node("3").get_by_role("img", name="Result 1")
        self.result = page.get_by_role("complementary", name="Result")

    def begin(self, saving: str | re.Pattern[str] = "Saving") -> None:
        """Run with 1, and with 2 as soon as the first one only saves."""
        self.path("paint").touch()
        self.editor.open(self.nodes(), title="Two runs")
        self.editor.run()
        expect(self.result).to_contain_text(saving)
        self.path("paint").unlink()
        self.editor.node("1").get_by_label("Value", exact=True).fill("2")
        self.page.keyboard.press("Enter")
        self.page.evaluate("document.activeElement.blur()")
        self.editor.run()
        expect(self.badge["1"]).to_contain_text("25 %")

    def path(self, name: str) -> Path:
        return self.folder / name

    def nodes(self) -> dict[str, Any]:
        value = {"from": ["1", "INT"]}
        held = {"images": {"from": ["2", "IMAGE"]}, "value": value, "gate": str(self.path("save"))}
        return {
            "1": {"type": "WaitForFile", "position": [0, 0], "inputs": {"path": str(self.path("paint")), "value": 1}},
            "2": {"type": "LoadImage", "position": [0, 300], "inputs": {"image": "house-sketch.png"}},
            "3": {"type": "HoldPicture", "position": [380, 0], "inputs": held},
        }

    def lines(self) -> Locator:
        """What the queue says is at work, the earlier one first."""
        return self.page.get_by_role("region", name="Queue").locator(".queue-line.is-running")

    def save(self, run: int) -> None:
        self.path(f"save.{run}").touch()

    def saved_by(self, run: int) -> re.Pattern[str]:
        return re.compile(f"held-{run}_")


@pytest.fixture
def two(page: Page, editor: Editor, tmp_path: Path) -> Iterator[TwoRuns]:
    """Nothing of it goes on after the test."""
    runs = TwoRuns(page, editor, tmp_path)
    yield runs
    runs.path("paint").touch()
    for run in (1, 2):
        runs.save(run)
    expect(page.locator(".count")).to_have_count(0)


def test_the_nodes_show_the_second_while_the_first_saves_and_each_brings_its_picture(page: Page, two: TwoRuns) -> None:
    two.begin()
    expect(page.locator(".count")).to_have_text("2")
    expect(two.badge["2"]).to_have_text("reused")
    expect(two.badge["3"]).to_have_text("waiting")
    expect(two.editor.node("1").get_by_role("progressbar")).to_have_attribute("aria-valuenow", "25")
    expect(two.editor.node("1").get_by_role("img", name="Preview of the picture so far")).to_be_visible()
    page.keyboard.press("q")
    expect(two.lines()).to_have_count(2)
    expect(two.lines().first).to_contain_text("saving")
    expect(two.lines().last).to_contain_text("running")

    two.save(1)
    expect(page.locator(".count")).to_have_text("1")
    expect(two.picture).to_have_attribute("src", two.saved_by(1))
    expect(two.badge["3"]).to_have_text("waiting")
    expect(two.badge["1"]).to_contain_text("25 %")
    expect(two.result).to_contain_text("Painting")

    two.path("paint").touch()
    expect(two.result).to_contain_text("Saving")
    expect(two.badge["1"]).not_to_contain_text("25 %")
    two.save(2)
    expect(two.picture).to_have_attribute("src", two.saved_by(2))
    expect(two.badge["3"]).to_contain_text(" s")
    expect(two.result).to_contain_text("Finished")
    expect(page.locator(".count")).to_have_count(0)


def test_a_picture_of_the_first_that_comes_last_does_not_cover_that_of_the_second(page: Page, two: TwoRuns) -> None:
    two.begin()
    two.path("paint").touch()
    two.save(2)
    expect(two.picture).to_have_attribute("src", two.saved_by(2))
    expect(two.result).to_contain_text("Finished")
    expect(page.locator(".count")).to_have_text("1")
    two.save(1)
    expect(page.locator(".count")).to_have_count(0)
    expect(two.picture).to_have_attribute("src", two.saved_by(2))
    expect(two.badge["3"]).to_contain_text(" s")
    newest = page.locator(".recent-grid button").first
    expect(newest).to_have_attribute("title", two.saved_by(1))  # it is there, but not on the node


def test_cancel_stops_the_second_at_once_and_the_first_goes_on_saving(page: Page, two: TwoRuns) -> None:
    two.begin()
    page.get_by_role("button", name="Cancel", exact=True).click()
    expect(two.badge["1"]).to_have_text("cancelled")
    expect(two.badge["3"]).to_have_text("skipped")  # it never began
    expect(page.locator(".count")).to_have_text("1")
    two.save(1)
    expect(page.locator(".count")).to_have_count(0)
    expect(two.picture).to_have_attribute("src", two.saved_by(1))


def test_a_page_that_comes_then_shows_both(page: Page, two: TwoRuns) -> None:
    two.begin()
    page.reload()
    expect(two.badge["1"]).to_contain_text("25 %")
    expect(two.badge["3"]).to_have_text("waiting")
    expect(page.locator(".count")).to_have_text("2")
    two.save(1)
    expect(two.picture).to_have_attribute("src", two.saved_by(1))
    two.path("paint").touch()
    two.save(2)
    expect(two.picture).to_have_attribute("src", two.saved_by(2))


def test_who_comes_back_from_another_document_finds_both(page: Page, two: TwoRuns) -> None:
    two.begin()
    two.editor.open({"9": {"type": "Save", "position": [0, 0]}}, title="Something else")
    expect(two.editor.node("9")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(two.badge["1"]).to_contain_text("25 %")
    expect(two.badge["3"]).to_have_text("waiting")
    two.save(1)
    expect(two.picture).to_have_attribute("src", two.saved_by(1))
    two.path("paint").touch()
    two.save(2)
    expect(two.picture).to_have_attribute("src", two.saved_by(2))


def test_the_second_counts_its_own_time(page: Page, two: TwoRuns) -> None:
    def shown(place: Locator) -> float:
        return float(re.findall(r"([\d.]+) s", place.inner_text())[0])

    two.begin(saving=re.compile(r"Saving · ([2-9]|\d\d)"))  # it saves for two seconds before the second begins
    page.keyboard.press("q")
    expect(two.lines()).to_have_count(2)
    assert shown(two.result) + 1 < shown(two.lines().first)
