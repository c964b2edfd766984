"""From a document to the graph that runs: what is refused and with what words, and what muting and bypassing mean."""

from typing import Annotated

import pytest

from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.document.workflow import Mode, Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.flow import BLOCK, GivenValue
from graph.node_types.registry import Registry
from graph.node_types.sockets import ANY, SocketType
from graph.subworkflows import bypass
from graph.subworkflows.bypass import bypass_source as found
from tests.support.toys import toy_registry, type_from, workflow_from_text

IMAGE = SocketType("IMAGE")
MASK = SocketType("MASK", converts={"IMAGE": lambda image: image})


def graph_of(text, targets=None, **inputs):
    return build(workflow_from_text(text, inputs=inputs), toy_registry(), Files(), targets)


def problems_of(workflow, targets=None, registry=None):
    with pytest.raises(WorkflowError) as caught:
        build(workflow, registry or toy_registry(), Files(), targets)
    return caught.value.problems


def facts(problem):
    return (problem.code, problem.node, problem.node_type, problem.socket, problem.expected, problem.got)


def wiring(graph):
    return {
        node: {name: (edge.node, edge.output) for name, edge in call.edges.items()}
        for node, call in graph.calls.items()
    }


def test_calls_come_after_all_that_feed_them():
    order = list(graph_of("a -> b -> d -> k:Keep, a -> c -> d").calls)
    assert order[0] == "a"
    assert order[3:] == ["d", "k"]


def test_without_targets_every_active_node_with_a_side_effect_is_one():
    assert graph_of("a -> k:Keep, b -> l:Keep, c -> m:Keep!, d -> n:Keep?, e").targets == ("k", "l")


def test_named_targets_need_no_side_effect_and_count_once():
    graph = graph_of("a -> b -> k:Keep", ["b", "a", "b"])
    assert graph.targets == ("b", "a")
    assert list(graph.calls) == ["a", "b"]


def test_an_end_that_is_not_installed_is_left_out_and_said():
    text = "a -> k:Keep, a -> s:FancySave, x:Lonely, b -> u:Unknown -> v:Unknwn, b -> m:Fancy!, b -> n:Fancy?"
    graph = graph_of(text)
    assert (graph.targets, list(graph.left_out)) == (("k",), ["s", "v"])
    assert graph.left_out["s"].startswith("it was left out: there is no node type 'FancySave' here; install the pack")
    assert graph_of(text, ["k"]).left_out == {}, "who names targets wants no others"


def test_only_what_the_targets_need_is_looked_at():
    workflow = workflow_from_text("a -> k:Keep, x:Nonsense, y -> y, z:Split -> w", inputs={"w": {"colour": 1}})
    assert list(build(workflow, toy_registry(), Files()).calls) == ["a", "k"]


def test_literals_arrive_checked_and_converted_and_defaults_are_filled_in():
    call = graph_of("a:Limited", ["a"], a={"steps": 3.0}).calls["a"]
    assert repr(call.literals) == "{'steps': 3, 'strength': 0.5}"


def test_an_edge_names_the_output_by_its_place():
    graph = graph_of("a -> s:Split.value, s.half -> t:Type.value", ["t"])
    assert wiring(graph) == {"a": {}, "s": {"value": ("a", 0)}, "t": {"value": ("s", 1)}}


def test_an_edge_carries_its_conversion():
    edge = graph_of("a -> t:Type.value", ["t"]).calls["t"].edges["value"]
    assert repr(edge.convert(1)) == "1.0"


# Every problem that a workflow can have: the workflow, and code, node, node type, socket, expected and got.
PROBLEMS = {
    "no such target": (
        workflow_from_text("abc"), ["abd"],
        ("unknown_target", "abd", "", "", "", ""), "did you mean 'abc'?",
    ),
    "no such type": (
        workflow_from_text("a:Coluor"), ["a"],
        ("unknown_node_type", "a", "Coluor", "", "", ""), "did you mean 'Colour'?",
    ),
    "no such type and none like it": (
        workflow_from_text("a:Zzzzz"), ["a"],
        ("unknown_node_type", "a", "Zzzzz", "", "", ""), "install the pack that has it, or mute the node",
    ),
    "an unknown type feeds": (
        workflow_from_text("a:Zzzzz -> b"), ["b"],
        ("unknown_node_type", "a", "Zzzzz", "", "", ""), "install the pack that has it, or mute the node",
    ),
    "no such input": (
        workflow_from_text("a", inputs={"a": {"numbr": 1}}), ["a"],
        ("unknown_input", "a", "Add", "numbr", "", ""), "did you mean 'number'?",
    ),
    "no such input and none like it": (
        workflow_from_text("a:Colour", inputs={"a": {"zzz": 1}}), ["a"],
        ("unknown_input", "a", "Colour", "zzz", "", ""), "remove it; the node has the inputs colour, name",
    ),
    "a literal is missing": (
        workflow_from_text("a:Type"), ["a"],
        ("missing_input", "a", "Type", "value", "a finite number", "nothing"), "give it a value",
    ),
    "a file is missing from the node": (
        workflow_from_text("a:Choose"), ["a"],
        ("missing_input", "a", "Choose", "file", "a file in input/", "nothing"),
        "choose a file; if there is none, put it there",
    ),
    "a connection is missing": (
        workflow_from_text("a:Unbox, b:Box -> a.two"), ["a"],
        ("missing_input", "a", "Unbox", "one", "a connection from an output of type BOX", "nothing"),
        "connect a node such as Box",
    ),
    "a literal is nothing": (
        workflow_from_text("a:Colour", inputs={"a": {"colour": None}}), ["a"],
        ("missing_input", "a", "Colour", "colour", "one of its choices", "nothing"), "give it a value",
    ),
    "a literal where only an edge will do": (
        workflow_from_text("a:Box", inputs={"a": {"in0": 1}}), ["a"],
        ("needs_connection", "a", "Box", "in0", "a connection from an output of type BOX", "int 1"),
        "connect a node that gives a box",
    ),
    "the feeding node is not there": (
        workflow_from_text("b", inputs={"b": {"in0": Reference("gone", "INT")}}), ["b"],
        ("dangling_reference", "b", "Add", "in0", "", "a reference to node 'gone'"),
        "connect the input to a node that exists",
    ),
    "no such output": (
        workflow_from_text("s:Split.value, s -> b", inputs={"s": {"value": 1}, "b": {"in0": Reference("s", "hole")}}),
        ["b"],
        ("unknown_output", "b", "Add", "in0", "one of the outputs of node s (Split): whole, half", "'hole'"),
        "did you mean 'whole'?",
    ),
    "an output of a node without outputs": (
        workflow_from_text("k:Keep, b", inputs={"b": {"in0": Reference("k", "INT")}}), ["b"],
        ("unknown_output", "b", "Add", "in0", "one of the outputs of node k (Keep): none", "'INT'"),
        "connect one of: none",
    ),
    "sockets that do not fit": (
        workflow_from_text("t:Text -> b.in0"), ["b"],
        ("wrong_socket_type", "b", "Add", "in0", "INT", "STRING from node t (Text.STRING)"),
        "connect an output of type INT, or put a node between that converts it",
    ),
    "a wrong literal": (
        workflow_from_text("a", inputs={"a": {"number": "7"}}), ["a"],
        ("wrong_type", "a", "Add", "number", "a whole number", "text '7'"), "give it a whole number",
    ),
    "a literal beyond its limits": (
        workflow_from_text("a:Limited", inputs={"a": {"steps": 11}}), ["a"],
        ("above_max", "a", "Limited", "steps", "a whole number from 1 to 10", "11"), "use a whole number from 1 to 10",
    ),
    "a literal that is no number at all": (
        workflow_from_text("a:Limited", inputs={"a": {"strength": float("nan")}}), ["a"],
        ("not_finite", "a", "Limited", "strength", "a finite number", "nan"), "write a number from 0 to 1",
    ),
    "a word that is no choice": (
        workflow_from_text("a:Colour", inputs={"a": {"colour": "gren"}}), ["a"],
        ("not_a_choice", "a", "Colour", "colour", "one of 'red', 'green', 'blue'", "'gren'"), "did you mean 'green'?",
    ),
    "a file that is not there": (
        workflow_from_text("a:Choose", inputs={"a": {"file": "cat.png"}}), ["a"],
        ("file_missing", "a", "Choose", "file", "a file in input/", "cat.png"),
        "put the file into input/, or choose another",
    ),
    "a circle": (
        workflow_from_text("a -> b -> c -> a"), ["c"],
        ("cycle", "a", "Add", "", "a graph without circles", "a (Add) -> b (Add) -> c (Add) -> a (Add)"),
        "remove one of the connections on this path",
    ),
    "a node that feeds itself": (
        workflow_from_text("a -> a"), ["a"],
        ("cycle", "a", "Add", "", "a graph without circles", "a (Add) -> a (Add)"),
        "remove one of the connections on this path",
    ),
    "bypassed nodes in a circle": (
        workflow_from_text("a:Pass? -> b:Pass? -> a, a -> c"), ["c"],
        ("cycle", "c", "Add", "in0", "", ""), "remove one of the connections on this path",
    ),
    "a bypassed node with nothing to hand on": (
        workflow_from_text("a:Pass? -> t:Type.value"), ["t"],
        ("missing_input", "t", "Type", "value", "FLOAT", "nothing"),
        "activate the bypassed node, or connect this input to another node",
    ),
    "nothing that saves or shows": (
        workflow_from_text("a -> b"), None,
        ("no_targets", "", "", "", "", ""), "add a node such as SaveImage or PreviewImage, or name a target",
    ),
    "no nodes": (
        Workflow(), None,
        ("no_targets", "", "", "", "", ""), "add a node such as SaveImage or PreviewImage, or name a target",
    ),
    "an empty list of targets": (
        workflow_from_text("k:Keep"), [],
        ("no_targets", "", "", "", "", ""), "add a node such as SaveImage or PreviewImage, or name a target",
    ),
    "every target needs a muted node": (
        workflow_from_text("a! -> s:Split -> k:Keep.in0, k", inputs={}), ["s"],
        ("nothing_to_run", "a", "", "", "", ""), "activate the muted node",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("workflow", "targets", "expected", "remedy"), PROBLEMS.values(), ids=PROBLEMS)
def test_every_problem_names_node_socket_expected_got_and_remedy(workflow, targets, expected, remedy):
    (problem,) = problems_of(workflow, targets)
    assert facts(problem) == expected
    assert problem.remedy == remedy
    assert problem.message


def test_all_problems_are_told_at_once():
    workflow = workflow_from_text(
        "a:Zzzzz -> k:Keep, b -> b -> k, t:Text -> l:Keep, c:Limited -> l",
        inputs={"k": {"zzz": 1}, "c": {"steps": 0, "strength": 2, "name": ""}, "l": {"in1": Reference("gone", "INT")}},
    )
    found = sorted(
        (problem.code, problem.node, problem.socket) for problem in problems_of(workflow, ["k", "l", "c", "m"])
    )
    assert found == [
        ("above_max", "c", "strength"),
        ("below_min", "c", "steps"),
        ("cycle", "b", ""),
        ("dangling_reference", "l", "in1"),
        ("unknown_input", "c", "name"),
        ("unknown_input", "k", "zzz"),
        ("unknown_node_type", "a", ""),
        ("unknown_target", "m", ""),
        ("wrong_socket_type", "l", "in0"),
    ]


def test_where_only_nodes_that_are_not_here_could_save_they_are_told_first_and_hide_nothing():
    workflow = workflow_from_text("c:Limited -> m:Missing -> s:SaveAway", inputs={"c": {"steps": 0}})
    told = [(problem.code, problem.node) for problem in problems_of(workflow)]
    assert sorted(told[:2]) == [("unknown_node_type", "m"), ("unknown_node_type", "s")]
    assert ("below_min", "c") in told[2:]
    assert "no_targets" not in dict(told)


def test_what_feeds_a_node_that_is_not_here_is_checked_too():
    workflow = workflow_from_text("c:Limited -> a:Zzzzz -> k:Keep", inputs={"c": {"steps": 0}})
    told = [(problem.code, problem.node) for problem in problems_of(workflow, ["k"])]
    assert told[0] == ("unknown_node_type", "a")
    assert ("below_min", "c") in told


def test_beside_a_node_that_saves_one_that_is_not_here_does_not_stand_in_the_way():
    assert set(graph_of("a -> k:Keep, b -> z:Zzzzz").calls) == {"a", "k"}


def test_few_of_very_many_wrong_types_are_compared(monkeypatch):
    registry = toy_registry()
    compared = []
    monkeypatch.setattr(type(registry), "closest", lambda _, name: compared.append(name))
    nodes = {str(number): Node(f"Zz{number}") for number in range(2_000)}
    with pytest.raises(WorkflowError) as refused:
        build(Workflow(nodes), registry, Files())
    assert len(refused.value.problems) == 2_000
    assert len(compared) == len(set(compared)) <= 50


def test_a_chain_of_bypassed_nodes_that_many_read_is_gone_once(monkeypatch):
    steps = []
    monkeypatch.setattr(bypass, "bypass_source", lambda *given: steps.append(1) or found(*given))
    nodes = {"0": Node("Add")}
    nodes |= {str(at): Node("Pass", {"in0": Reference(str(at - 1), "INT")}, mode=Mode.BYPASSED) for at in range(1, 50)}
    nodes |= {f"k{at}": Node("Keep", {"in0": Reference("49", "INT")}) for at in range(50)}
    graph = build(Workflow(nodes), toy_registry(), Files())
    assert all(call.edges["in0"].node == "0" for call in graph.calls.values() if call.type.id == "Keep")
    assert len(steps) == 49


def test_a_wrong_edge_does_not_hide_what_is_wrong_behind_it():
    nodes = {"a": Node("Add", {"number": "x"}), "b": Node("Box", {"name": "b"}), "end": Node("Keep", {})}
    nodes["between"] = Node("Unbox", {"one": Reference("a", "INT"), "two": Reference("b", "BOX")})
    nodes["end"] = Node("Keep", {"in0": Reference("between", "STRING")})
    with pytest.raises(WorkflowError) as caught:
        build(Workflow(nodes), toy_registry(), Files())
    assert [(each.node, each.socket) for each in caught.value.problems] == [
        ("end", "in0"), ("between", "one"), ("a", "number")
    ]  # fmt: skip


def test_the_error_tells_every_problem_in_words():
    with pytest.raises(
        WorkflowError, match=r"node a \(Limited\), input steps: 0 is too small\n  expected a whole"
    ) as caught:
        graph_of("a:Limited", ["a"], a={"steps": 0, "strength": 2})
    assert "2.0 is too large" in str(caught.value)
    assert "To fix it: use a number from 0 to 1" in str(caught.value)


def test_one_problem_is_told_once_however_many_edges_lead_to_it():
    workflow = workflow_from_text("a:Zzzzz -> b, a -> b, a -> c, b -> d, c -> d")
    assert len(problems_of(workflow, ["d"])) == 1


def test_two_separate_circles_are_both_told():
    workflow = workflow_from_text("a -> b -> a, c -> d -> c, a -> k:Keep, c -> k")
    assert [problem.got for problem in problems_of(workflow)] == [
        "a (Add) -> b (Add) -> a (Add)",
        "c (Add) -> d (Add) -> c (Add)",
    ]


# Muting


def test_a_muted_node_blocks_what_cannot_do_without_it():
    graph = graph_of("m! -> s:Split.value, s.half -> t:Type.value, a -> k:Keep", ["t", "k"])
    assert graph.targets == ("k",)
    assert list(graph.calls) == ["a", "k"]
    assert graph.blocked == {"s": "m", "t": "m"}


def test_an_optional_input_that_a_muted_node_fed_is_left_out():
    call = graph_of("m! -> b, a -> b", ["b"]).calls["b"]
    assert call.literals["in0"] is None
    assert list(call.edges) == ["in1"]


def test_an_optional_input_that_a_blocked_node_fed_is_left_out():
    graph = graph_of("m! -> s:Split.value, s -> b, a -> b", ["b"])
    assert graph.calls["b"].literals["in0"] is None
    assert list(graph.calls["b"].edges) == ["in1"]
    assert graph.blocked == {"s": "m"}


def test_a_muted_node_may_be_broken():
    assert list(graph_of("m:Zzzzz! -> b, a -> b", ["b"]).calls) == ["a", "b"]


def test_a_muted_target_is_nothing_to_run():
    (problem,) = problems_of(workflow_from_text("a -> k:Keep!"), ["k"])
    assert (problem.code, problem.node) == ("nothing_to_run", "k")


# Bypassing


def test_a_bypassed_node_hands_its_input_on():
    assert wiring(graph_of("a -> b:Pass? -> c:Pass? -> d", ["d"])) == {"a": {}, "d": {"in0": ("a", 0)}}


def test_an_optional_input_below_a_bypassed_node_without_input_is_left_out():
    call = graph_of("a:Pass? -> b", ["b"]).calls["b"]
    assert (call.edges, call.literals["in0"]) == ({}, None)


def test_a_bypassed_node_fed_by_a_muted_one_counts_as_muted():
    assert graph_of("m! -> a:Pass? -> t:Type.value, k:Keep", ["t", "k"]).blocked == {"t": "m"}


def test_a_bypassed_node_is_no_longer_needed_and_neither_is_its_other_input():
    assert list(graph_of("a -> c:Pass?, b -> c, c -> d", ["d"]).calls) == ["a", "d"]


def test_what_a_bypassed_node_hands_on_is_converted_where_it_arrives():
    edge = graph_of("a -> b:Pass? -> t:Type.value", ["t"]).calls["t"].edges["value"]
    assert (edge.node, repr(edge.convert(2))) == ("a", "2.0")


def test_what_a_bypassed_node_hands_on_has_to_fit():
    workflow = workflow_from_text("t:Text -> b:Pass?.in0, b -> c")
    (problem,) = problems_of(workflow, ["c"])
    assert (problem.code, problem.node, problem.got) == ("wrong_socket_type", "c", "STRING from node t (Text.STRING)")


def _source_image() -> Annotated[bytes, IMAGE]:
    """Give a picture."""
    return b""


def _source_mask() -> Annotated[bytes, MASK]:
    """Give a mask."""
    return b""


def _show(value: Annotated[object, ANY]) -> None:
    """Take anything."""


def _same_place(first: Annotated[bytes, IMAGE], second: Annotated[bytes, IMAGE]) -> Annotated[bytes, IMAGE]:
    """The first input has the place of the output."""
    return first


def _collect(values: list[int]) -> int:
    """Take a list."""
    return len(values)


def _exact(number: int, mask: Annotated[bytes, MASK], image: Annotated[bytes, IMAGE]) -> Annotated[bytes, MASK]:
    """Both pictures fit a MASK; the mask exactly."""
    return mask


def _exact_last(number: int, image: Annotated[bytes, IMAGE], mask: Annotated[bytes, MASK]) -> Annotated[bytes, MASK]:
    """Both pictures fit a MASK; the mask exactly, though it comes last."""
    return mask


def _place_first(image: Annotated[bytes, IMAGE], mask: Annotated[bytes, MASK]) -> Annotated[bytes, MASK]:
    """The image only fits, but it has the place of the output."""
    return mask


def _only_convertible(number: int, image: Annotated[bytes, IMAGE]) -> Annotated[bytes, MASK]:
    """Only the image can stand in."""
    return image


@pytest.mark.parametrize(
    ("function", "feeds"),
    [
        (_same_place, {"first": "i", "second": "j"}),
        (_exact, {"image": "i", "mask": "m"}),
        (_exact_last, {"image": "i", "mask": "m"}),
        (_place_first, {"image": "i", "mask": "m"}),
        (_only_convertible, {"image": "i"}),
    ],
)
def test_what_a_bypassed_node_hands_on(function, feeds):
    """The input of the same place if it fits, else the first of exactly that type, else the first that fits."""
    registry = Registry()
    for source in (_source_image, _source_mask, _show, function):
        registry.add(type_from(source, id=source.__name__))
    output = registry.get(function.__name__).outputs[0].name
    outputs = {"i": "IMAGE", "j": "IMAGE", "m": "MASK"}
    nodes = {
        "i": Node("_source_image"),
        "j": Node("_source_image"),
        "m": Node("_source_mask"),
        "b": Node(
            function.__name__,
            {name: Reference(node, outputs[node]) for name, node in feeds.items()},
            mode=Mode.BYPASSED,
        ),
        "k": Node("_show", {"value": Reference("b", output)}),
    }
    handed_on = "m" if function in (_exact, _exact_last) else "i"
    assert wiring(build(Workflow(nodes), registry, Files(), ["k"]))["k"] == {"value": (handed_on, 0)}


def test_a_bypassed_node_hands_on_what_is_connected_before_what_is_written():
    registry = Registry()
    for function in (_same_place, _source_image, _show):
        registry.add(type_from(function, id=function.__name__))
    nodes = {
        "i": Node("_source_image"),
        "b": Node("_same_place", {"first": "x", "second": Reference("i", "IMAGE")}, mode=Mode.BYPASSED),
        "k": Node("_show", {"value": Reference("b", "IMAGE")}),
    }
    assert wiring(build(Workflow(nodes), registry, Files(), ["k"]))["k"] == {"value": ("i", 0)}


def test_a_bypassed_node_cannot_be_a_target():
    (problem,) = problems_of(workflow_from_text("a -> b:Pass?"), ["b"])
    assert (problem.code, problem.node) == ("bypassed_target", "b")


def test_what_fed_only_blocked_nodes_does_not_run():
    registry = Registry()
    for function in (_same_place, _source_image, _show):
        registry.add(type_from(function, id=function.__name__))
    both = {"first": Reference("i", "IMAGE"), "second": Reference("m", "IMAGE")}
    nodes = {
        "i": Node("_source_image"),
        "m": Node("_source_image", mode=Mode.MUTED),
        "b": Node("_same_place", both),
        "j": Node("_source_image"),
        "k": Node("_show", {"value": Reference("j", "IMAGE")}),
    }
    graph = build(Workflow(nodes), registry, Files(), ["b", "k"])
    assert list(graph.calls) == ["j", "k"]
    assert graph.blocked == {"b": "m"}


def test_long_chains_of_bypassed_nodes_need_no_recursion():
    text = " -> ".join(["a", *(f"b{number}:Pass?" for number in range(5000)), "z"])
    assert list(graph_of(text, ["z"]).calls) == ["a", "z"]


def test_a_value_given_from_outside_is_checked_like_any_other_and_keeps_its_mark():
    registry = Registry()
    for function in (_show, _collect):
        registry.add(type_from(function, id=function.__name__))
    for node_type in toy_registry():
        registry.add(node_type)
    nodes = {
        "t": Node("Type", {"value": GivenValue(3, b"three")}),
        "s": Node("_show", {"value": GivenValue(b"picture", None)}),
        "c": Node("_collect", {"values": GivenValue([1.0, 2], b"both")}),
        "d": Node("_collect", {"values": GivenValue(7, b"seven")}),
        "b": Node("Type", {"value": GivenValue(BLOCK, None)}),
    }
    calls = build(Workflow(nodes), registry, Files(), list(nodes)).calls
    assert repr(calls["t"].given) == "{'value': GivenValue(value=3.0, fingerprint=b'three')}"
    assert calls["s"].given == {"value": GivenValue(b"picture", None)}
    assert repr(calls["c"].given["values"].value) == "[1, 2]"
    assert calls["d"].given["values"] == GivenValue([7], b"seven")
    assert calls["b"].given["value"].value is BLOCK
    assert "value" not in {**calls["t"].literals, **calls["t"].edges}


def test_a_given_value_that_does_not_fit_is_refused():
    (problem,) = problems_of(Workflow({"t": Node("Type", {"value": GivenValue("three", b"")})}), ["t"])
    assert facts(problem) == ("wrong_type", "t", "Type", "value", "a finite number", "text 'three'")
