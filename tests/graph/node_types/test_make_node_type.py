"""A node type made of data: what is refused, what its recipe covers, and what follows from the function."""

from functools import partial

import pytest

from graph.api import FLOAT, INT, Input, NodeDefinitionError, Number, Output, generic, make_node_type, node
from graph.node_types.make_node_type import check_id_and_lane


def identity(value):
    """Return what comes in."""
    return value


def test_nodes_with_equal_functions_are_told_apart_by_id_and_version():
    def made(node_id, **more):
        return make_node_type(identity, id=node_id, inputs=[Input("value", INT)], category="", **more).recipe

    assert len({made("A"), made("B"), made("A", version=2)}) == 3
    assert made("A") == made("A")


def test_a_node_comes_from_the_module_of_the_code_that_defines_it():
    bound = partial(identity, 1)
    assert make_node_type(bound, id="A", category="", defined_by=identity).module == __name__
    assert make_node_type(bound, id="A", category="", defined_by=identity, module="elsewhere").module == "elsewhere"


def test_a_class_without_a_source_is_never_reused():
    homeless = type("Homeless", (), {"__module__": "nowhere"})
    assert make_node_type(identity, id="A", category="").cache
    assert not make_node_type(identity, id="A", category="", defined_by=homeless).cache


@pytest.mark.parametrize(
    ("inputs", "outputs", "message"),
    [
        ([Input("a", INT), Input("a", INT)], [], "two inputs are called 'a'"),
        ([], [Output("a", INT), Output("a", INT)], "two outputs are called 'a'"),
        ([Input("a", INT, 11, Number(0, 10))], [], "the default 11 would be refused"),
        ([Input("a", INT)], [Output("a", generic("T"))], "no input says what the type T of an output is"),
        ([], [Output("a", INT, each=True), Output("b", INT)], "a stream gives a row for each item"),
    ],
)
def test_inputs_and_outputs_that_contradict_each_other_are_refused(inputs, outputs, message):
    with pytest.raises(NodeDefinitionError, match=message):
        make_node_type(identity, id="Wrong", inputs=inputs, outputs=outputs, category="")


@pytest.mark.parametrize("name", ["", "@up"])
def test_a_node_type_has_an_id_that_is_not_taken_for_a_subworkflow(name):
    with pytest.raises(NodeDefinitionError, match="is no id for a node type"):
        check_id_and_lane(name, "cpu")
    with pytest.raises(NodeDefinitionError, match="is no id for a node type"):
        node(name, category="test")


def test_a_lane_that_there_is_not_is_refused():
    with pytest.raises(NodeDefinitionError, match="there is no lane 'gpu'; use one of cpu, io, device"):
        node("Toy", category="test", lane="gpu")


async def later():
    """Return nothing, later."""


def one_by_one():
    """Give numbers."""
    yield 1


async def one_by_one_later():
    """Give numbers, later."""
    yield 1


STREAM = [Output("a", INT, each=True)]


@pytest.mark.parametrize(
    ("function", "outputs", "message"),
    [
        (one_by_one_later, [], "a stream is given by a plain 'def' that yields"),
        (later, STREAM, "a stream is given by a plain 'def' that yields"),
        (one_by_one, [Output("a", INT)], "the function yields, so write its return type as Each"),
    ],
)
def test_only_a_plain_function_that_yields_gives_a_stream(function, outputs, message):
    with pytest.raises(NodeDefinitionError, match=message):
        make_node_type(function, id="Wrong", outputs=outputs, category="")
    assert make_node_type(one_by_one, id="Right", outputs=STREAM, category="").streams


@pytest.mark.parametrize(("function", "is_async"), [(identity, False), (later, True)])
def test_a_coroutine_function_makes_an_async_node(function, is_async):
    assert make_node_type(function, id="A", category="").is_async is is_async


@pytest.mark.parametrize(
    ("count", "told", "is_tuple"), [(1, None, False), (2, None, True), (1, True, True), (0, None, False)]
)
def test_several_outputs_come_as_a_tuple_and_one_only_if_that_is_said(count, told, is_tuple):
    outputs = [Output(f"o{number}", INT) for number in range(count)]
    assert make_node_type(identity, id="A", outputs=outputs, category="", returns_tuple=told).returns_tuple is is_tuple


@pytest.mark.parametrize(("hands_on", "outputs"), [("other", 1), ("value", 0), ("value", 2)])
def test_what_a_node_hands_on_is_one_of_its_inputs_and_goes_to_its_one_output(hands_on, outputs):
    gives = [Output(f"o{number}", INT) for number in range(outputs)]
    with pytest.raises(NodeDefinitionError, match="hands_on names an input, and the node has one output"):
        make_node_type(identity, id="A", inputs=[Input("value", INT)], outputs=gives, category="", hands_on=hands_on)


def test_a_decorated_function_and_its_data_make_the_same_node_type():
    def halve(value: float = 1.0) -> float:
        """Halve a number."""
        return value / 2

    decorated = node("Halve", category="math")(halve).__node_type__
    made = make_node_type(
        halve, id="Halve", category="math", help="Halve a number.",
        inputs=[Input("value", FLOAT, 1.0, Number())], outputs=[Output("FLOAT", FLOAT)],
    )  # fmt: skip
    assert (made, made.recipe) == (decorated, decorated.recipe)
