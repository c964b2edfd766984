"""Parts of files that cannot work together keep a graph from running; only calls that are certain to run are asked."""

from typing import Annotated

import pytest

from graph.api import FileChoice, Lazy
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.file_clashes import certain_calls
from graph.document.workflow import Node, Workflow
from graph.files.file_kinds import AnyKind, FileClash
from graph.files.folders import Files
from tests.support.house import out
from tests.support.toys import toy_registry, type_from


def load(file: Annotated[str, FileChoice("input", fits=("vae",))] = "a.png", number: int = 0) -> int:
    return number


def maybe(condition: int = 0, *, value: Lazy[int]) -> int:
    return value.get() if condition else 0


REGISTRY = toy_registry()
REGISTRY.add(type_from(load, id="Load"))
REGISTRY.add(type_from(maybe, id="Maybe"))


class Kinds(AnyKind):
    def __init__(self):
        self.asked = []

    def clashes(self, calls, certain, path):
        self.asked.append((list(calls), sorted(certain), path("input", "a.png").name))
        return [FileClash("k", "in0", "they do not fit", "another", "this", "take another")]


@pytest.fixture
def files(tmp_path):
    (tmp_path / "a.png").touch()
    return Files({"input": [tmp_path]}, kinds=Kinds())


def test_those_that_know_files_are_asked_once_when_there_is_a_loader_and_each_clash_is_a_problem(files):
    nodes = {"l": Node("Load"), "k": Node("Keep", {"in0": out("l")})}
    with pytest.raises(WorkflowError) as refused:
        build(Workflow(nodes), REGISTRY, files)
    (problem,) = refused.value.problems
    assert (problem.code, problem.node, problem.node_type, problem.socket) == ("files_clash", "k", "Keep", "in0")
    assert (problem.message, problem.expected, problem.got) == ("they do not fit", "another", "this")
    assert problem.remedy == "take another"
    assert files.kinds.asked == [(["l", "k"], ["k", "l"], "a.png")]


def test_without_a_loader_nobody_is_asked(files):
    build(Workflow({"k": Node("Keep")}), REGISTRY, files)
    assert files.kinds.asked == []


def test_what_is_behind_a_choice_or_follows_one_is_not_certain_to_run():
    nodes = {
        "behind": Node("Add"),
        "both": Node("Add"),
        "m": Node("Maybe", {"value": out("behind"), "condition": out("both")}),
        "after": Node("Keep", {"in0": out("m")}),
        "beside": Node("Keep", {"in0": out("both")}),
    }
    graph = build(Workflow(nodes), REGISTRY, Files())
    assert certain_calls(graph) == {"both", "beside"}
