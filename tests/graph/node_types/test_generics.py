"""What flows through nodes that pass on what comes in: which edges hold, which convert, and which are refused."""

from typing import Annotated, Any, TypeVar

import pytest

from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.document.workflow import Mode, Node, Reference, Workflow
from graph.files.folders import Files
from graph.node_types.flow import Each, GivenValue, Lazy
from graph.node_types.registry import Registry
from graph.node_types.sockets import SocketType
from tests.support.toys import type_from

MASK = SocketType("MASK")
IMAGE = SocketType("IMAGE", converts={"MASK": lambda mask: f"picture of {mask}"})
Image = Annotated[Any, IMAGE]
T = TypeVar("T")


def reroute(value: T) -> T:
    """Pass on."""
    return value


def switch(index: int, first: Lazy[T] | None = None, second: Lazy[T] | None = None) -> T:
    """One of two."""
    return first.get()


def listed(values: list[T]) -> list[T]:
    """All of them."""
    return values


def one_by_one(values: list[T]) -> Each[T]:
    """Each of them."""
    yield from values


def swap(one: T, other: Annotated[Any, MASK]) -> T:
    """A node with a generic and a plain input."""
    return one


def number() -> int:
    """Give a whole number."""
    return 3


def real() -> float:
    """Give a number."""
    return 0.5


def picture() -> Image:
    """Give a picture."""
    return "picture"


def mask() -> Annotated[Any, MASK]:
    """Give a mask."""
    return "mask"


def either() -> int | str:
    """Give one of two."""
    return 3


def anything() -> Any:
    """Give anything."""
    return 3


def take_real(value: float) -> float:
    """Take a number."""
    return value


def take_number(value: int) -> int:
    """Take a whole number."""
    return value


def take_picture(value: Image) -> Image:
    """Take a picture."""
    return value


def take_pictures(values: list[Image]) -> int:
    """Take pictures."""
    return len(values)


REGISTRY = Registry()
for function in (
    reroute, switch, listed, one_by_one, swap, number, real, picture, mask, either, anything,
    take_real, take_number, take_picture, take_pictures,
):  # fmt: skip
    REGISTRY.add(type_from(function, id=function.__name__))


def node_of(kind, /, mode=Mode.ACTIVE, **inputs):
    """A node; an input that is written `"@id"` is fed by the first output of that node."""
    return kind, mode, inputs


def workflow(**nodes):
    def value(found):
        if not (isinstance(found, str) and found.startswith("@")):
            return found
        return Reference(found[1:], REGISTRY.get(nodes[found[1:]][0]).outputs[0].name)

    return Workflow(
        {
            node_id: Node(kind, {name: value(found) for name, found in inputs.items()}, mode=mode)
            for node_id, (kind, mode, inputs) in nodes.items()
        }
    )


def calls(target="end", **nodes):
    return build(workflow(**nodes), REGISTRY, Files(), [target]).calls


def problem_of(target="end", **nodes):
    with pytest.raises(WorkflowError) as caught:
        calls(target, **nodes)
    (problem,) = caught.value.problems
    return problem


def test_a_type_flows_through_and_is_checked_behind():
    problem = problem_of(p=node_of("picture"), r=node_of("reroute", value="@p"), end=node_of("take_number", value="@r"))
    assert (problem.code, problem.node, problem.node_type, problem.socket) == (
        "wrong_socket_type", "end", "take_number", "value"
    )  # fmt: skip
    assert problem.message == "IMAGE does not fit INT"
    assert (problem.expected, problem.got) == ("INT", "IMAGE from node r (reroute.output)")
    assert problem.remedy == "connect an output of type INT, or put a node between that converts it"


def test_what_fits_behind_is_converted_behind():
    found = calls(n=node_of("number"), r=node_of("reroute", value="@n"), end=node_of("take_real", value="@r"))
    assert found["r"].edges["value"].convert is None
    assert repr(found["end"].edges["value"].convert(3)) == "3.0"


@pytest.mark.long
def test_ten_thousand_reroutes_carry_one_type():
    nodes = {"0": node_of("reroute", value="@p"), "p": node_of("picture")}
    nodes |= {str(index): node_of("reroute", value=f"@{index - 1}") for index in range(1, 10_000)}
    good = calls(**nodes, end=node_of("take_picture", value="@9999"))
    assert len(good) == 10_002
    assert problem_of(**nodes, end=node_of("take_number", value="@9999")).got == "IMAGE from node 9999 (reroute.output)"


def test_two_inputs_of_one_type_must_fit_each_other():
    problem = problem_of(
        p=node_of("picture"), n=node_of("number"), end=node_of("switch", index=0, first="@p", second="@n")
    )
    assert (problem.code, problem.node, problem.node_type, problem.socket) == (
        "wrong_socket_type", "end", "switch", "second"
    )  # fmt: skip
    assert problem.message == "inputs first and second are of one type, and INT does not fit IMAGE"
    assert (problem.expected, problem.got) == ("IMAGE", "INT from node n (number)")
    assert problem.remedy == "connect IMAGE here too, or put a node between that converts it"


@pytest.mark.parametrize("order", [("first", "second"), ("second", "first")])
def test_the_wider_of_two_types_is_the_one_that_flows(order):
    narrow, wide = order
    found = calls(
        m=node_of("mask"),
        p=node_of("picture"),
        s=node_of("switch", index=0, **{narrow: "@m", wide: "@p"}),
        end=node_of("take_picture", value="@s"),
    )
    assert found["s"].edges[narrow].convert("mask") == "picture of mask"
    assert found["s"].edges[wide].convert is None
    assert found["end"].edges["value"].convert is None


def test_a_union_is_wider_than_its_members():
    found = calls(
        n=node_of("number"),
        e=node_of("either"),
        s=node_of("switch", index=0, first="@n", second="@e"),
        end=node_of("take_number", value="@s"),
    )
    assert "end" in found
    problem = problem_of(
        n=node_of("number"),
        e=node_of("either"),
        s=node_of("switch", index=0, first="@e", second="@n"),
        end=node_of("take_picture", value="@s"),
    )
    assert problem.got == "INT or STRING from node s (switch.output)"


@pytest.mark.parametrize("unknown", ["@a", GivenValue("?", b"mark")])
def test_what_nobody_knows_anything_about_says_nothing(unknown):
    nodes = {"a": node_of("anything"), "p": node_of("picture")}
    assert "end" in calls(**nodes, r=node_of("reroute", value=unknown), end=node_of("take_picture", value="@r"))
    mixed = node_of("switch", index=0, first=unknown, second="@p")
    assert "end" in calls(**nodes, s=mixed, end=node_of("take_picture", value="@s"))
    assert problem_of(**nodes, s=mixed, end=node_of("take_number", value="@s")).message == "IMAGE does not fit INT"


def test_a_written_value_has_a_type_too():
    nodes = {"s": node_of("switch", index=0, first=3, second=0.5)}
    assert problem_of(**nodes, end=node_of("take_picture", value="@s")).got == "FLOAT from node s (switch.output)"
    assert "end" in calls(**nodes, end=node_of("take_real", value="@s"))


def test_inputs_without_the_type_variable_are_left_alone():
    problem = problem_of(
        p=node_of("picture"), n=node_of("number"), end=node_of("swap", one="@p", other="@n")
    )  # fmt: skip
    assert (problem.socket, problem.message) == ("other", "INT does not fit MASK")
    assert "end" in calls(p=node_of("picture"), m=node_of("mask"), end=node_of("swap", one="@p", other="@m"))


def test_a_list_flows_as_a_list():
    nodes = {"p": node_of("picture"), "l": node_of("listed", values="@p")}
    assert "end" in calls(**nodes, end=node_of("take_pictures", values="@l"))
    behind = calls(**nodes, r=node_of("reroute", value="@l"), end=node_of("take_pictures", values="@r"))
    edges = (behind["l"].edges["values"], behind["r"].edges["value"], behind["end"].edges["values"])
    assert [edge.is_list for edge in edges] == [False, True, True]
    problem = problem_of(**nodes, r=node_of("reroute", value="@l"), end=node_of("take_picture", value="@r"))
    assert problem.message == "a list of IMAGE does not fit one IMAGE"
    assert (problem.expected, problem.got) == ("IMAGE", "a list of IMAGE from node r (reroute.output)")
    assert problem.remedy == "put ListToEach between: the node then runs once for each item"


def test_a_list_and_a_single_value_are_not_of_one_type():
    problem = problem_of(
        p=node_of("picture"),
        l=node_of("listed", values="@p"),
        end=node_of("switch", index=0, first="@p", second="@l"),
    )
    assert (problem.expected, problem.got) == ("IMAGE", "a list of IMAGE from node l (listed)")


def test_a_stream_of_a_list_is_of_the_type_of_its_items():
    nodes = {"p": node_of("picture"), "l": node_of("listed", values="@p"), "e": node_of("one_by_one", values="@l")}
    assert "end" in calls(**nodes, end=node_of("take_picture", value="@e"))
    assert problem_of(**nodes, end=node_of("take_number", value="@e")).got == "IMAGE from node e (one_by_one.output)"


def test_a_bypassed_generic_node_hands_on_an_input_of_the_type_that_flows():
    nodes = {"n": node_of("number"), "p": node_of("picture")}
    nodes["s"] = node_of("switch", mode=Mode.BYPASSED, index="@n", second="@p")
    assert calls(**nodes, end=node_of("reroute", value="@s"))["end"].edges["value"].node == "p"


def test_circles_of_generic_nodes_are_named_and_not_followed():
    problem = problem_of(a=node_of("reroute", value="@b"), b=node_of("reroute", value="@a"),
                         end=node_of("take_picture", value="@a"))  # fmt: skip
    assert problem.code == "cycle"


def test_a_connection_of_any_type_that_is_missing_is_asked_for_in_words():
    problem = problem_of(end=node_of("reroute"))
    assert (problem.code, problem.expected) == ("missing_input", "a connection")
    assert problem.remedy == "connect an output of any type"
