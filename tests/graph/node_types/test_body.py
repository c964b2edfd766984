"""A sub-workflow as a value: what a node gets, and what its identity covers."""

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import pytest

from graph.api import Body, FileChoice, Number, node
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.caching.keys import FreshKey, cache_keys
from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.engine import Engine
from graph.files.folders import Files
from graph.node_types.body import BODY
from graph.node_types.catalogue import restore
from graph.node_types.digests import encode
from graph.node_types.expansion import Expand, Expansion
from graph.node_types.flow import GivenValue
from graph.node_types.registry import Registry
from graph.subworkflows.flatten import flatten
from tests.support.toys import mix, toy_registry, type_from


def loop(body: Body, times: int = 1) -> str:
    """Name the body; the real ones run it."""
    return body.id


def either(body: Body | None = None) -> int:
    """Take a body or none."""
    return 0 if body is None else 1


def load(file: Annotated[str, FileChoice("input")], number: int = 0) -> int:
    """Read a file."""
    return number


def registry():
    found = toy_registry()
    for function, name in ((loop, "Loop"), (either, "Either"), (load, "Load")):
        found.add(type_from(function, id=name))
    return found


REGISTRY = registry()
STEP = Subworkflow(
    {
        "1": Node("Add", {"number": 1}, title="First", position=(0, 0)),
        "2": Node("Add", {"in0": Reference("1", "INT"), "number": 2}),
        "3": Node("Add", {"number": 3}),
    },
    title="Step",
    inputs=(SubworkflowInput("x", (("1", "in0"), ("2", "in1"))), SubworkflowInput("y", (("2", "number"),))),
    outputs=(SubworkflowOutput("out", Reference("2", "INT")),),
)
NESTED = Subworkflow(
    {"a": Node("@step", {"y": 5}), "b": Node("@step", {"x": Reference("a", "out")})},
    inputs=(SubworkflowInput("x", (("a", "x"),)), SubworkflowInput("y", (("b", "y"), ("b", "x")))),
    outputs=(SubworkflowOutput("out", Reference("b", "out")),),
)


def body_of(definition, files=None, known=REGISTRY, **others):
    """The body that a node is given."""
    workflow = Workflow({"7": Node("Loop", {"body": "it"})}, subworkflows={"it": definition, "step": STEP, **others})
    return flatten(workflow, known, files or Files()).workflow.nodes["7"].inputs["body"]


def problems(nodes, **definitions):
    with pytest.raises(WorkflowError) as caught:
        build(Workflow(nodes, subworkflows=definitions), REGISTRY, Files(), list(nodes))
    return caught.value.problems


def test_a_node_gets_the_subworkflow_that_a_file_names():
    with Engine(REGISTRY) as engine:
        workflow = Workflow({"7": Node("Loop", {"body": "step"})}, subworkflows={"step": STEP})
        assert engine.run(workflow, ["7"]).values["7"] == {"STRING": "step"}


def test_the_annotation_makes_a_socket_with_a_widget_of_its_own():
    item = REGISTRY.get("Loop").by_name["body"]
    assert (item.type.name, item.widget.kind, item.optional) == ("BODY", "subworkflow", False)
    assert REGISTRY.get("Either").by_name["body"].optional
    restored = restore(REGISTRY.catalogue()).get("Loop").by_name["body"]
    assert (restored.type, restored.widget) == (BODY, item.widget)


def test_a_body_may_come_through_the_input_of_an_instance():
    around = Subworkflow({"1": Node("Loop")}, inputs=(SubworkflowInput("what", (("1", "body"),)),))
    workflow = Workflow({"7": Node("@around", {"what": "step"})}, subworkflows={"around": around, "step": STEP})
    assert flatten(workflow, REGISTRY, Files()).workflow.nodes["7/1"].inputs["body"].id == "step"


def test_an_optional_body_may_be_left_out():
    assert build(Workflow({"7": Node("Either")}, subworkflows={}), REGISTRY, Files(), ["7"]).calls["7"].literals == {
        "body": None
    }


@pytest.mark.parametrize(
    ("inputs", "code", "remedy"),
    [
        ({"body": "stop"}, "unknown_subworkflow", "did you mean 'step'?"),
        ({"body": ""}, "unknown_subworkflow", "use one of 'step'"),
        ({"body": 5}, "wrong_type", "give it a sub-workflow of this document"),
        ({}, "missing_input", "give it a value"),
    ],
)
def test_a_body_that_is_not_there_is_refused(inputs, code, remedy):
    (problem,) = problems({"7": Node("Loop", inputs)}, step=STEP)
    assert (problem.code, problem.node, problem.socket) == (code, "7", "body")
    assert remedy in problem.remedy


def test_a_body_that_is_a_circle_is_refused():
    itself = Subworkflow(
        {"1": Node("Loop", {"body": "itself"})}, outputs=(SubworkflowOutput("o", Reference("1", "STRING")),)
    )
    (problem,) = problems({"7": Node("Loop", {"body": "itself"})}, itself=itself)
    assert (problem.code, problem.node, problem.socket) == ("cycle", "7", "body")
    around = Subworkflow({"1": Node("Loop")}, inputs=(SubworkflowInput("what", (("1", "body"),)),))
    hidden = Subworkflow({"1": Node("@around", {"what": "hidden"})})
    (problem,) = problems({"7": Node("Loop", {"body": "hidden"})}, around=around, hidden=hidden)
    assert problem.code == "cycle"


def test_what_is_wrong_inside_of_a_body_is_told_before_a_run():
    broken = Subworkflow(
        {"1": Node("@gone"), "2": Node("@step", {"z": 1})}, outputs=(SubworkflowOutput("o", Reference("9", "INT")),)
    )
    found = problems({"7": Node("Loop", {"body": "broken"})}, broken=broken, step=STEP)
    assert {(problem.code, problem.node) for problem in found} >= {
        ("unknown_subworkflow", "@broken/1"),
        ("unknown_input", "@broken/2"),
        ("dangling_reference", "@broken"),
    }


def test_what_would_go_wrong_inside_of_a_body_is_told_before_a_run():
    wrong = Subworkflow(
        {"1": Node("Add", {"number": "x"}), "2": Node("Split"), "3": Node("Fine", {"value": Reference("2", "whole")})},
        inputs=(SubworkflowInput("value", (("2", "value"),)),),
        outputs=(
            SubworkflowOutput("o", Reference("1", "INT")),
            SubworkflowOutput("p", Reference("2", "whole")),
            SubworkflowOutput("q", Reference("3", "x")),
        ),
    )
    found = problems({"7": Node("Loop", {"body": "wrong"})}, wrong=wrong)
    assert [(problem.code, problem.node, problem.socket) for problem in found] == [
        ("unknown_node_type", "@wrong/3", ""),
        ("wrong_type", "@wrong/1", "number"),
    ], "what comes in from outside is not missed"


@pytest.mark.parametrize("mode", [Mode.ACTIVE, Mode.MUTED])
def test_a_broken_body_that_nothing_needs_stands_in_nobodys_way(mode):
    broken = Subworkflow(
        {"1": Node("@gone"), "2": Node("Add", {"number": "x"})}, outputs=(SubworkflowOutput("o", Reference("1", "X")),)
    )
    loop_node = Node("Loop", {"body": "broken"}, mode=mode)
    nodes = {"6": loop_node, "7": Node("Any", {"value": Reference("6", "STRING")}), "8": Node("Keep")}
    workflow = Workflow(nodes, subworkflows={"broken": broken})
    assert list(build(workflow, REGISTRY, Files()).calls) == ["8"]
    if mode is Mode.ACTIVE:
        with pytest.raises(WorkflowError):
            build(workflow, REGISTRY, Files(), ["7"])


# Placing


def test_placing_fills_the_inputs_and_says_where_the_outputs_are():
    body = body_of(STEP)
    given = GivenValue(5, b"five")
    nodes, outputs = body.place({"x": given, "y": Reference("outside", "INT")})
    assert nodes["1"].inputs == {"number": 1, "in0": given}
    assert nodes["2"].inputs == {"in0": Reference("1", "INT"), "number": Reference("outside", "INT"), "in1": given}
    assert outputs == {"out": Reference("2", "INT")}
    assert body.nodes["1"].inputs == {"number": 1}, "the body stays as it was"


def test_what_is_not_given_leaves_the_inner_nodes_as_they_are():
    body = body_of(STEP)
    nodes, _ = body.place({})
    assert nodes == dict(body.nodes)


def test_placing_somewhere_moves_what_lies_inside_and_nothing_else():
    body = body_of(STEP)
    nodes, outputs = body.place({"x": Reference("1", "INT")}, at="loop")
    assert list(nodes) == ["loop/1", "loop/2", "loop/3"]
    assert nodes["loop/2"].inputs == {"in0": Reference("loop/1", "INT"), "number": 2, "in1": Reference("1", "INT")}
    assert outputs == {"out": Reference("loop/2", "INT")}


def test_placing_what_is_no_input_is_an_error():
    with pytest.raises(KeyError):
        body_of(STEP).place({"z": 1})


def test_subworkflows_inside_of_a_body_are_unfolded():
    body = body_of(NESTED)
    assert list(body.nodes) == ["a/1", "a/2", "a/3", "b/1", "b/2", "b/3"]
    assert set(body.inputs["x"]) == {("a/1", "in0"), ("a/2", "in1")}
    assert set(body.inputs["y"]) == {("b/2", "number"), ("b/1", "in0"), ("b/2", "in1")}
    assert body.outputs == {"out": Reference("b/2", "INT")}


def test_a_body_knows_what_in_it_has_an_effect_and_its_seeds_and_files(tmp_path):
    (tmp_path / "cat.png").write_bytes(b"cat")
    inner = Subworkflow(
        {
            "1": Node("Keep"),
            "2": Node("Keep", mode=Mode.MUTED),
            "3": Node("Seeded", {"seed": 7}),
            "4": Node("Load", {"file": "cat.png"}),
        }
    )
    body = body_of(inner, Files({"input": [tmp_path]}))
    assert (body.effects, body.seeds, body.files) == (("1",), {"3.seed": 7}, (("input", "cat.png"),))


def bypassing(node, **more):
    return Subworkflow(
        {"0": Node("Add"), "1": node, "2": Node("Add", {"in0": Reference("1", "INT")}), **more},
        inputs=(SubworkflowInput("x", (("1", "in0"),)),),
        outputs=(SubworkflowOutput("out", Reference("2", "INT")),),
    )


def test_an_input_goes_through_a_bypassed_node_of_a_body_to_what_reads_it():
    body = body_of(bypassing(Node("Add", {"in1": Reference("0", "INT")}, mode=Mode.BYPASSED)))
    given = GivenValue(5, b"five")
    assert body.place({"x": given})[0]["2"].inputs == {"in0": given}
    assert body.place({})[0]["2"].inputs == {"in0": Reference("0", "INT")}, "what it is connected to inside"


def test_a_bypassed_instance_of_a_body_is_stepped_through_too():
    inner = Node("@step", {"y": Reference("0", "INT")}, mode=Mode.BYPASSED)
    definition = replace(bypassing(inner), inputs=(SubworkflowInput("x", (("1", "x"),)),))
    reading = {**definition.nodes, "2": Node("Add", {"in0": Reference("1", "out")})}
    body = body_of(replace(definition, nodes=reading))
    given = GivenValue(5, b"five")
    assert body.place({"x": given})[0]["2"].inputs == {"in0": given}
    assert body.place({})[0]["2"].inputs == {"in0": Reference("0", "INT")}


def test_an_output_that_a_bypassed_node_gives_comes_from_behind_it():
    definition = bypassing(Node("Add"), **{"3": Node("Add", {"in0": Reference("0", "INT")}, mode=Mode.BYPASSED)})
    body = body_of(replace(definition, outputs=(SubworkflowOutput("out", Reference("3", "INT")),)))
    assert body.outputs == {"out": Reference("0", "INT")}


def test_an_output_may_be_an_input_that_a_bypassed_node_hands_on():
    definition = bypassing(Node("Add", {"in1": Reference("0", "INT")}, mode=Mode.BYPASSED))
    body = body_of(replace(definition, outputs=(SubworkflowOutput("out", Reference("1", "INT")),)))
    given = GivenValue(5, b"five")
    assert body.place({"x": given}, at="7")[1] == {"out": given}
    assert body.place({}, at="7")[1] == {"out": Reference("7/0", "INT")}, "what it is connected to inside"
    without = body_of(replace(definition, inputs=(), outputs=(SubworkflowOutput("out", Reference("1", "INT")),)))
    assert body.identity not in (b"", without.identity)


@pytest.mark.parametrize("bypassed", [Node("Box", mode=Mode.BYPASSED), Node("@quiet", mode=Mode.BYPASSED)])
def test_what_a_bypassed_node_has_nothing_for_is_left_out_or_missed(bypassed):
    output = "out" if bypassed.type == "@quiet" else "BOX"
    quiet = Subworkflow({"1": Node("Box")}, outputs=(SubworkflowOutput("out", Reference("1", "BOX")),))
    reading = {"1": bypassed, "2": Node("Add", {"in0": Reference("1", output)})}
    optional = Subworkflow(reading, outputs=(SubworkflowOutput("out", Reference("2", "INT")),))
    assert body_of(optional, quiet=quiet).nodes["2"].inputs == {"in0": None}
    needed = {"0": Node("Box"), "1": bypassed}
    needed["2"] = Node("Unbox", {"one": Reference("1", output), "two": Reference("0", "BOX")})
    required = Subworkflow(needed, outputs=(SubworkflowOutput("out", Reference("2", "STRING")),))
    (problem,) = problems({"7": Node("Loop", {"body": "it"})}, it=required, quiet=quiet)
    assert (problem.code, problem.node, problem.socket) == ("missing_input", "@it/2", "one")
    assert problem.message == "the bypassed node 1 has nothing of this type to hand on"


# Identity


def edited(**changes):
    """STEP with one node changed: `n1=Node(...)`."""
    return replace(STEP, nodes={**STEP.nodes, **{name.removeprefix("n"): item for name, item in changes.items()}})


SAME = {
    "titles": edited(
        n1=replace(STEP.nodes["1"], title="Other", position=(5, 5), size=(1, 1), seeds={"number": "fixed"})
    ),
    "unknown parts of nodes": edited(n1=replace(STEP.nodes["1"], extra={"colour": "red"})),
    "texts": replace(STEP, title="Other", description="Words", extra={"colour": "red"}),
    "notes": replace(STEP, notes=({"text": "Look"},), groups=({"title": "All"},)),
    "titles of sockets": replace(STEP, inputs=(replace(STEP.inputs[0], title="An x"), STEP.inputs[1])),
    "the order of nodes": replace(STEP, nodes=dict(reversed(STEP.nodes.items()))),
    "a node that nothing needs": edited(n3=Node("Add", {"number": 4})),
    "ids": Subworkflow(
        {"one": STEP.nodes["1"], "two": Node("Add", {"in0": Reference("one", "INT"), "number": 2})},
        inputs=(SubworkflowInput("x", (("one", "in0"), ("two", "in1"))), SubworkflowInput("y", (("two", "number"),))),
        outputs=(SubworkflowOutput("out", Reference("two", "INT")),),
    ),
    "the order of places": replace(STEP, inputs=(SubworkflowInput("x", STEP.inputs[0].to[::-1]), STEP.inputs[1])),
}
OTHER = {
    "a value": edited(n1=Node("Add", {"number": 9})),
    "the type of a value": edited(n1=Node("Add", {"number": 1.0})),
    "a value that is overridden where it is given": edited(
        n2=STEP.nodes["2"].with_inputs({"in0": Reference("1", "INT")})
    ),
    "a node type": edited(n1=Node("Device", {"number": 1})),
    "a mode": edited(n1=replace(STEP.nodes["1"], mode=Mode.BYPASSED)),
    "muted": edited(n1=replace(STEP.nodes["1"], mode=Mode.MUTED)),
    "an edge": edited(n2=Node("Add", {"in1": Reference("1", "INT"), "number": 2})),
    "another source": edited(n2=Node("Add", {"in0": Reference("3", "INT"), "number": 2})),
    "a side effect": edited(n4=Node("Keep", {"in0": Reference("2", "INT")})),
    "where an input leads": replace(STEP, inputs=(SubworkflowInput("x", (("1", "in0"),)), STEP.inputs[1])),
    "the name of an input": replace(STEP, inputs=(replace(STEP.inputs[0], name="z"), STEP.inputs[1])),
    "the order of inputs": replace(STEP, inputs=STEP.inputs[::-1]),
    "the name of an output": replace(STEP, outputs=(SubworkflowOutput("other", Reference("2", "INT")),)),
    "where an output comes from": replace(STEP, outputs=(SubworkflowOutput("out", Reference("1", "INT")),)),
    "another output": replace(STEP, outputs=(*STEP.outputs, SubworkflowOutput("b", Reference("1", "INT")))),
    "an inner body": edited(n1=Node("Loop", {"body": "step"})),
}


@pytest.mark.parametrize("name", SAME)
def test_the_identity_is_the_same_with_other(name):
    assert body_of(SAME[name]).identity == body_of(STEP).identity != b""
    assert body_of(SAME[name]) == body_of(STEP)


@pytest.mark.parametrize("name", OTHER)
def test_the_identity_is_another_with_another(name):
    assert body_of(OTHER[name]).identity not in (body_of(STEP).identity, b"")
    assert body_of(OTHER[name]) != body_of(STEP)


def test_all_these_differ_from_each_other():
    assert len({body_of(definition).identity for definition in OTHER.values()}) == len(OTHER)


def test_the_identity_covers_the_code_of_the_nodes():
    def with_version(version):
        known = Registry()
        known.add_all(item for item in REGISTRY if item.id != "Add")
        known.add(type_from(add, id="Add", version=version))
        return body_of(STEP, known=known).identity

    def add(number: int = 0, in0: int | None = None, in1: int | None = None) -> int:
        """Add."""
        return 0

    assert with_version(1) == with_version(1) != with_version(2)


def test_the_identity_covers_the_files_that_its_nodes_choose(tmp_path):
    file = tmp_path / "cat.png"
    definition = Subworkflow(
        {"1": Node("Load", {"file": "cat.png"})}, outputs=(SubworkflowOutput("out", Reference("1", "INT")),)
    )
    file.write_bytes(b"cat")
    before = body_of(definition, Files({"input": [tmp_path]})).identity
    assert before
    file.write_bytes(b"a larger cat")
    assert body_of(definition, Files({"input": [tmp_path]})).identity != before


@pytest.mark.parametrize(
    ("inner", "entrances"),
    [
        (Node("Impure"), ()),
        (Node("Load", {"file": "gone.png"}), ()),
        (Node("Load", {"file": "gone.png"}), (SubworkflowInput("x", (("1", "file"),)),)),
        (Node("Add", {"in0": Reference("1", "INT")}), ()),
    ],
    ids=[
        "a node that gives another result every time",
        "a file that is gone",
        "a file that is chosen later",
        "a circle",
    ],
)
def test_where_something_has_no_identity_nothing_is_reused(inner, entrances):
    definition = Subworkflow({"1": inner}, inputs=entrances, outputs=(SubworkflowOutput("out", Reference("1", "INT")),))
    body = body_of(definition)
    assert body.identity == b""
    with pytest.raises(TypeError):
        encode(body)
    assert body != body_of(definition)


def test_what_a_node_says_that_it_depends_on_is_in_the_identity():
    outside = {"cats": 1}

    @node("Count", category="test", fingerprint=lambda folder, scale, number=None: outside[folder] * scale)
    def count(folder: str = "cats", scale: float = 1.0, number: Annotated[int, Number()] = 0) -> int:
        """Count what is outside."""
        return outside[folder]

    known = registry()
    known.add(count.__node_type__)

    def identity(entrances=(), **inputs):
        nodes = {"1": Node("Count", inputs), "2": Node("Add")}
        definition = Subworkflow(nodes, inputs=entrances, outputs=(SubworkflowOutput("out", Reference("1", "INT")),))
        return body_of(definition, known=known).identity

    before = identity(), identity(scale=2), identity(number=Reference("2", "INT"))
    assert len({b"", *before}) == 4
    assert (identity(), identity(scale=2), identity(number=Reference("2", "INT"))) == before
    outside["cats"] = 5
    assert not {b"", *before} & {identity(), identity(scale=2), identity(number=Reference("2", "INT"))}
    assert identity(folder="dogs") == b"", "it raises"
    assert identity(scale="much") == b"", "what cannot run has none"
    assert identity(entrances=(SubworkflowInput("x", (("1", "number"),)),)) == b"", "what comes in is not known yet"


def test_equal_bodies_make_equal_keys_and_unknown_ones_are_fresh():
    def key(definition):
        workflow = Workflow({"7": Node("Loop", {"body": "it"})}, subworkflows={"it": definition})
        return cache_keys(build(workflow, REGISTRY, Files(), ["7"]), Files())["7"]

    assert key(STEP) == key(SAME["ids"]) != key(OTHER["a value"])
    impure = Subworkflow({"1": Node("Impure")}, outputs=(SubworkflowOutput("out", Reference("1", "INT")),))
    assert isinstance(key(impure), FreshKey)


@pytest.mark.process
def test_the_identity_is_the_same_in_every_process():
    script = "from tests.graph.node_types.test_body import NESTED, body_of; print(body_of(NESTED).identity.hex())"
    found = {
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True,
            check=True, cwd=Path(__file__).parents[3],
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(found) == 1
    assert re.fullmatch(r"[0-9a-f]{32}\n", found.pop())


# In a run


def repeat(body: Body, times: int = 2, x: int = 0) -> int | Expand:
    """Run a body again and again, each time on what it gave before."""
    inner, value = Expansion(), x
    for _ in range(times):
        value = inner.place(body, x=value)["out"]
    return inner.returns(value)


COUNTING = Subworkflow(
    {
        "1": Node("Add", {"name": "first", "number": 1}),
        "2": Node("Add", {"name": "second", "in0": Reference("1", "INT")}),
    },
    inputs=(SubworkflowInput("x", (("1", "in0"),)),),
    outputs=(SubworkflowOutput("out", Reference("2", "INT")),),
)
TWICE = Subworkflow(
    {"loop": Node("Repeat", {"body": "counting", "times": 2})},
    inputs=(SubworkflowInput("x", (("loop", "x"),)),),
    outputs=(SubworkflowOutput("out", Reference("loop", "INT")),),
)


@pytest.fixture
def looping(registry, files):
    registry.add(type_from(repeat, id="Repeat"))
    with Engine(registry, files) as engine:
        yield engine


@pytest.mark.parametrize(("body", "rounds"), [("counting", 3), ("twice", 6)])
def test_a_body_is_run_in_place_of_a_node_and_remembered(looping, recorder, body, rounds):
    def run(counting):
        workflow = Workflow(
            {"7": Node("Repeat", {"body": body, "times": 3})}, subworkflows={"counting": counting, "twice": TWICE}
        )
        outcome = looping.run(workflow, ["7"])
        assert outcome.status == "finished", outcome.problems
        return outcome.values["7"]["INT"]

    value = 0
    for _ in range(rounds):
        value = mix(0, [mix(1, [value, *[None] * 5]), *[None] * 5])
    assert run(COUNTING) == value
    assert recorder.take() == ["first", "second"] * rounds
    assert run(COUNTING) == value
    assert run(replace(COUNTING, title="Another title", notes=({"text": "Look"},))) == value
    assert recorder.take() == [], "titles and notes make no difference"
    second = COUNTING.nodes["2"].with_inputs({**COUNTING.nodes["2"].inputs, "number": 9})
    assert run(replace(COUNTING, nodes={**COUNTING.nodes, "2": second})) != value
    assert recorder.take() == ["second", *["first", "second"] * (rounds - 1)], "the first call has the same key"
    assert run(COUNTING) == value
    assert recorder.take() == []
