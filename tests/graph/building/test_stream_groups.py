"""Which calls run once for each item, of which stream; and what could never begin."""

import pytest

from graph.api import Each, Lazy
from graph.base.errors import WorkflowError
from graph.building.build import build
from graph.building.stream_groups import NO_STREAM_GROUPS, find_stream_groups
from graph.document.workflow import Node, Workflow
from graph.files.folders import Files
from tests.support.house import add, out
from tests.support.toys import toy_registry, type_from


def count(stop: int = 2) -> Each[int]:
    yield from range(stop)


def total(values: list[int]) -> int:
    return sum(values)


def total_of(values: list[int], number: int) -> int:
    return sum(values) + number


def maybe(condition: int, values: Lazy[list[int]]) -> int:
    return sum(values.get()) if condition else 0


def spread(values: list[int]) -> Each[int]:
    yield from values


def listed(stop: int) -> list[int]:
    return list(range(stop))


REGISTRY = toy_registry()
for name, function in (
    ("Count", count), ("Total", total), ("TotalOf", total_of), ("Maybe", maybe), ("Spread", spread), ("Listed", listed)
):  # fmt: skip
    REGISTRY.add(type_from(function, id=name))

COUNT = {"c": Node("Count"), "d": Node("Count", {"stop": 3})}


def scopes_of(nodes, targets):
    return find_stream_groups(build(Workflow(nodes), REGISTRY, Files(), targets))


def test_without_streams_there_is_nothing_to_find():
    assert scopes_of({"a": add("a"), "b": add("b", out("a"))}, ["b"]) is NO_STREAM_GROUPS


@pytest.mark.parametrize(
    ("nodes", "groups"),
    [
        pytest.param(
            {"p": add("p", out("c")), "q": add("q", out("p")), "t": Node("Total", {"values": out("q")})},
            [{"c", "p", "q"}],
            id="below a stream, up to what collects it",
        ),
        pytest.param(
            {"p": add("p", out("c")), "q": add("q", out("d")), "t": add("t", out("p"), out("q"))},
            [{"c", "d", "p", "q", "t"}],
            id="paired",
        ),
        pytest.param({"x": add("x"), "t": add("t", out("c"), out("x"))}, [{"c", "t"}], id="with a value from outside"),
        pytest.param(
            {"l": Node("Listed", {"stop": out("c")}), "t": Node("Total", {"values": out("l")})},
            [{"c", "l", "t"}],
            id="a list that is an item goes through",
        ),
        pytest.param(
            {"i": Node("Total", {"values": out("c")}), "t": Node("Count", {"stop": out("i")})},
            [{"c"}, {"t"}],
            id="one after another",
        ),
    ],
)
def test_what_runs_for_each_item(nodes, groups):
    found = scopes_of({**COUNT, **nodes}, ["t"])
    assert [group.members for group in found.groups] == groups


def test_a_stream_inside_a_stream_is_a_group_of_its_own():
    nodes = {
        "i": Node("Count", {"stop": out("c")}),
        "p": add("p", out("i"), out("c")),
        "s": Node("Total", {"values": out("p")}),
    }
    found = scopes_of({**COUNT, **nodes, "t": Node("Total", {"values": out("s")})}, ["t"])
    (outer,) = found.groups
    (inner,) = outer.inside
    assert (outer.members, inner.members) == ({"c", "i", "s"}, {"i", "p"})
    assert inner.parent is outer
    assert outer.order == ["c", "i", "p", "s"]
    assert found.collecting == {("s", "values"): inner, ("t", "values"): outer}
    assert [*inner.outer] == [("c", 0, None)], "an item of the outer stream comes from outside of the inner one"


def test_what_lies_outside_is_known_with_the_output_that_is_read():
    nodes = {
        "x": add("x"),
        "p": add("p", out("c"), out("x")),
        "t": Node("TotalOf", {"values": out("d"), "number": out("p")}),
    }
    found = scopes_of({**COUNT, **nodes}, ["t"])
    group = found.of["t"]
    assert [(node, output, collected and collected.sources) for node, output, collected in group.outer] == [
        ("x", 0, None), ("d", 0, ["d"])
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("nodes", "named"),
    [
        ({"t": Node("TotalOf", {"values": out("c"), "number": out("c")})}, {"c"}),
        ({"t": Node("Maybe", {"values": out("c"), "condition": out("c")})}, {"c"}),
        ({"s": Node("Spread", {"values": out("c")}), "t": add("t", out("s"), out("c"))}, {"c", "s"}),
    ],
    ids=["its own items", "its own items, lazily", "one made from all items of the other"],
)
def test_a_stream_that_would_have_to_wait_for_itself_is_refused(nodes, named):
    with pytest.raises(WorkflowError) as caught:
        scopes_of({**COUNT, **nodes}, ["t"])
    (problem,) = caught.value.problems
    assert problem.code == "streams_in_a_circle"
    assert problem.node in {*named, "t"}
    assert all(f"{name} (" in problem.message for name in named)
    assert problem.remedy
