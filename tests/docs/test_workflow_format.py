"""The page on the workflow file: its examples are workflows of the built-in nodes, and its numbers those that count."""

import re
from pathlib import Path

import pytest

import nodes
from commands.overrides import apply_overrides
from graph.building.build import build
from graph.document.reader import parse
from graph.document.workflow import Mode
from graph.document.writer import dump
from graph.files.folders import Files
from graph.node_types.registry import Registry
from graph.subworkflows.nesting import MAX_NESTING, MAX_NODES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/workflow-format.md").read_text(encoding="utf-8")
EXAMPLES = [parse(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
REGISTRY = Registry()
nodes.add_to(REGISTRY)


@pytest.fixture
def files(tmp_path):
    (tmp_path / "cat.png").touch()
    return Files({"input": [tmp_path], "checkpoints": [ROOT / "models"], "output": [tmp_path]})


@pytest.mark.parametrize("workflow", EXAMPLES, ids=["plain", "sub-workflow"])
def test_an_example_can_be_run_and_is_saved_the_same(workflow, files):
    assert build(workflow, REGISTRY, files, [list(workflow.nodes)[-1]]).calls
    assert parse(dump(workflow)) == workflow


@pytest.mark.parametrize("assignment", re.findall(r"--set ([^`]*)`", PAGE))
def test_what_can_be_set_can_be_set(assignment, files):
    assert apply_overrides(EXAMPLES[1], [assignment], REGISTRY, files) != EXAMPLES[1]


def test_the_limits_and_the_modes_are_those_that_are_kept():
    assert f"at most {MAX_NESTING} deep" in PAGE
    assert f"at most {MAX_NODES:,} nodes" in PAGE
    assert all(f"`{mode}`" in PAGE for mode in Mode)
