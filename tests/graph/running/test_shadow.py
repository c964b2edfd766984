"""Shadow mode: who breaks a law is found and named, and nobody else."""

import asyncio

import pytest

from graph.api import Lazy
from graph.document.workflow import Node
from tests.support.house import House, add, out


@pytest.fixture
def house(files):
    house = House(files, shadow=1.0)
    yield house
    house.engine.close()


def maker(stop: int = 3) -> list[int]:
    return list(range(stop))


def spoil(values: list[int]) -> int:
    values.append(7)
    return len(values)


async def spoil_later(values: list[int]) -> int:
    await asyncio.sleep(0)
    values.clear()
    return 0


def spoil_lazily(values: Lazy[list[int]]) -> int:
    values.get().pop()
    return 0


def sort_a_copy(values: list[int]) -> int:
    values = sorted(values)
    return values[0]


@pytest.mark.parametrize("function", [spoil, spoil_later, spoil_lazily], ids=lambda function: function.__name__)
def test_a_node_that_changes_an_input_in_place_is_found_and_the_input_named(house, function):
    house.add(maker, id="Maker")
    house.add(function, id="Spoil")
    nodes = {"m": Node("Maker"), "s": Node("Spoil", {"values": out("m")}), "k": add("k", out("s"))}
    (problem,) = house.run(nodes, ["k"]).problems
    assert (problem.node, problem.socket) == ("s", "values")
    assert "changed this input in place" in problem.message
    assert "work on a copy" in problem.remedy


def test_a_node_that_reads_something_else_is_found_when_its_result_is_remembered(house):
    world = [1]

    def curious(number: int = 0) -> int:
        return world[0]

    house.add(curious, id="Curious")
    nodes = {"c": Node("Curious"), "k": add("k", out("c"))}
    assert house.run(nodes, ["k"]).status == "finished"
    world[0] = 2
    (problem,) = house.run(nodes, ["k"]).problems
    assert problem.node == "c"
    assert "returned another INT than before" in problem.message
    assert "must depend on its inputs only" in problem.remedy


def test_nodes_that_keep_the_laws_are_called_again_and_left_alone(house):
    house.add(maker, id="Maker")
    house.add(sort_a_copy, id="Sort")
    nodes = {"m": Node("Maker"), "s": Node("Sort", {"values": out("m")})}
    for _ in range(2):
        outcome = house.run(nodes, ["s"])
        assert (outcome.status, outcome.ran) == ("finished", ("m", "s"))
