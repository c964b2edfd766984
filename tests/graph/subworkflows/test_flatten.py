"""Sub-workflows as they are used: unfolded, they are the document that one would have written by hand."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.caching.keys import cache_keys
from graph.document.workflow import Mode, Node, Reference, Subworkflow, SubworkflowInput, SubworkflowOutput, Workflow
from graph.files.folders import Files
from graph.subworkflows.flatten import flatten
from graph.subworkflows.nesting import MAX_NESTING, MAX_NODES
from tests.support.examples import examples
from tests.support.toys import toy_registry, workflow_from_text

REGISTRY = toy_registry()
FILES = Files()


def ref(node, output="INT"):
    return Reference(node, output)


def sub(nodes, inputs=None, outputs=None, **more):
    """A definition: `inputs` is {name: [(node, input), ...]}, `outputs` {name: node or reference}."""
    return Subworkflow(
        nodes,
        inputs=tuple(SubworkflowInput(name, tuple(to)) for name, to in (inputs or {}).items()),
        outputs=tuple(
            SubworkflowOutput(name, ref(at) if isinstance(at, str) else at) for name, at in (outputs or {}).items()
        ),
        **more,
    )


TWO = sub(
    {"1": Node("Add", {"number": 1}), "2": Node("Add", {"in0": ref("1"), "number": 2})},
    {"n": [("1", "number")], "x": [("1", "in0"), ("2", "in1")]},
    {"out": "2"},
    title="Add two",
)
FOUR = sub(
    {"a": Node("@two", {"n": 5}), "b": Node("@two", {"x": ref("a", "out")})},
    {"n": [("b", "n")]},
    {"out": ref("b", "out")},
)


def keep(output="out"):
    return Node("Keep", {"in0": ref("7", output)})


KEEP = keep()


def document(nodes, **definitions):
    return Workflow(nodes, subworkflows={"two": TWO, "four": FOUR, **definitions})


def flat(workflow, targets=None):
    return flatten(workflow, REGISTRY, FILES, targets)


def nodes_of(workflow):
    return {path: (node.type, dict(node.inputs)) for path, node in flat(workflow).workflow.nodes.items()}


def problems(workflow, targets=None):
    with pytest.raises(WorkflowError) as caught:
        build(workflow, REGISTRY, FILES, targets)
    assert all(problem.code and problem.message and problem.remedy for problem in caught.value.problems)
    return caught.value.problems


def test_a_document_without_subworkflows_comes_back_as_it_is():
    workflow = workflow_from_text("a -> b:Keep")
    assert flat(workflow).workflow is workflow


def test_an_instance_becomes_its_nodes_in_its_place():
    workflow = document({"0": Node("Add"), "7": Node("@two", {"n": 9, "x": ref("0")}), "k": KEEP})
    assert nodes_of(workflow) == {
        "0": ("Add", {}),
        "7/1": ("Add", {"number": 9, "in0": ref("0")}),
        "7/2": ("Add", {"in0": ref("7/1"), "number": 2, "in1": ref("0")}),
        "k": ("Keep", {"in0": ref("7/2")}),
    }
    assert list(nodes_of(workflow)) == ["0", "7/1", "7/2", "k"]


def test_an_input_that_an_instance_is_not_given_leaves_the_inner_nodes_as_they_are():
    assert nodes_of(document({"7": Node("@two")}))["7/1"] == ("Add", {"number": 1})


def test_an_input_that_is_given_nothing_in_so_many_words_is_given_nothing():
    assert nodes_of(document({"7": Node("@two", {"x": None})}))["7/1"] == ("Add", {"number": 1, "in0": None})


def test_instances_inside_of_definitions_are_unfolded_too():
    workflow = document({"7": Node("@four", {"n": 3}), "k": KEEP})
    assert nodes_of(workflow) == {
        "7/a/1": ("Add", {"number": 5}),
        "7/a/2": ("Add", {"in0": ref("7/a/1"), "number": 2}),
        "7/b/1": ("Add", {"number": 3, "in0": ref("7/a/2")}),
        "7/b/2": ("Add", {"in0": ref("7/b/1"), "number": 2, "in1": ref("7/a/2")}),
        "k": ("Keep", {"in0": ref("7/b/2")}),
    }


def test_nodes_that_no_instance_touches_are_the_same_objects():
    workflow = document({"0": Node("Add"), "1": Node("Add", {"in0": ref("0")}), "7": Node("@two")})
    nodes = flat(workflow).workflow.nodes
    assert nodes["0"] is workflow.nodes["0"]
    assert nodes["1"] is workflow.nodes["1"]


def test_the_engine_runs_what_is_inside(engine, recorder):
    inner = sub({"1": Node("Add", {"name": "inner"}), "2": Node("Keep", {"name": "saved", "in0": ref("1")})})
    outcome = engine.run(document({"7": Node("@keeping")}, keeping=inner))
    assert recorder.take() == ["inner", "saved"]
    assert outcome.ran == ("7/1", "7/2")
    engine.run(Workflow({"x": Node("Keep", {"name": "saved", "in0": ref("y")}), "y": Node("Add", {"name": "inner"})}))
    assert recorder.take() == [], "the same nodes written outside are remembered"


def test_two_instances_that_are_given_the_same_share_their_results(engine, recorder):
    inner = sub({"1": Node("Add", {"name": "inner"})}, {"n": [("1", "number")]}, {"out": "1"})
    nodes = {"6": Node("@one", {"n": 4}), "7": Node("@one", {"n": 4}), "8": Node("@one", {"n": 5})}
    engine.run(document(nodes, one=inner), ["6", "7", "8"])
    assert recorder.take() == ["inner", "inner"]


# Targets


def test_a_target_that_is_an_instance_means_its_outputs_and_its_side_effects():
    inner = sub(
        {"1": Node("Add"), "2": Node("Keep", {"in0": ref("1")}), "3": Node("Keep", mode=Mode.MUTED), "4": Node("@two")},
        outputs={"out": "1"},
    )
    workflow = document({"7": Node("@mixed"), "8": Node("@four")}, mixed=inner)
    assert build(workflow, REGISTRY, FILES, ["7"]).targets == ("7/1", "7/2")
    assert build(workflow, REGISTRY, FILES, ["8"]).targets == ("8/b/2",)
    assert build(workflow, REGISTRY, FILES, ["8/a", "7/2"]).targets == ("8/a/2", "7/2")
    assert build(workflow, REGISTRY, FILES).targets == ("7/2",), "without any, what saves or shows, wherever it lies"
    assert build(workflow, REGISTRY, FILES, ["7"]).outputs == {"7": {"out": ref("7/1")}}


def test_a_target_that_is_an_instance_has_the_values_of_its_outputs(engine):
    values = engine.run(document({"7": Node("@four", {"n": 3})}), ["7"]).values
    assert values["7"] == {"out": values["7/b/2"]["INT"]}
    failing = sub({"1": Node("Fail"), "2": Node("Add")}, outputs={"bad": "1", "good": "2"})
    outcome = engine.run(document({"7": Node("@failing")}, failing=failing), ["7"])
    assert outcome.values["7"] == {"good": 0}
    (problem,) = outcome.problems
    assert (problem.node, problem.inner, problem.inner_type) == ("7", "1", "Fail"), "also when it comes up in a run"


def test_an_instance_that_gives_nothing_is_no_target():
    (problem,) = problems(document({"7": Node("@quiet")}, quiet=sub({"1": Node("Add")})), ["7"])
    assert (problem.code, problem.node) == ("nothing_to_run", "7")


def test_an_unknown_target_inside_of_an_instance_says_which():
    (problem,) = problems(document({"7": Node("@two")}), ["7/9"])
    assert (problem.code, problem.node, problem.inner) == ("unknown_target", "7", "9")


# Modes


def test_a_muted_instance_is_not_there():
    muted = Node("@two", mode=Mode.MUTED)
    graph = build(document({"7": muted, "k": KEEP}), REGISTRY, FILES, ["k"])
    assert list(graph.calls) == ["k"], "the input is optional"
    inner = sub({"1": Node("Keep"), "2": Node("Add")}, outputs={"out": "2"})
    needs = {"7": Node("@saving", mode=Mode.MUTED), "8": Node("Show", {"value": ref("7", "out")})}
    (problem,) = problems(document(needs, saving=inner))
    assert (problem.code, problem.node) == ("no_targets", "") or problem.node == "7"
    assert "7" in problem.message, "the node that is seen is named, not one inside"


def test_an_inner_node_that_is_muted_blocks_what_needs_it():
    inner = sub({"1": Node("Add", mode=Mode.MUTED)}, outputs={"out": "1"})
    nodes = {"7": Node("@one"), "8": Node("Show", {"value": ref("7", "out")}), "9": Node("Keep")}
    assert build(document(nodes, one=inner), REGISTRY, FILES).blocked == {"8": "7/1"}


@pytest.mark.parametrize(
    ("inputs", "source"), [({"n": ref("0"), "x": ref("00")}, "0"), ({"x": ref("00")}, "00"), ({"n": 3}, None)]
)
def test_a_bypassed_instance_hands_on_an_input(inputs, source):
    bypassed = Node("@two", inputs, mode=Mode.BYPASSED)
    nodes = {"0": Node("Add", {"number": 1}), "00": Node("Add", {"number": 2}), "7": bypassed, "k": KEEP}
    graph = build(document(nodes), REGISTRY, FILES)
    assert list(graph.calls) == ([source, "k"] if source else ["k"])
    if source:
        assert graph.calls["k"].edges["in0"].node == source


def test_a_bypassed_instance_hands_on_by_the_types_of_its_sockets():
    """The same place has another type than the output, so it is passed over."""
    inner = sub({"1": Node("Unbox"), "2": Node("Add")}, {"box": [("1", "one")], "x": [("2", "in0")]}, {"out": "2"})
    nodes = {
        "0": Node("Box"),
        "00": Node("Add"),
        "7": Node("@unboxing", {"box": ref("0", "BOX"), "x": ref("00")}, mode=Mode.BYPASSED),
        "k": KEEP,
    }
    graph = build(document(nodes, unboxing=inner), REGISTRY, FILES)
    assert graph.calls["k"].edges["in0"].node == "00"


def test_a_bypassed_instance_inside_of_another_hands_on_what_the_outer_one_is_given():
    inner = sub({"a": Node("@two", mode=Mode.BYPASSED)}, {"x": [("a", "x")]}, {"out": ref("a", "out")})
    nodes = {"0": Node("Add"), "7": Node("@around", {"x": ref("0")}), "k": KEEP}
    graph = build(document(nodes, around=inner), REGISTRY, FILES)
    assert list(graph.calls) == ["0", "k"]


def test_a_bypassed_instance_is_no_target():
    (problem,) = problems(document({"7": Node("@two", mode=Mode.BYPASSED)}), ["7"])
    assert (problem.code, problem.node, problem.node_type) == ("bypassed_target", "7", "Add two")


# Problems


@pytest.mark.parametrize("definitions", [{"two": TWO}, {}], ids=["others", "none"])
def test_a_definition_that_is_missing_is_named(definitions):
    (problem,) = problems(Workflow({"7": Node("@tow"), "k": KEEP}, subworkflows=definitions))
    assert (problem.code, problem.node, problem.message) == (
        "unknown_subworkflow",
        "7",
        "there is no sub-workflow 'tow' in this document",
    )
    assert problem.remedy == ("did you mean 'two'?" if definitions else "add its definition, or remove the node")


def test_a_definition_that_is_missing_inside_of_another_is_named():
    (problem,) = problems(document({"7": Node("@bad"), "k": KEEP}, bad=sub({"1": Node("@tow")}, outputs={"out": "1"})))
    assert (problem.code, problem.node, problem.inner) == ("unknown_subworkflow", "7", "1")


def test_a_circle_is_named():
    circle = {
        "a": sub({"1": Node("@b")}, outputs={"out": "1"}),
        "b": sub({"1": Node("@c")}, outputs={"out": "1"}),
        "c": sub({"1": Node("@a")}, outputs={"out": "1"}),
    }
    (problem,) = problems(document({"7": Node("@a"), "k": KEEP}, **circle))
    assert (problem.code, problem.node) == ("cycle", "7")
    assert "a -> c -> b -> a" in problem.message or "a -> b -> c -> a" in problem.message


def test_a_definition_that_holds_itself_is_named():
    (problem,) = problems(document({"7": Node("@a"), "k": KEEP}, a=sub({"1": Node("@a")}, outputs={"out": "1"})))
    assert "a -> a" in problem.message


def test_a_broken_definition_that_nothing_needs_stands_in_nobodys_way():
    broken = sub({"1": Node("@a"), "2": Node("@gone")}, outputs={"out": "9"})
    assert list(build(document({"k": Node("Keep")}, a=broken), REGISTRY, FILES).calls) == ["k"]
    loose = {"6": Node("@a"), "7": Node("@four"), "8": Node("Add", {"in0": ref("6", "out")}), "k": KEEP}
    assert list(build(document(loose, a=broken), REGISTRY, FILES).calls)[-1] == "k"


@pytest.mark.parametrize(
    ("code", "nodes", "where"),
    [
        ("unknown_input", {"7": Node("@two", {"m": 1}), "k": KEEP}, ("7", "", "m")),
        ("unknown_output", {"7": Node("@two"), "k": keep("uot")}, ("k", "", "in0")),
        ("dangling_reference", {"7": Node("@bad"), "k": KEEP}, ("k", "", "in0")),
        ("dangling_reference", {"7": Node("@bad", {"n": 1}), "k": keep("one")}, ("7", "", "n")),
        ("duplicate_name", {"7": Node("@same"), "k": keep("o")}, ("7", "", "")),
        ("wrong_type", {"7": Node("@two", {"n": "x"}), "k": KEEP}, ("7", "", "n")),
        ("wrong_type", {"7": Node("@four", {"n": "x"}), "k": KEEP}, ("7", "", "n")),
        ("wrong_type", {"7": Node("@wrong"), "k": KEEP}, ("7", "1", "number")),
        ("unknown_input", {"7": Node("@wrong"), "k": keep("other")}, ("7", "2", "m")),
        ("wrong_type", {"7": Node("@deep"), "k": KEEP}, ("7", "a", "n")),
        ("missing_input", {"7": Node("@needs"), "k": KEEP}, ("7", "", "value")),
        ("missing_input", {"7": Node("@needs"), "k": keep("b")}, ("7", "2", "value")),
    ],
)  # fmt: skip
def test_a_problem_is_told_where_it_can_be_mended(code, nodes, where):
    workflow = document(
        nodes,
        bad=sub({"1": Node("Add")}, {"n": [("9", "number")]}, {"out": "9", "one": "1"}),
        same=replace(
            sub({"1": Node("Add")}), outputs=(SubworkflowOutput("o", ref("1")), SubworkflowOutput("o", ref("1")))
        ),
        wrong=sub({"1": Node("Add", {"number": "x"}), "2": Node("Add", {"m": 1})}, outputs={"out": "1", "other": "2"}),
        deep=sub({"a": Node("@two", {"n": "x"})}, outputs={"out": ref("a", "out")}),
        needs=sub(
            {"1": Node("Split"), "2": Node("Split")},
            {"value": [("1", "value")]},
            {"out": ref("1", "whole"), "b": ref("2", "whole")},
        ),
    )
    (problem,) = problems(workflow)
    assert (problem.code, (problem.node, problem.inner, problem.socket)) == (code, where)


def test_a_problem_inside_says_both_nodes_and_their_sorts():
    wrong = sub({"1": Node("Add", {"number": "x"})}, outputs={"out": "1"}, title="Wrong all along")
    (problem,) = problems(document({"7": Node("@wrong"), "k": KEEP}, wrong=wrong))
    assert str(problem).startswith("node 7 (Wrong all along), inside it node 1 (Add), input number: ")
    assert problem.as_json()["inner_type"] == "Add"


@pytest.mark.parametrize(
    ("nodes", "where", "got"),
    [
        ({"7": Node("@two"), "k": Node("Unbox", {"one": ref("7", "out")})}, ("k", "", "one"), "node 7 (Add two.out)"),
        ({"7": Node("@four"), "k": Node("Unbox", {"one": ref("7", "out")})}, ("k", "", "one"), "node 7 (@four.out)"),
        ({"7": Node("@wrong"), "k": keep()}, ("7", "2", "one"), "node 7/a (Add two.out)"),
        ({"6": Node("Box"), "7": Node("@four", {"x": ref("6", "BOX")}), "k": KEEP}, ("7", "", "x"), "node 6 (Box.BOX)"),
    ],
)
def test_what_comes_from_an_instance_comes_from_its_output(nodes, where, got):
    wrong = sub({"a": Node("@two"), "2": Node("Unbox", {"one": ref("a", "out")})}, outputs={"out": ref("2", "STRING")})
    four = replace(FOUR, inputs=(*FOUR.inputs, SubworkflowInput("x", (("a", "x"),))))
    found = [
        each for each in problems(document(nodes, wrong=wrong, four=four), ["k"]) if each.code == "wrong_socket_type"
    ]
    (there,) = [each for each in found if (each.node, each.inner, each.socket) == where]
    assert there.got.endswith(f" from {got}")


@pytest.mark.parametrize(
    ("nodes", "code", "where", "socket", "has"),
    [
        ({"7": Node("@inner"), "k": KEEP}, "unknown_output", ("k", "", "in0"), "out", "node '1' has the outputs INT"),
        ({"7": Node("@nested"), "k": KEEP}, "unknown_output", ("k", "", "in0"), "out", "node 'a' has the outputs out"),
        ({"7": Node("@inner", {"n": 1}), "k": keep("fine")}, "unknown_input", ("7", "", "n"), "n",
         "node '1' has the inputs name, number"),
        ({"7": Node("@nested", {"n": 1}), "k": keep("fine")}, "unknown_input", ("7", "", "n"), "n",
         "node 'a' has the inputs n, x"),
    ],
)  # fmt: skip
def test_a_socket_that_was_renamed_inside_is_told_with_the_definition_to_mend(nodes, code, where, socket, has):
    inner = sub({"1": Node("Add")}, {"n": [("1", "gone")]}, {"out": ref("1", "GONE"), "fine": "1"})
    nested = sub({"a": Node("@two"), "1": Node("Add")}, {"n": [("a", "gone")]}, {"out": ref("a", "gone"), "fine": "1"})
    (problem,) = problems(document(nodes, inner=inner, nested=nested))
    assert (problem.code, (problem.node, problem.inner, problem.socket)) == (code, where)
    assert f"put {socket!r} of the sub-workflow: {has}" in problem.remedy
    assert problem.expected
    assert problem.got


def test_all_problems_are_told_at_once():
    last = Node("Keep", {"in0": ref("7", "out"), "in1": ref("8", "o")})
    nodes = {"7": Node("@two", {"m": 1, "n": "x"}), "8": Node("@tow"), "k": last}
    assert [problem.code for problem in problems(document(nodes))] == [
        "unknown_input",
        "unknown_subworkflow",
        "wrong_type",
    ]


# Limits


def tower(levels, width):
    """Definitions that each hold `width` instances of the one below."""
    found = {"d0": sub({"0": Node("Add")}, outputs={"out": "0"})}
    for level in range(1, levels):
        instances = {str(number): Node(f"@d{level - 1}") for number in range(width)}
        found[f"d{level}"] = sub(instances, outputs={"out": ref("0", "out")})
    return Workflow({"7": Node(f"@d{levels - 1}"), "k": KEEP}, subworkflows=found)


def test_definitions_that_multiply_are_refused_before_they_cost_anything():
    (problem,) = problems(tower(30, 10))
    assert (problem.code, problem.node) == ("too_large", "7")
    assert f"{MAX_NODES:,}" in problem.message


@pytest.mark.parametrize("kind", ["inputs", "ids", "empty"])
def test_what_multiplies_besides_nodes_is_counted_too(kind):
    if kind == "inputs":
        bottom = sub({"0": Node("Add", {f"x{number}": number for number in range(2000)})}, outputs={"out": "0"})
    elif kind == "ids":
        bottom = sub({"0" * 50_000: Node("Add")})
    else:
        bottom = sub({})
    workflow = tower(7 if kind == "empty" else 5, 10)
    (problem,) = problems(replace(workflow, subworkflows={**workflow.subworkflows, "d0": bottom}))
    assert problem.code == "too_large"


def test_definitions_may_lie_as_deep_as_the_limit_and_not_deeper():
    assert len(build(tower(MAX_NESTING, 1), REGISTRY, FILES).calls) == 2
    (problem,) = problems(tower(MAX_NESTING + 1, 1))
    assert (problem.code, problem.node) == ("too_large", "7")
    assert f"{MAX_NESTING} deep" in problem.message


def test_a_large_definition_that_is_not_used_is_no_problem():
    workflow = tower(30, 10)
    assert list(build(replace(workflow, nodes={"k": Node("Keep")}), REGISTRY, FILES).calls) == ["k"]


@pytest.mark.long
def test_ten_thousand_instances_in_a_chain_need_no_recursion():
    nodes = {
        str(number): Node("@two", {"x": ref(str(number - 1), "out")} if number else {}) for number in range(10_000)
    }
    graph = build(document({**nodes, "k": Node("Keep", {"in0": ref("9999", "out")})}), REGISTRY, FILES)
    assert len(graph.calls) == 20_001


# Properties


def inline(workflow):
    """What a person would write by hand, worked out from the words of the format and by recursion."""

    def source(nodes, prefix, reference):
        node = nodes[reference.node]
        if not node.type.startswith("@"):
            return Reference(prefix + reference.node, reference.output)
        inner = workflow.subworkflows[node.type[1:]]
        exit_ = next(item for item in inner.outputs if item.name == reference.output)
        return source(inner.nodes, f"{prefix}{reference.node}/", exit_.source)

    def write(nodes, prefix, given):
        for node_id, node in nodes.items():
            inputs = {
                name: source(nodes, prefix, value) if isinstance(value, Reference) else value
                for name, value in node.inputs.items()
            }
            inputs.update(given.get(node_id, {}))
            if not node.type.startswith("@"):
                written[prefix + node_id] = Node(node.type, inputs)
                continue
            inner = workflow.subworkflows[node.type[1:]]
            passed = {}
            for item in inner.inputs:
                for inner_id, socket in item.to if item.name in inputs else ():
                    passed.setdefault(inner_id, {})[socket] = inputs[item.name]
            write(inner.nodes, f"{prefix}{node_id}/", passed)

    written = {}
    write(workflow.nodes, "", {})
    return Workflow(written)


SOCKETS = ("number", "in0", "in1", "in2")


@st.composite
def node_sets(draw, definitions):
    """Some nodes, each fed by earlier ones, that are plain or instances of the definitions so far."""
    nodes = {}
    for number in range(draw(st.integers(1, 4))):
        name = draw(st.sampled_from([None, *definitions]))
        inner = definitions.get(name)
        sockets = [item.name for item in inner.inputs] if inner else list(SOCKETS)
        inputs = {}
        for socket in sockets:
            if draw(st.booleans()):
                continue
            sources = [
                Reference(other, output)
                for other, node in nodes.items()
                for output in (
                    [item.name for item in definitions[node.type[1:]].outputs] if node.type[0] == "@" else ["INT"]
                )
            ]
            if socket == "number" or not sources:
                inputs[socket] = draw(st.integers(0, 3))
            else:
                inputs[socket] = draw(st.sampled_from(sources) | st.integers(0, 3))
        nodes[f"n{number}"] = Node(f"@{name}" if inner else "Add", inputs)
    return nodes


@st.composite
def workflows(draw):
    definitions = {}
    for number in range(draw(st.integers(1, 3))):
        nodes = draw(node_sets(definitions))
        places = [
            (node_id, socket)
            for node_id, node in nodes.items()
            for socket in (
                [item.name for item in definitions[node.type[1:]].inputs] if node.type[0] == "@" else SOCKETS
            )
        ]
        inputs = (
            draw(st.lists(st.lists(st.sampled_from(places), max_size=2, unique=True), max_size=3)) if places else []
        )
        ends = [
            Reference(node_id, output)
            for node_id, node in nodes.items()
            for output in (
                [item.name for item in definitions[node.type[1:]].outputs] if node.type[0] == "@" else ["INT"]
            )
        ]
        outputs = draw(st.lists(st.sampled_from(ends), max_size=2)) if ends else []
        definitions[f"d{number}"] = Subworkflow(
            nodes,
            inputs=tuple(SubworkflowInput(f"i{index}", tuple(to)) for index, to in enumerate(inputs)),
            outputs=tuple(SubworkflowOutput(f"o{index}", source) for index, source in enumerate(outputs)),
        )
    return Workflow(draw(node_sets(definitions)), subworkflows=definitions)


def keys_of(workflow):
    """The cache key of every node, by path."""
    paths = list(flat(workflow).workflow.nodes)
    return cache_keys(build(workflow, REGISTRY, FILES, paths), FILES) if paths else {}


@examples(200)
@given(workflows())
def test_unfolded_it_is_what_one_would_write_by_hand(workflow):
    by_hand = inline(workflow)
    assert nodes_of(workflow) == {path: (node.type, dict(node.inputs)) for path, node in by_hand.nodes.items()}
    assert list(nodes_of(workflow)) == list(by_hand.nodes)
    assert keys_of(workflow) == keys_of(by_hand), "node by node the same cache keys"


@examples(150)
@given(workflows(), st.data())
def test_a_definition_edited_once_changes_the_keys_of_the_nodes_concerned_in_all_instances_and_no_others(
    workflow, data
):
    name = data.draw(st.sampled_from(sorted(workflow.subworkflows)))
    definition = workflow.subworkflows[name]
    plain = [node_id for node_id, node in definition.nodes.items() if node.type == "Add"]
    if not plain:
        return
    edited = data.draw(st.sampled_from(plain))
    node = definition.nodes[edited]
    changed = replace(definition, nodes={**definition.nodes, edited: node.with_inputs({**node.inputs, "in5": 12345})})
    after = replace(workflow, subworkflows={**workflow.subworkflows, name: changed})
    instances = flat(workflow).workflow.nodes
    touched = {path for path, _ in instances.items() if path.endswith(f"/{edited}") and _lies_in(workflow, path, name)}
    concerned = set(touched)
    order = list(build(workflow, REGISTRY, FILES, list(instances)).calls.values()) if instances else []
    for call in order:
        if any(edge.node in concerned for edge in call.edges.values()):
            concerned.add(call.id)
    before, now = keys_of(workflow), keys_of(after)
    assert {path for path in before if before[path] != now[path]} == concerned


def _lies_in(workflow, path, name):
    """Whether the node at a path is one of the nodes of a definition."""
    nodes, within = workflow.nodes, None
    for part in path.split("/"):
        within, owner = (nodes[part].type[1:] if nodes[part].type[0] == "@" else None), within
        nodes = workflow.subworkflows[within].nodes if within else {}
    return owner == name
