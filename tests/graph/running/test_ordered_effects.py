"""Side effects in a stream happen in the order of the items, whichever is worked out first."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from graph.api import Body, Each, Expand, Expansion, Items, NodeContext, NodeError
from graph.document.workflow import Node
from graph.node_types.context import CancelToken
from graph.running import events
from graph.scheduling.lanes import Lanes
from tests.support.house import House, out
from tests.support.toys import PATIENCE


class Book:
    """What a node wrote, in order; and a way to have an item take longer than those after it."""

    def __init__(self, house):
        self.house = house
        self.lines: list[int] = []
        self.begun: list[int] = []
        self.waits_for: dict[int, int] = {}
        """Item -> another that is to be begun before this one goes on."""
        self._changed = threading.Condition()

        def count(stop: int, keep_going: bool = False) -> Each[int]:
            return Items(iter(range(stop)), stop, keep_going)

        def odd(value: int) -> int:
            if value % 2 == 0:
                raise NodeError(f"{value} is even")
            return value

        def slow(value: int) -> int:
            self.wait_until(lambda: self.waits_for.get(value, value) in [value, *self.begun])
            return value

        def write(value: int, ctx: NodeContext) -> None:
            with self._changed:
                self.begun.append(value)
                self._changed.notify_all()
            ctx.in_turn(lambda: self.lines.append(value))

        for name, function in (("Count", count), ("Slow", slow), ("Odd", odd)):
            house.add(function, id=name)
        house.add(write, id="Write", side_effect=True, lane="io")

    def wait_until(self, so_far):
        """Wait until what was begun so far is enough."""
        with self._changed:
            assert self._changed.wait_for(so_far, PATIENCE)


@pytest.fixture
def book(house):
    return Book(house)


SLOWLY = {"s": Node("Slow"), "w": Node("Write", {"value": out("s")})}


def writing(stop, source="s", **count):
    return {
        "c": Node("Count", {"stop": stop, **count}),
        "s": Node("Slow", {"value": out("c")}),
        "w": Node("Write", {"value": out(source)}),
    }


def test_what_is_worked_out_first_waits_for_the_items_before_it(house, book):
    book.waits_for = {0: 5, 3: 6}
    assert house.run(writing(8)).status == "finished"
    assert book.begun[0] != 0
    assert book.lines == [*range(8)]


def test_items_that_fail_or_are_remembered_are_not_waited_for(house, book):
    odd = {"o": Node("Odd", {"value": out("s")})}
    house.run(writing(4, "o", keep_going=True) | odd)
    book.waits_for = {4: 7, 5: 9}
    house.run(writing(12, "o", keep_going=True) | odd)
    assert book.lines == [1, 3, 5, 7, 9, 11]


def test_outside_of_a_stream_it_is_always_ones_turn(house, book):
    house.run({"a": Node("Write", {"value": 1}), "b": Node("Write", {"value": 2})})
    assert sorted(book.lines) == [1, 2]


def test_what_fails_in_its_turn_is_the_nodes_failure_and_does_not_keep_the_others(house, book):
    def torn(value: int, ctx: NodeContext) -> None:
        def act():
            if value == 1:
                raise OSError("the disk is full")
            book.lines.append(value)

        ctx.in_turn(act)

    house.add(torn, id="Torn", side_effect=True)
    nodes = {"c": Node("Count", {"stop": 4, "keep_going": True}), "t": Node("Torn", {"value": out("c")})}
    house.run(nodes)
    assert book.lines == [0, 2, 3]
    (failed,) = house.of(events.ItemFailed)
    assert (failed.item, failed.problem.message) == ((1,), "item 1: OSError: the disk is full")


def test_streams_inside_of_items_keep_the_order_of_the_outer_items(house, book):
    def upto(value: int) -> Each[int]:
        return Items(iter([10 * value, 10 * value + 1]), 2)

    house.add(upto, id="Upto")
    book.waits_for = {0: 21, 10: 30}
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "u": Node("Upto", {"value": out("c")}),
        "s": Node("Slow", {"value": out("u")}),
        "w": Node("Write", {"value": out("s")}),
    }
    assert house.run(nodes).status == "finished"
    assert book.lines == [0, 1, 10, 11, 20, 21, 30, 31]


def test_graphs_in_the_place_of_a_node_keep_the_order_of_the_items(house, book):
    def inside(value: int) -> int | Expand:
        inner = Expansion()
        slow = inner.add("Slow", value=value)
        inner.add("Write", value=slow["INT"])
        return inner.returns(slow["INT"])

    house.add(inside, id="Inside")
    book.waits_for = {0: 3, 2: 3}
    nodes = {"c": Node("Count", {"stop": 4}), "i": Node("Inside", {"value": out("c")})}
    nodes["t"] = Node("Keep", {"in0": out("i"), "name": "k"})
    assert house.run(nodes).status == "finished"
    assert book.lines == [0, 1, 2, 3]


def test_the_turns_of_a_loop_are_in_order(house, book):
    def loop(turns: int) -> int | Expand:
        inner = Expansion()
        body = Body("turn", SLOWLY, inputs={"value": (("s", "value"),)}, outputs={})
        for turn in range(turns):
            inner.place(body, id=f"turn{turn}", value=turn)
        return inner.returns(turns)

    house.add(loop, id="Loop")
    book.waits_for = {0: 3, 2: 3}
    assert house.run({"l": Node("Loop", {"turns": 6})}, ["l"]).status == "finished"
    assert book.lines == [*range(6)]


def test_a_node_that_has_a_graph_run_in_its_place_does_what_it_has_to_do_before(house, book):
    def inside(value: int, ctx: NodeContext) -> int | Expand:
        ctx.in_turn(lambda: book.lines.append(10 + value))
        inner = Expansion()
        inner.add("Write", value=value)
        return inner.returns(value)

    house.add(inside, id="Inside")
    nodes = {"c": Node("Count", {"stop": 3}), "i": Node("Inside", {"value": out("c")})}
    house.run(nodes, ["i"])
    assert sorted(book.lines) == [0, 1, 2, 10, 11, 12]
    assert [line for line in book.lines if line < 10] == [0, 1, 2]


def test_equal_items_are_written_once_in_the_place_of_one_of_them(house, book):
    def same(stop: int) -> Each[int]:
        return Items(iter([7, 7, 8, 8, 7, 9]), 6)

    house.add(same, id="Same")
    house.run({"c": Node("Same", {"stop": 0}), "w": Node("Write", {"value": out("c")})})
    assert book.lines == [7, 8, 9]


def test_two_runs_that_write_the_same_in_opposite_orders_write_each_once_and_end(files):
    """Neither waits for the other's order."""
    house = House(files, lanes=Lanes(cpu=4, io=4))
    book = Book(house)

    def back(stop: int) -> Each[int]:
        return Items(iter(range(stop - 1, -1, -1)), stop)

    house.add(back, id="Back")
    forth = {"c": Node("Count", {"stop": 8}), "w": Node("Write", {"value": out("c")})}
    backwards = {"c": Node("Back", {"stop": 8}), "w": Node("Write", {"value": out("c")})}
    with house.engine:
        for _ in range(20):
            house.engine.cache.clear()
            book.lines.clear()
            with ThreadPoolExecutor() as threads:
                outcomes = [*threads.map(house.run, (forth, backwards), timeout=PATIENCE)]
            assert [outcome.status for outcome in outcomes] == ["finished", "finished"]
            assert sorted(book.lines) == [*range(8)]


def test_a_run_that_is_cancelled_leaves_undone_what_waits_for_its_turn(house, book):
    token = CancelToken()

    def hold(value: int, ctx: NodeContext) -> int:
        if value == 0:
            book.wait_until(lambda: len(book.begun) == 3)
            token.cancel()
            ctx.check_cancelled()
        return value

    house.add(hold, id="Hold")
    nodes = {
        "c": Node("Count", {"stop": 4}),
        "h": Node("Hold", {"value": out("c")}),
        "w": Node("Write", {"value": out("h")}),
    }
    assert house.run(nodes, token=token).status == "cancelled"
    assert book.lines == []
