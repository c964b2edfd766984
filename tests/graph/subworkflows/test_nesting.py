"""Which definitions lie in which, and how large they become: worked out before anything is unfolded."""

from __future__ import annotations

import pytest

from graph.document.workflow import Mode, Node, Subworkflow, SubworkflowInput, Workflow
from graph.node_types.body import Body
from graph.node_types.registry import Registry
from graph.subworkflows.nesting import (
    MAX_NESTING,
    MAX_NODES,
    Nesting,
    Size,
    bodies_of,
    body_sockets,
    find_nesting,
    is_instance,
    size_of,
)
from tests.support.toys import toy_registry, type_from


@pytest.fixture
def registry() -> Registry:
    def loop(body: Body, times: int = 1) -> int:
        return times

    found = toy_registry()
    found.add(type_from(loop, id="Loop"))
    return found


def nesting(registry: Registry, **definitions: str | Subworkflow) -> Nesting:
    """Definitions by what lies in each: `a="b c"` is a definition `a` with an instance of `b` and one of `c`."""
    made = {
        name: each
        if isinstance(each, Subworkflow)
        else Subworkflow({str(n): Node(f"@{inner}") for n, inner in enumerate(each.split())})
        for name, each in definitions.items()
    }
    return find_nesting(Workflow({}, subworkflows=made), registry)


def test_a_definition_comes_after_all_that_lie_in_it(registry: Registry) -> None:
    order = nesting(registry, a="b c", b="c", c="", d="a").order
    assert [order.index(name) for name in "cbad"] == [0, 1, 2, 3]


def test_a_circle_is_told_in_words_and_whatever_holds_it_is_not_unfolded(registry: Registry) -> None:
    found = nesting(registry, a="b", b="c", c="b", d="", e="a")
    assert found.circles in (("b -> c -> b",), ("c -> b -> c",))
    assert found.order == ("d",)


def test_an_instance_of_nothing_is_no_part(registry: Registry) -> None:
    assert nesting(registry, a="gone").order == ("a",)


def test_a_definition_that_is_given_as_a_body_lies_in_its_loop(registry: Registry) -> None:
    loop = Subworkflow({"1": Node("Loop", {"body": "inner"})})
    assert nesting(registry, outer=loop, inner="").order == ("inner", "outer")
    circle = nesting(registry, outer=loop, inner="outer")
    assert circle.order == ()
    assert len(circle.circles) == 1


def test_a_body_may_be_handed_through_instances(registry: Registry) -> None:
    inner = Subworkflow({"1": Node("Loop")}, inputs=(SubworkflowInput("todo", (("1", "body"),)),))
    outer = Subworkflow({"x": Node("@inner")}, inputs=(SubworkflowInput("it", (("x", "todo"),)),))
    found = nesting(registry, inner=inner, outer=outer, work="")
    assert found.bodies == {"inner": {"todo"}, "outer": {"it"}, "work": frozenset()}
    user = Node("@outer", {"it": "work"})
    assert list(body_sockets(user, found.bodies, registry)) == ["it"]
    assert bodies_of(user, found.bodies, registry, ["work"]) == ["work"]
    assert bodies_of(user, found.bodies, registry, ["other"]) == []


@pytest.mark.parametrize(("mode", "counts"), [(Mode.ACTIVE, True), (Mode.MUTED, False), (Mode.BYPASSED, False)])
def test_only_an_active_instance_is_looked_into(mode: Mode, counts: bool) -> None:
    assert is_instance(Node("@a", mode=mode)) is counts
    assert not is_instance(Node("Add", mode=mode))


def test_sizes_add_up_over_instances(registry: Registry) -> None:
    small = Subworkflow({"1": Node("Add", {"number": 1}), "22": Node("Add")})
    found = nesting(registry, small=small, two="small small")
    assert found.sizes["small"] == Size(nodes=2, inputs=1, letters=3, levels=1)
    # two instances and what is in them; their ids, and those of what is in them with the way to it
    assert found.sizes["two"] == Size(nodes=6, inputs=2, letters=1 + 1 + 2 * (3 + 2 * 2), levels=2)


def test_a_file_that_would_unfold_to_a_billion_nodes_is_measured_and_does_not_fit(registry: Registry) -> None:
    doubling = {"d0": Subworkflow({"1": Node("Add")})}
    for number in range(1, 90):
        doubling[f"d{number}"] = Subworkflow({"a": Node(f"@d{number - 1}"), "b": Node(f"@d{number - 1}")})
    found = nesting(registry, **doubling)
    assert found.sizes["d3"].fits()
    assert not found.sizes["d89"].fits()
    assert found.sizes["d89"].nodes <= 10**12, "numbers stay small"


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        (Size(MAX_NODES, 10 * MAX_NODES, 200 * MAX_NODES, MAX_NESTING), True),
        (Size(nodes=MAX_NODES + 1), False),
        (Size(inputs=10 * MAX_NODES + 1), False),
        (Size(letters=200 * MAX_NODES + 1), False),
        (Size(levels=MAX_NESTING + 1), False),
    ],
)
def test_each_measure_has_a_limit(size: Size, fits: bool) -> None:
    assert size.fits() is fits


def test_of_two_beside_each_other_the_deeper_one_counts() -> None:
    assert Size(1, 2, 3, 4) + Size(10, 20, 30, 2) == Size(11, 22, 33, 4)


def test_an_unknown_instance_is_one_node() -> None:
    assert size_of({"1": Node("@gone", {"x": 1})}, {}) == Size(nodes=1, inputs=1, letters=1)
