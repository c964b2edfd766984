"""Where the words in the names of files get their values: by title before type, from near before from far."""

from __future__ import annotations

from typing import Annotated

import pytest

from graph.document.workflow import Mode, Node, Reference
from graph.node_types.node_type import REQUIRED
from graph.node_types.registry import Registry
from graph.node_types.widgets import Text
from graph.subworkflows.name_words import Instance, WordResolver, find_words, own_words, type_with_words, with_words
from tests.support.toys import type_from


def registry() -> Registry:
    def sampler(seed: int = 1, cfg: float = 7.0, title: str = "") -> int:
        return seed

    def save(name: Annotated[str, Text(file_name=True, words=("width",))] = "%Sampler.seed%") -> None:
        """Write a file."""

    def passes(value: int = 0) -> int:
        return value

    found = Registry()
    found.add(type_from(sampler, id="Sampler"))
    found.add(type_from(save, id="Save", side_effect=True))
    found.add(type_from(passes, id="Pass"))
    return found


REGISTRY = registry()


def around(nodes: dict[str, Node], **instances: Instance) -> WordResolver:
    return WordResolver(nodes, REGISTRY, lambda: {name.replace("_", "/"): each for name, each in instances.items()})


def test_a_word_means_an_input_of_a_node_by_title_or_type() -> None:
    resolver = around({"3": Node("Sampler"), "4": Node("Sampler", title="Second")})
    assert resolver.find("9", "Sampler.seed") == ("3", "seed")
    assert resolver.find("9", "Second.seed") == ("4", "seed")
    assert resolver.find("9", "Sampler.nothing") is None
    assert resolver.find("9", "Nobody.seed") is None
    assert resolver.find("9", "seed") is None


def test_a_title_counts_before_a_type() -> None:
    resolver = around({"3": Node("Sampler"), "4": Node("Sampler", title="Sampler")})
    assert resolver.find("9", "Sampler.seed") == ("4", "seed")


def test_what_lies_nearer_is_found_first_then_what_is_around_then_anything() -> None:
    nodes = {"3": Node("Sampler"), "7/3": Node("Sampler"), "7/8/9": Node("Save"), "5/1": Node("Pass")}
    resolver = around(nodes)
    assert resolver.find("7/8/9", "Sampler.seed") == ("7/3", "seed")
    assert resolver.find("9", "Sampler.seed") == ("3", "seed")
    assert resolver.find("7/8/9", "Pass.value") == ("5/1", "value")


def test_an_instance_is_called_by_its_title_and_means_the_input_inside() -> None:
    inner = Instance("Upscale", ("up",), {"steps": (("7/3", "seed"), ("7/4", "seed")), "idle": ()})
    resolver = around({"7/3": Node("Sampler")}, **{"7": inner})
    assert resolver.find("9", "Upscale.steps") == ("7/3", "seed")
    assert resolver.find("9", "up.steps") == ("7/3", "seed")
    assert resolver.find("9", "Upscale.idle") is None


@pytest.mark.parametrize(
    ("inputs", "socket", "value"),
    [
        ({"seed": 5}, "seed", 5),
        ({}, "seed", 1),
        ({"seed": 5.0}, "seed", 5),
        ({"cfg": 8}, "cfg", 8.0),
        ({"seed": Reference("1", "INT")}, "seed", Reference("1", "INT")),
        ({}, "gone", REQUIRED),
    ],
)
def test_a_value_is_what_the_node_would_get(inputs: dict[str, object], socket: str, value: object) -> None:
    found = around({"1": Node("Unknown"), "3": Node("Sampler", inputs)}).value(("3", socket))
    assert found == value
    assert type(found) is type(value)


def test_a_node_that_only_hands_on_stands_for_what_is_written_there() -> None:
    kind = REGISTRY.get("Pass")
    assert kind is not None
    nodes = {
        "1": Node("Pass", {"value": 5}),
        "2": Node("Pass", {"value": Reference("1", "INT")}),
        "3": Node("Sampler", {"seed": Reference("2", "INT")}),
    }
    expected = 5 if kind.hands_on else Reference("2", "INT")
    assert around(nodes).value(("3", "seed")) == expected


def test_the_words_of_a_name_are_found_with_their_values() -> None:
    nodes = {"3": Node("Sampler", {"seed": 5}), "9": Node("Save", {"name": "%width% %Sampler.seed% %Nobody.x% 100%"})}
    (found,) = find_words(around(nodes))
    assert (found.node, found.word, found.place, found.value) == ("9", "%Sampler.seed%", ("3", "seed"), 5)
    beyond = {each.word: each.value for each in find_words(around(nodes), lambda word: f"from outside: {word}")}
    assert beyond == {"%Sampler.seed%": 5, "%Nobody.x%": "from outside: Nobody.x"}


@pytest.mark.parametrize("mode", [Mode.MUTED, Mode.BYPASSED])
def test_a_node_that_writes_nothing_has_no_words(mode: Mode) -> None:
    nodes = {"3": Node("Sampler"), "9": Node("Save", mode=mode), "8": Node("Unknown", {"name": "%Sampler.seed%"})}
    assert list(find_words(around(nodes))) == []


def test_the_values_stand_beside_the_names_in_which_they_occur() -> None:
    nodes = {"3": Node("Sampler"), "9": Node("Save")}
    found = list(find_words(around(nodes)))
    changed = with_words(nodes, found)
    assert changed["9"].inputs == {"%Sampler.seed%": 1}
    assert changed["3"] is nodes["3"]
    assert with_words(nodes, []) is nodes


def test_a_node_type_takes_its_words_as_inputs() -> None:
    save = REGISTRY.get("Save")
    assert save is not None
    assert own_words(save.inputs[0]) == ("width",)
    changed = type_with_words(save, ["%Sampler.seed%", "%Sampler.seed%", "%a.b%"])
    assert [item.name for item in changed.inputs] == ["name", "%Sampler.seed%", "%a.b%"]
    assert changed.words == ("%Sampler.seed%", "%a.b%")


def test_what_there_is_to_name_is_listed_for_who_misspells() -> None:
    instance = Instance("Upscale", ("up",), {"steps": ()})
    words = around({"3": Node("Sampler", title="First")}, **{"7": instance}).words()
    assert {"First.seed", "First.cfg", "Upscale.steps"} <= {*words}
