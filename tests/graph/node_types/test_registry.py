"""Node types by id, and the catalogue that an editor draws them from."""

import json
import types
from typing import Annotated

import pytest

from graph.node_types.registry import DuplicateNodeError, Registry
from graph.node_types.sockets import ANY, SocketType
from tests.support.toys import type_from


def shout(text: str = "hello") -> str:
    """Make a text loud."""
    return text.upper()


def test_types_are_found_by_id_in_the_order_in_which_they_were_added(registry):
    assert registry.get("Add").id == "Add"
    assert registry.get("add") is None
    assert next(iter(registry)).id == "Add"
    assert len(registry) == len(list(registry))


def test_an_id_is_given_once():
    registry = Registry()
    registry.add(type_from(shout, id="Shout"))
    with pytest.raises(DuplicateNodeError, match="'Shout' is in"):
        registry.add(type_from(shout, id="Shout"))


def test_the_same_type_may_be_added_again():
    registry, shouting = Registry(), type_from(shout)
    registry.add(shouting)
    registry.add(shouting)
    assert len(registry) == 1


def test_many_types_are_added_together_or_not_at_all():
    registry = Registry()
    registry.add(type_from(shout, id="Shout"))
    with pytest.raises(DuplicateNodeError):
        registry.add_all([type_from(shout, id="Whisper"), type_from(shout, id="Shout")])
    assert registry.get("Whisper") is None


def test_a_module_gives_the_nodes_that_it_defines_and_not_those_that_it_imports():
    registry, module = Registry(), types.ModuleType("pack")

    def own(text: str = "") -> str:
        """Be at home."""
        return text

    own.__module__ = "pack"
    type_from(own, id="Own")
    type_from(shout, id="Imported")
    module.own, module.shout, module.number = own, shout, 7
    registry.add_module(module)
    assert [item.id for item in registry] == ["Own"]


@pytest.mark.parametrize(("wrong", "meant"), [("add", "Add"), ("Colr", "Colour"), ("LIMITED", "Limited"), ("zz", None)])
def test_the_closest_id_is_offered(registry, wrong, meant):
    assert registry.closest(wrong) == meant


def test_another_name_of_a_node_leads_to_it(registry):
    registry.add(type_from(shout, id="ImageFromBatch", title="Select from Batch", aliases=("pick", "SliceImages")))
    for name in ("SelectFromBatch", "sliceimages", "Pick"):
        assert registry.closest(name) == "ImageFromBatch"


def test_a_value_of_unknown_type_is_converted_when_it_is_of_a_type_that_can_be():
    mask = SocketType("MASK", lambda value: "" if value in ("mask", "torn") else "no mask")
    made = {"mask": "mask picture"}
    image = SocketType(
        "IMAGE", lambda value: "" if value.endswith("picture") else "none", "", {"MASK": made.__getitem__}
    )

    def take(mask: Annotated[str, mask], image: Annotated[str, image]) -> int:
        """Take both."""
        return 0

    registry = Registry()
    assert registry.convert("mask", image) == "mask", "nobody knows what a mask is"
    registry.add(type_from(take))
    assert registry.convert("mask", image) == "mask picture"
    assert registry.convert("a picture", image) == "a picture"
    assert registry.convert("a house", image) == "a house"
    assert registry.convert("torn", image) == "torn", "it cannot be converted"
    assert registry.convert("anything", ANY) == "anything"


def test_the_catalogue_is_json(registry):
    catalogue = json.loads(json.dumps(registry.catalogue(), allow_nan=False))
    assert [item["id"] for item in catalogue] == [item.id for item in registry]


def test_the_catalogue_says_what_an_editor_needs(registry):
    described = {item["id"]: item for item in registry.catalogue()}
    split = described["Split"]
    assert [output["name"] for output in split["outputs"]] == ["whole", "half"]
    assert split["help"] == "Two outputs."
    (value, name) = split["inputs"]
    assert "default" not in value, "a required input has no default"
    assert name["default"] == ""
    assert name["widget"]["kind"] == "text"
    half = {item["name"]: item for item in described["Type"]["inputs"]}["value"]
    assert half["accepts"] == ["FLOAT", "INT"], "an INT is converted"
    choice = {item["name"]: item for item in described["Colour"]["inputs"]}["colour"]
    assert choice["widget"]["options"] == ("red", "green", "blue")
    file = {item["name"]: item for item in described["Choose"]["inputs"]}["file"]
    assert file["widget"]["folder"] == "input"
