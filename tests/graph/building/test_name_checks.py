"""What is refused of the names of files: words that mean nothing, folders that cannot be written, values of items."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pytest

from graph.api import Each
from graph.base.errors import Problem
from graph.building.calls import Call, Edge, Graph
from graph.building.name_checks import NameChecks, items_in_names, without_value
from graph.building.problems import NodeLocation
from graph.document.workflow import Node, Reference
from graph.files.folders import Files
from graph.node_types.node_type import NodeType
from graph.node_types.registry import Registry
from graph.node_types.widgets import Text
from graph.subworkflows.name_words import WordResolver, type_with_words
from tests.support.toys import type_from


def sampler(seed: int = 1, steps: int = 20) -> int:
    return seed


def count(stop: int = 3) -> Each[int]:
    yield from range(stop)


def total(values: list[int]) -> int:
    return sum(values)


def save(value: int = 0, prefix: Annotated[str, Text(file_name=True, words=("width",))] = "picture") -> None:
    """Write a file."""


def save_all(
    values: list[int] | None = None, prefix: Annotated[str, Text(file_name=True, words=("width",))] = "picture"
) -> None:
    """Write a file of all."""


TYPES = {
    "Sampler": type_from(sampler, id="Sampler"),
    "Count": type_from(count, id="Count"),
    "Total": type_from(total, id="Total"),
    "Save": type_from(save, id="Save", side_effect=True, writes="output"),
    "SaveAll": type_from(save_all, id="SaveAll", side_effect=True, writes="output"),
}
AT = NodeLocation("9", "Save")
PREFIX = TYPES["Save"].by_name["prefix"]


NOTHING_CLOSE = "name a node by its title or type, and one of its inputs, as in %KSampler.seed%; or write a lone % only"


def checks(files: Files, **nodes: Node) -> NameChecks:
    registry = Registry()
    registry.add_all(TYPES.values())
    return NameChecks(WordResolver({"3": Node("Sampler"), **nodes}, registry), files)


def words(files: Files, prefix: object, **inputs: object) -> tuple[dict[str, str], list[tuple[str, str]]]:
    """The words of a name that mean inputs, each with the input that has it; and what is refused."""
    node = Node("Save", {"prefix": prefix, **inputs})
    edges = {"prefix": Edge("3", 0)} if isinstance(prefix, Reference) else {}
    means, found = checks(files, **{"9": node}).words(Call("9", TYPES["Save"], edges=edges), node, AT)
    return {word: item.name for word, item in means.items()}, [(each.code, each.remedy) for each in found]


@pytest.mark.parametrize("prefix", ["cat", "cats/%date:yyyy%", "%width%", "%", "100 %"])
def test_names_with_known_words_are_not_refused(files: Files, prefix: str) -> None:
    assert words(files, prefix) == ({}, [])


@pytest.mark.parametrize(
    ("prefix", "remedy"),
    [
        ("%Sampler.sed%", "did you mean %Sampler.seed%?"),
        ("%Smpler.seed%", "did you mean %Sampler.seed%?"),
        ("%widht%", "did you mean %width%?"),
        ("%date%", "did you mean %date:yyyy-MM-dd%?"),
        ("%qqqqqqqq%", NOTHING_CLOSE),
    ],
)
def test_an_unknown_word_is_refused_with_the_most_similar_one(files: Files, prefix: str, remedy: str) -> None:
    assert words(files, prefix) == ({}, [("unknown_word", remedy)])


def test_a_word_that_has_a_value_is_told_with_the_input_that_contains_it(files: Files) -> None:
    inputs = {"%Sampler.seed%": 7, "%Sampler.steps%": Reference("3", "INT")}
    assert words(files, "%Sampler.seed%-%Sampler.sed%", **inputs) == (
        {"%Sampler.seed%": "prefix"}, [("unknown_word", "did you mean %Sampler.seed%?")]
    )  # fmt: skip


def test_a_name_that_only_the_run_computes_is_not_looked_at(files: Files) -> None:
    assert words(files, Reference("3", "INT")) == ({}, [])


@pytest.mark.parametrize(
    ("prefix", "got"),
    [("cats/red", None), ("taken", None), ("taken/red", "output/taken"), ("%width%/red", None)],
)
def test_a_folder_whose_place_a_file_has_taken_cannot_be_written(
    files: Files, tmp_path: Path, prefix: str, got: str | None
) -> None:
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "taken").touch()
    found = checks(files, **{"9": Node("Save", {"prefix": prefix})}).folder(Call("9", TYPES["Save"]), AT)
    assert [(each.code, each.socket, each.got) for each in found] == ([("cannot_write", "prefix", got)] if got else [])


def test_each_folder_is_looked_at_once_for_all_nodes(files: Files, tmp_path: Path) -> None:
    (tmp_path / "output").mkdir()
    taken = tmp_path / "output" / "taken"
    taken.touch()
    nodes = {name: Node("Save", {"prefix": "taken/red"}) for name in "89"}
    found = checks(files, **nodes)
    assert len(found.folder(Call("8", TYPES["Save"]), AT)) == 1
    taken.unlink()
    assert len(found.folder(Call("9", TYPES["Save"]), AT)) == 1


def test_what_is_wrong_with_the_value_of_a_word_is_told_of_the_name() -> None:
    found = without_value(Problem("missing_input", "it is missing", "9", "Save", "%Sampler.seed%"), "%S.seed%", PREFIX)
    assert (found.code, found.socket) == ("missing_input", "prefix")
    assert found.message == "the word %S.seed% stands for nothing: it is missing"


def saving(saver: str, source: str) -> list[tuple[str, str, str]]:
    """What is refused of a node that saves `value`, in a name with a word that comes from another node."""
    word = "%Sampler.seed%"
    node_type: NodeType = type_with_words(TYPES[saver], [word])
    edges = {("value" if saver == "Save" else "values"): Edge("s", 0), word: Edge(source, 0)}
    last = Call("w", node_type, edges=edges)
    graph = Graph({
        "c": Call("c", TYPES["Count"]),
        "s": Call("s", TYPES["Sampler"], edges={"seed": Edge("c", 0)}),
        "p": Call("p", TYPES["Sampler"]),
        "w": last,
    }, ("w",))  # fmt: skip
    found = items_in_names(graph)
    assert last.edges == edges, "the edges are as before"
    return [(each.code, each.node, each.socket) for each in found]


@pytest.mark.parametrize(
    ("saver", "source", "refused"),
    [
        ("Save", "s", []),
        ("Save", "p", []),
        ("SaveAll", "p", []),
        ("SaveAll", "s", [("items_in_name", "w", "prefix")]),
    ],
)
def test_a_word_with_a_value_for_each_item_is_refused_where_all_items_are_saved_at_once(
    saver: str, source: str, refused: list[tuple[str, str, str]]
) -> None:
    assert saving(saver, source) == refused
