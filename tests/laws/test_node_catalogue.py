"""What a person may expect of every node: title, category, help, typed sockets, and a word on whatever can be set."""

import json
from pathlib import Path

import pytest

import nodes
from graph.files.folders import Files
from graph.node_types.node_type import REQUIRED
from graph.node_types.registry import Registry
from graph.node_types.value_checks import Refusal, admit_literal
from graph.node_types.widgets import FileChoice
from graph.packs.loading import load_packs

ROOT = Path(__file__).resolve().parents[2]


def everything():
    """All node types that come with Jacquard: the built-in ones and those of the example pack."""
    registry = Registry()
    nodes.add_to(registry)
    reports = load_packs(ROOT / "custom_nodes", registry)
    assert [(report.name, report.error) for report in reports if report.error] == []
    return list(registry)


NODE_TYPES = everything()
every_node = pytest.mark.parametrize("node_type", NODE_TYPES, ids=[item.id for item in NODE_TYPES])


def test_there_are_nodes():
    assert len(NODE_TYPES) > 20


@every_node
def test_a_node_has_a_title_a_category_and_help(node_type):
    assert node_type.title.strip()
    assert node_type.category.strip("/ ") == node_type.category != ""
    assert len(node_type.help.split()) >= 3, "help is a sentence"
    assert node_type.help.splitlines()[0].endswith((".", "?", "!")), "the first line of the help is a whole sentence"


@every_node
def test_every_input_with_a_widget_has_a_tooltip(node_type):
    assert [item.name for item in node_type.inputs if item.widget is not None and not item.tooltip.strip()] == []


@every_node
def test_every_socket_has_a_name_and_a_type(node_type):
    sockets = [*node_type.inputs, *node_type.outputs]
    assert all(item.name and item.type.name for item in sockets)
    for names in ([item.name for item in node_type.inputs], [item.name for item in node_type.outputs]):
        assert len(set(names)) == len(names)


@every_node
def test_a_value_that_only_an_edge_can_give_is_described_in_words_and_checked(node_type):
    bare = [item for item in node_type.inputs if item.widget is None and item.type.name != "*"]
    assert [item.name for item in bare if not item.type.describe or item.type.check is None] == []


@every_node
def test_every_default_is_a_value_that_the_input_takes(node_type):
    for item in node_type.inputs:
        if item.default is REQUIRED or item.widget is None or isinstance(item.widget, FileChoice):
            continue
        admitted = admit_literal(item, item.default, Files())
        assert not isinstance(admitted, Refusal), f"{item.name}: {admitted}"
        assert item.optional or type(admitted) is type(item.default), f"{item.name}: write {admitted!r}"


@every_node
def test_a_node_either_returns_something_or_has_a_side_effect(node_type):
    assert node_type.outputs or node_type.side_effect


def test_the_catalogue_is_json_without_nan():
    registry = Registry()
    registry.add_all(NODE_TYPES)
    assert len(json.loads(json.dumps(registry.catalogue(), allow_nan=False))) == len(NODE_TYPES)
