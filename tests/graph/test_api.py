"""What `graph.api` has for adapters: foreign classes become node types that are checked, run and remembered as others.

The adapter is `tests/support/foreign_nodes.py`; it imports nothing else of the engine.
"""

import ast
from collections import Counter
from pathlib import Path

import pytest

import graph.api
from graph.api import (
    BODY,
    FLOAT,
    INT,
    DuplicateNodeError,
    Each,
    Input,
    Registry,
    make_node_type,
    union,
)
from graph.base.errors import WorkflowError
from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine
from tests.support import foreign_nodes
from tests.support.foreign_nodes import Blocker, add_all

CALLED: Counter[str] = Counter()


class Add:
    """As packs have it: described by a method, called by the name of another."""

    CATEGORY, FUNCTION, DESCRIPTION = "foreign/math", "add", "Adds two numbers."
    RETURN_TYPES, RETURN_NAMES = ("INT", "STRING"), ("sum", "words")

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802 - the foreign name
        number = ("INT", {"default": 1, "min": 0, "max": 10})
        return {
            "required": {"a": number, "how": (["short", "long"],)},
            "optional": {"b": ("INT", {"min": 0})},
            "hidden": {"unique": "UNIQUE_ID"},
        }

    def add(self, a, how, unique, b=100):
        CALLED["Add"] += 1
        assert unique
        return a + b, f"{how} {a + b}"


class Choose:
    """Asks for the one of two inputs that it needs."""

    FUNCTION, RETURN_TYPES = "choose", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        lazy = ("INT", {"lazy": True, "forceInput": True})
        return {"required": {"first": ("BOOLEAN", {"default": True}), "one": lazy, "other": lazy}}

    def check_lazy_status(self, first, one, other):
        return ["one"] if first else ["other"]

    def choose(self, first, one=None, other=None):
        return (one if first else other,)


class Total:
    """Takes lists, gives a list, and has something to show."""

    FUNCTION, RETURN_TYPES, OUTPUT_NODE = "total", ("INT",), True
    INPUT_IS_LIST, OUTPUT_IS_LIST = True, (True,)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        return {"required": {"values": ("INT",)}}

    def total(self, values):
        picture = {"filename": "total.png", "subfolder": "", "type": "temp"}
        return {"ui": {"images": [picture]}, "result": ([*values, sum(values)],)}


class Stop:
    """Stops what reads it, and says that it is another one each time."""

    FUNCTION, RETURN_TYPES = "stop", ("INT",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        return {"required": {}}

    @classmethod
    def IS_CHANGED(cls):  # noqa: N802
        return float("nan")

    def stop(self):
        CALLED["Stop"] += 1
        return (Blocker(),)


class Secret:
    """Gives a value of a private type."""

    FUNCTION, RETURN_TYPES = "make", ("SECRET",)

    @classmethod
    def INPUT_TYPES(cls):  # noqa: N802
        return {"required": {}}

    def make(self):
        return (object(),)


CLASSES = {"Add": Add, "Choose": Choose, "Total": Total, "Stop": Stop, "Secret": Secret}


@pytest.fixture
def registry():
    CALLED.clear()
    registry = Registry()
    add_all(registry, CLASSES)
    return registry


@pytest.fixture
def foreign(registry):
    with Engine(registry) as engine:
        yield engine


def test_the_adapter_needs_nothing_but_the_api():
    tree = ast.parse(Path(foreign_nodes.__file__).read_text(encoding="utf-8"))
    imports = {each.module for each in ast.walk(tree) if isinstance(each, ast.ImportFrom)}
    assert {name for name in imports if name.partition(".")[0] == "graph"} == {"graph.api"}


def test_a_foreign_class_is_described_like_any_node(registry):
    described = next(each for each in registry.catalogue() if each["id"] == "Add")
    assert (described["title"], described["category"], described["help"]) == (
        "Add",
        "foreign/math",
        "Adds two numbers.",
    )
    assert [(each["name"], each["type"], each["optional"]) for each in described["inputs"]] == [
        ("a", "INT", False), ("how", "COMBO", False), ("b", "INT", True)
    ]  # fmt: skip
    assert [(each["name"], each["type"]) for each in described["outputs"]] == [("sum", "INT"), ("words", "STRING")]
    assert described["inputs"][1]["widget"]["options"] == ("short", "long")


def test_it_runs_with_defaults_and_without_optional_inputs_and_is_remembered(foreign):
    workflow = Workflow({"1": Node("Add", {"a": 2})})
    assert foreign.run(workflow, ["1"]).values["1"] == {"sum": 102, "words": "short 102"}
    assert foreign.run(workflow, ["1"]).reused == ("1",)
    assert foreign.run(workflow.with_input("1", "b", 3), ["1"]).values["1"]["sum"] == 5
    assert CALLED["Add"] == 2


def test_its_limits_and_types_are_checked_before_a_run(foreign):
    nodes = {"1": Node("Secret"), "2": Node("Add", {"a": 11, "how": "loud", "b": Reference("1", "SECRET")})}
    with pytest.raises(WorkflowError) as refused:
        foreign.check(Workflow(nodes), ["2"])
    assert {(problem.socket, problem.code) for problem in refused.value.problems} == {
        ("a", "above_max"), ("how", "not_a_choice"), ("b", "wrong_socket_type")
    }  # fmt: skip


@pytest.mark.parametrize(("first", "expected"), [(True, 101), (False, 102)])
def test_only_the_lazy_input_that_it_asks_for_is_worked_out(foreign, first, expected):
    nodes = {
        "1": Node("Add", {"a": 1}),
        "2": Node("Add", {"a": 2}),
        "3": Node("Choose", {"first": first, "one": Reference("1", "sum"), "other": Reference("2", "sum")}),
    }
    outcome = foreign.run(Workflow(nodes), ["3"])
    assert outcome.values["3"]["INT"] == expected
    assert outcome.ran == ("1" if first else "2", "3")


def test_lists_side_effects_and_pictures_are_those_of_the_engine(foreign):
    outcome = foreign.run(Workflow({"1": Node("Add", {"b": 1}), "2": Node("Total", {"values": Reference("1", "sum")})}))
    assert outcome.status == "finished"
    assert outcome.values["2"]["INT"] == [2, 2]
    assert [picture.name for picture in outcome.artifacts["2"]] == ["total.png"]


def test_a_blocked_branch_stops_and_a_node_that_is_always_another_runs_every_time(foreign):
    workflow = Workflow({"1": Node("Stop"), "2": Node("Add", {"a": Reference("1", "INT")})})
    for _ in range(2):
        assert foreign.run(workflow, ["2"]).ran == ("1",)
    assert CALLED == {"Stop": 2}


def test_two_node_types_with_one_id_are_refused(registry):
    with pytest.raises(DuplicateNodeError, match="'Add'"):
        add_all(registry, {"Add": Choose})


def identity(value):
    """Return what comes in."""
    return value


def test_a_module_may_hold_node_types_as_values(registry):
    module = type(ast)("a_pack")
    module.THING = make_node_type(identity, id="Thing", inputs=[Input("value", INT)], category="", module="a_pack")
    module.FROM_ELSEWHERE = registry.get("Add")
    found = Registry()
    found.add_module(module)
    assert [each.id for each in found] == ["Thing"]


def test_every_name_of_the_api_is_there():
    assert [name for name in graph.api.__all__ if not hasattr(graph.api, name)] == []
    assert union((INT, FLOAT)).names == ("INT", "FLOAT")
    assert BODY.name == "BODY"
    assert Each
