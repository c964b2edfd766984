"""Node types as they are listed: every widget of the engine has a shape, and a list of an earlier version is read."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, get_args

import msgspec
import pytest

from graph.node_types import widgets
from graph.packs.loading import PackReport
from server.shapes import node_types
from server.shapes.encoding import encode
from server.shapes.node_types import NEWER, InputType, NodeType, OutputType, Widget

SHAPES = {shape.__struct_config__.tag: shape for shape in get_args(Widget)}
INPUT: dict[str, Any] = {
    "name": "radius", "type": "FLOAT", "title": "Radius", "tooltip": "", "optional": False, "advanced": False,
    "accepts": ["FLOAT"],
}  # fmt: skip
NODE: dict[str, Any] = {
    "id": "Blur", "title": "Blur", "category": "image", "help": "", "inputs": [INPUT], "outputs": [], "version": 1,
    "side_effect": False, "lane": "cpu", "module": "nodes.blur", "aliases": [], "experimental": False,
    "deprecated": False,
}  # fmt: skip


def kind_of(widget: type[Any]) -> str:
    return str(next(item.default for item in fields(widget) if item.name == "kind"))


def test_the_report_on_a_pack_has_the_fields_of_the_engine() -> None:
    assert list(node_types.PackInfo.__struct_fields__) == [field.name for field in fields(PackReport)]


@pytest.mark.parametrize("widget", get_args(widgets.Widget))
def test_a_widget_has_the_fields_of_the_engine_and_its_kind_as_a_tag(widget: type[Any]) -> None:
    shape = SHAPES[kind_of(widget)]
    assert set(shape.__struct_fields__) == {field.name for field in fields(widget)} - {"kind"}
    assert {field.name for field in msgspec.structs.fields(shape) if not field.required} <= {*NEWER}


def test_each_widget_of_the_engine_has_a_shape() -> None:
    assert SHAPES.keys() == {kind_of(widget) for widget in get_args(widgets.Widget)}


@pytest.mark.parametrize(
    ("widget", "told"),
    [
        ({"kind": "number", "min": 0, "max": None, "step": 2}, {"kind": "number", "min": 0, "max": None, "step": 2}),
        (
            {"kind": "text", "multiline": True, "placeholder": "", "words": []},
            {"kind": "text", "multiline": True, "placeholder": ""},
        ),
        ({"kind": "choice", "options": ["a"], "later": 1}, {"kind": "choice", "options": ["a"]}),
        ({"kind": "file", "folder": "input", "upload": ""}, {"kind": "file", "folder": "input", "upload": ""}),
        ({"kind": "subworkflow"}, {"kind": "subworkflow"}),
    ],
)  # fmt: skip
def test_a_widget_of_an_earlier_or_a_later_version_is_read_and_told_without_what_is_as_always(
    widget: dict[str, Any], told: dict[str, Any]
) -> None:
    read = msgspec.convert({**INPUT, "widget": widget}, InputType)
    assert json.loads(encode(read))["widget"] == told


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"widget": {"kind": "dial"}}, "Invalid value 'dial'"),
        ({"widget": {"kind": "choice"}}, "required field `options`"),
        ({"widget": {"kind": "seed", "min": "0", "max": 1, "step": 1}}, "Expected `int`"),
        ({"widget": None}, "got `null`"),
        ({"accepts": "FLOAT"}, "Expected `array`"),
        ({"lazy": 1}, "Expected `bool`"),
    ],
)
def test_an_input_that_cannot_be_drawn_is_refused(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({**INPUT, **wrong}, InputType)
    assert words in str(caught.value)


def test_what_is_seldom_said_of_sockets_and_nodes_is_left_out() -> None:
    output = {"name": "image", "type": "IMAGE", "tooltip": ""}
    node = {**NODE, "outputs": [output, {**output, "each": True}]}
    read = msgspec.convert(node, NodeType)
    assert json.loads(encode(read)) == node
    assert msgspec.convert(output, OutputType).is_list is msgspec.UNSET


@pytest.mark.parametrize("default", [None, 0, "", [1], {"a": 1}])
def test_a_default_is_anything_and_told_even_if_it_is_nothing(default: Any) -> None:
    read = msgspec.convert({**INPUT, "default": default}, InputType)
    assert json.loads(encode(read)) == {**INPUT, "default": default}
    assert "default" not in json.loads(encode(msgspec.convert(INPUT, InputType)))
