"""How it looks to eyes and to assistive tools: themes, the view from afar, the rules of axe-core."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"
BACKGROUND = "getComputedStyle(document.querySelector('.topbar')).backgroundColor"


def test_the_theme_follows_the_system_and_can_be_chosen(page: Page) -> None:
    light = page.evaluate(BACKGROUND)
    page.emulate_media(color_scheme="dark")
    dark = page.evaluate(BACKGROUND)
    assert dark != light
    page.get_by_role("button", name="Theme: system").click()
    page.get_by_role("button", name="Theme: light").wait_for()
    assert page.evaluate(BACKGROUND) == light
    page.reload()
    page.get_by_role("button", name="Theme: light").click()
    page.get_by_role("button", name="Theme: dark").wait_for()
    page.emulate_media(color_scheme="light")
    assert page.evaluate(BACKGROUND) == dark


def test_from_afar_one_canvas_stands_in_for_many_nodes(page: Page, editor: Editor) -> None:
    nodes = {f"n{at}": {"type": "ImageBlur", "position": [at % 30 * 285, at // 30 * 160]} for at in range(600)}
    editor.open(nodes)
    expect(page.locator("canvas.far")).to_be_visible()
    expect(editor.nodes()).to_have_count(0)
    box = page.locator("canvas.far").bounding_box()
    assert box is not None
    # the middle lies between nodes
    page.mouse.dblclick(box["x"] + box["width"] / 2 + 10, box["y"] + box["height"] / 2 + 10)
    expect(editor.nodes().first).to_be_visible()
    # of 600 only those in sight are drawn as cards, once the view has arrived
    page.wait_for_function("() => document.querySelectorAll('.react-flow__node').length < 200")


def serious_findings(page: Page) -> list[dict[str, object]]:
    """What axe-core finds on the screen as it is."""
    if not AXE.is_file():
        pytest.skip("axe-core is not here: npm ci in web/")
    page.evaluate(AXE.read_text())
    found = page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then((r) => r.violations.map((v) => "
        "({id: v.id, impact: v.impact, nodes: v.nodes.map((n) => n.html.slice(0, 160) + n.failureSummary)})))"
    )
    return [finding for finding in found if finding["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_screen_has_no_serious_findings_of_axe(page: Page, editor: Editor, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    editor.open({"1": {"type": "Bounded", "position": [0, 0], "inputs": {"steps": 99}}})
    page.keyboard.press("Control+z")
    assert serious_findings(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_open_sub_workflow_and_why_a_node_ran_have_none_either(page: Page, editor: Editor, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)
    count = {"type": "Count", "position": [0, 0], "inputs": {"value": 3}}
    inner = {"1": count, "2": {"type": "Keep", "position": [340, 0], "inputs": {"value": {"from": ["1", "INT"]}}}}
    sides = {"inputs": [{"name": "value", "to": [["1", "value"]]}], "outputs": [{"name": "INT", "from": ["1", "INT"]}]}
    node = {"type": "@part", "inputs": {"value": len(scheme)}}  # each time another one, so that it runs
    nodes = {"7": {**node, "position": [0, 0]}, "8": {**node, "position": [0, 300]}}
    editor.open(nodes, subworkflows={"part": {"title": "Part", **sides, "nodes": inner}})
    editor.run()
    badge = editor.node("7").locator(".badge")
    expect(badge).to_contain_text(" s")
    badge.click()
    expect(page.get_by_role("dialog", name="Why did Part run?")).to_contain_text("nodes ran")
    assert serious_findings(page) == []
    page.keyboard.press("Escape")
    editor.node("7").locator("header h3").click()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Outputs of the sub-workflow")).to_be_visible()
    assert serious_findings(page) == []


def test_everything_is_reached_by_tab_and_has_a_name(page: Page, editor: Editor) -> None:
    page.get_by_role("button", name="Main menu").focus()
    names = []
    for _ in range(60):
        page.keyboard.press("Tab")
        names.append(
            page.evaluate(
                "(() => { const e = document.activeElement;"
                " return e.getAttribute('aria-label') || e.labels?.[0]?.textContent || e.textContent })()"
            )
        )
    assert all(names)
    assert "Steps" in names
    assert "Input Model of Sampler, type MODEL" in names
