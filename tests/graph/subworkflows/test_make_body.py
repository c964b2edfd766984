"""A body is told by what it computes: whatever changes its result changes its identity, and nothing else does."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest

from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.files.folders import Files
from graph.node_types.body import Body
from graph.node_types.registry import Registry
from graph.node_types.widgets import FileChoice, Seed
from graph.subworkflows.flatten import flatten
from tests.support.toys import toy_registry, type_from


class Place:
    """Node types, files, and a loop whose body is looked at."""

    def __init__(self, root: Path) -> None:
        (root / "input").mkdir()
        self.input = root / "input"
        (self.input / "a.txt").write_text("a")
        (self.input / "b.txt").write_text("b")
        self.files = Files({"input": [self.input]})
        self.registry = self.types()

    def types(self, version: int = 1) -> Registry:
        def loop(body: Body) -> int:
            return 0

        def load(name: Annotated[str, FileChoice("input", (".txt",))] = "a.txt", number: int = 0) -> int:
            return 0

        def chance(seed: Annotated[int, Seed()] = 0) -> int:
            return seed

        def clock() -> int:
            return 0

        def versioned(number: int = 0) -> int:
            return number

        registry = toy_registry()
        for function, options in (
            (loop, {}), (load, {}), (chance, {}), (clock, {"cache": False}), (versioned, {"version": version}),
        ):  # fmt: skip
            registry.add(type_from(function, id=function.__name__.title(), **options))
        return registry

    def body(self, definition: Subworkflow, **others: Subworkflow) -> Body:
        workflow = Workflow({"loop": Node("Loop", {"body": "it"})}, subworkflows={"it": definition, **others})
        (found,) = flatten(workflow, self.registry, self.files, ["loop"]).bodies
        return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def ref(node: str, output: str = "INT") -> Reference:
    return Reference(node, output)


BASE = Subworkflow(
    {"1": Node("Versioned", {"number": 3}), "2": Node("Add", {"in0": ref("1"), "number": 1})},
    inputs=(SubworkflowInput("x", (("1", "number"),)),),
    outputs=(SubworkflowOutput("out", ref("2")),),
)


def edited(**nodes: Node) -> Subworkflow:
    return replace(BASE, nodes={**BASE.nodes, **{name.lstrip("n"): node for name, node in nodes.items()}})


SAME: dict[str, Subworkflow] = {
    "titles and places": edited(n2=replace(BASE.nodes["2"], title="Sum", position=(1, 2), size=(3, 4))),
    "other ids": Subworkflow(
        {"a": BASE.nodes["1"], "b": Node("Add", {"in0": ref("a"), "number": 1})},
        inputs=(SubworkflowInput("x", (("a", "number"),)),), outputs=(SubworkflowOutput("out", ref("b")),),
    ),
    "a node that nothing needs": edited(n9=Node("Add", {"number": 9})),
    "a title and notes": replace(BASE, title="Twice", notes=({"text": "look"},)),
}  # fmt: skip
OTHER: dict[str, Subworkflow] = {
    "another literal": edited(n2=BASE.nodes["2"].with_inputs({"in0": ref("1"), "number": 2})),
    "another edge": edited(n2=BASE.nodes["2"].with_inputs({"in1": ref("1"), "number": 1})),
    "another node type": edited(n2=Node("Pass", {"in0": ref("1"), "number": 1})),
    "another mode": edited(n1=replace(BASE.nodes["1"], mode=Mode.MUTED)),
    "an input that goes elsewhere": replace(BASE, inputs=(SubworkflowInput("x", (("2", "number"),)),)),
    "an input of another name": replace(BASE, inputs=(SubworkflowInput("y", (("1", "number"),)),)),
    "an output of another node": replace(BASE, outputs=(SubworkflowOutput("out", ref("1")),)),
    "an output of another name": replace(BASE, outputs=(SubworkflowOutput("end", ref("2")),)),
    "one more side effect": edited(n9=Node("Keep", {"in0": ref("1")})),
}


@pytest.mark.parametrize("name", SAME)
def test_what_makes_no_difference_to_the_result_makes_none_to_the_identity(place: Place, name: str) -> None:
    assert place.body(SAME[name]).identity == place.body(BASE).identity != b""


@pytest.mark.parametrize("name", OTHER)
def test_what_may_change_the_result_makes_another_identity(place: Place, name: str) -> None:
    other = place.body(OTHER[name]).identity
    assert other not in (b"", place.body(BASE).identity)


def test_another_version_of_a_node_type_makes_another_identity(place: Place) -> None:
    before = place.body(BASE).identity
    place.registry = place.types(version=2)
    assert place.body(BASE).identity != before


def given(node: Node, *inputs: str) -> Subworkflow:
    entrances = tuple(SubworkflowInput(name, (("1", name),)) for name in inputs)
    return Subworkflow({"1": node}, inputs=entrances, outputs=(SubworkflowOutput("out", ref("1")),))


def test_a_chosen_file_counts_by_its_content(place: Place) -> None:
    before = place.body(given(Node("Load"))).identity
    assert place.body(given(Node("Load", {"name": "b.txt"}))).identity not in (b"", before)
    (place.input / "a.txt").write_text("other")
    assert place.body(given(Node("Load"))).identity not in (b"", before)


UNKNOWN: dict[str, Any] = {
    "a node that is to run every time": given(Node("Clock")),
    "a file that is chosen only later": given(Node("Load"), "name"),
    "a file that is gone": given(Node("Load", {"name": "gone.txt"})),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_where_nobody_can_tell_there_is_no_identity(place: Place, name: str) -> None:
    assert place.body(UNKNOWN[name]).identity == b""


def test_seeds_and_files_that_are_written_inside_are_told_to_who_keeps_account(place: Place) -> None:
    body = place.body(given(Node("Chance", {"seed": 7})))
    assert body.seeds == {"1.seed": 7}
    assert place.body(given(Node("Load", {"name": "b.txt"}))).files == (("input", "b.txt"),)


def test_inner_subworkflows_are_unfolded(place: Place) -> None:
    outer = Subworkflow({"7": Node("@inner")}, outputs=(SubworkflowOutput("out", ref("7", "out")),))
    body = place.body(outer, inner=BASE)
    assert set(body.nodes) == {"7/1", "7/2"}
    assert body.outputs == {"out": ref("7/2")}
