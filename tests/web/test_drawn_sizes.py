"""What is drawn is as large as the editor computed: React Flow measures nothing, so that a wrong number would show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor

NODES: dict[str, Any] = {
    "sockets": {"type": "KSampler", "position": [0, 0]},
    "opened": {"type": "Pick", "position": [400, 0], "expanded": True},
    "text": {"type": "CLIPTextEncode", "position": [400, 300], "inputs": {"text": "a\nb"}},
    "file": {"type": "LoadImage", "position": [800, 0]},
    "picture": {"type": "PreviewImage", "position": [800, 500], "size": [400, 420]},
    "unknown": {"type": "Nowhere", "position": [400, 600], "inputs": {"a": 1, "b": {"from": ["file", "IMAGE"]}}},
}

MEASURE = """(root) => {
  const zoom = root.getBoundingClientRect().width / root.offsetWidth
  const top = root.getBoundingClientRect().top
  const box = (element) => {
    const { top: at, height } = element.getBoundingClientRect()
    return { top: (at - top) / zoom, height: height / zoom }
  }
  const styles = getComputedStyle(root)
  const size = (name) => parseFloat(styles.getPropertyValue(`--size-${name}`))
  return {
    size: { header: size('header'), pad: size('pad'), row: size('widget-row'), handle: size('handle') },
    height: root.offsetHeight,
    computed: parseFloat(root.closest('.react-flow__node').style.height),
    header: box(root.querySelector('header')),
    rows: [...root.querySelectorAll('.rows > *, .port-row, .port-new')].map((row) => ({
      ...box(row), needs: row.scrollHeight, has: row.clientHeight, name: row.className,
    })),
    handles: [...root.querySelectorAll('.react-flow__handle')].map(box),
  }
}"""
BORDER = 1
"""What lies inside a border begins below it."""


def near(value: float) -> Any:
    return pytest.approx(value, abs=0.1)


@pytest.fixture
def opened(page: Page, editor: Editor) -> Editor:
    """A graph with all kinds of rows, large enough that fields are live."""
    page.set_viewport_size({"width": 1900, "height": 1400})
    editor.open(NODES)
    return editor


@pytest.mark.parametrize("name", NODES)
def test_the_rows_of_a_node_fill_it_as_computed(opened: Editor, name: str) -> None:
    drawn = opened.node(name).locator(".node").evaluate(MEASURE)
    size = drawn["size"]
    assert drawn["height"] == near(drawn["computed"])
    assert drawn["header"] == {"top": near(0), "height": near(size["header"])}
    at = size["header"] + size["pad"]
    for row in drawn["rows"]:
        assert row["top"] == near(at)
        assert row["needs"] <= row["has"], f"{row['name']} does not fit into its row"
        at += row["height"]
    assert drawn["height"] == near(at + size["pad"])


@pytest.mark.parametrize("name", NODES)
def test_sockets_are_drawn_at_their_rows(opened: Editor, name: str) -> None:
    drawn = opened.node(name).locator(".node").evaluate(MEASURE)
    size = drawn["size"]
    # of a tall field, the line at its top
    middles = [row["top"] + min(row["height"], size["row"]) / 2 for row in drawn["rows"]]
    assert drawn["handles"]
    for handle in drawn["handles"]:
        assert handle["height"] == near(size["handle"])
        middle = handle["top"] + handle["height"] / 2
        assert min(abs(middle - at) for at in middles) <= BORDER + 0.1


def test_the_panels_of_an_open_sub_workflow_are_drawn_as_computed(page: Page, editor: Editor) -> None:
    count = {"type": "Count", "position": [0, 0], "inputs": {"value": 3}}
    sides = {"inputs": [{"name": "value", "to": [["1", "value"]]}], "outputs": [{"name": "INT", "from": ["1", "INT"]}]}
    editor.open({"7": {"type": "@part", "position": [0, 0]}}, subworkflows={"part": {**sides, "nodes": {"1": count}}})
    editor.node("7").locator("header").dblclick(position={"x": 150, "y": 40})
    panels = page.locator(".ports")
    panels.nth(1).wait_for()
    for panel in panels.all():
        drawn = panel.evaluate(MEASURE)
        size = drawn["size"]
        assert drawn["height"] == near(drawn["computed"])
        assert drawn["header"] == {"top": near(BORDER), "height": near(size["header"])}
        named, new = drawn["rows"]
        assert named["top"] == near(BORDER + size["header"] + size["pad"])
        assert named["height"] == near(size["row"])
        assert new["top"] == near(named["top"] + named["height"])
        middles = [handle["top"] + handle["height"] / 2 for handle in drawn["handles"]]
        assert middles == [near(row["top"] + row["height"] / 2) for row in (named, new)]
