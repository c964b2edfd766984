"""Nodes that begin a stream: which items they give, and in the engine, what runs for each of them."""

import pytest

from graph.api import NodeError
from graph.base.errors import WorkflowError
from nodes.streams import for_each_line, for_each_number, list_to_each, repeat_each
from tests.support.documents import document, subworkflow


def rows(stream):
    return [tuple(item) for item in stream.items]


def test_a_stream_that_would_wait_for_itself_is_refused_before_a_run_and_where_it_is_seen(engine):
    inner = subworkflow(
        {"n": "sum.numbers", "m": "note.number"},
        {"out": "@note.INT"},
        sum=("Sum", {}),
        note=("Note", {"add": "@sum.INT"}),
    )
    workflow = document(
        subworkflows={"inner": inner},
        l=("ForEachNumber", {}),
        i=("@inner", {"n": "@l.INT", "m": "@l.INT"}),
        end=("Sum", {"numbers": "@i.out"}),
    )
    with pytest.raises(WorkflowError) as caught:
        engine.check(workflow, ["end"])
    (problem,) = caught.value.problems
    assert (problem.code, problem.node, problem.node_type) == ("streams_in_a_circle", "i", "@inner")


def test_numbers_are_counted_up_and_down():
    assert list(for_each_number(start=0, stop=4).items) == [0, 1, 2, 3]
    assert list(for_each_number(start=5, stop=0, step=-2).items) == [5, 3, 1]
    assert list(for_each_number(start=5, stop=0).items) == []
    assert for_each_number(start=0, stop=10, step=3).total == 4


def test_a_step_of_nothing_and_a_million_and_one_are_refused():
    with pytest.raises(NodeError, match="never arrives") as caught:
        for_each_number(step=0)
    assert caught.value.input == "step"
    with pytest.raises(NodeError, match="1,000,001 numbers"):
        for_each_number(start=0, stop=1_000_001)


def test_lines_that_hold_nothing_are_left_out():
    stream = for_each_line(text="  a red cat\n\n\t\na blue boat  \r\nthe sea")
    assert rows(stream) == [("a red cat", 0), ("a blue boat", 1), ("the sea", 2)]
    assert stream.total == 3
    assert rows(for_each_line(text=" \n")) == []


def test_a_value_is_repeated():
    stream = repeat_each(value="cat", times=3)
    assert rows(stream) == [("cat", 0), ("cat", 1), ("cat", 2)]
    assert stream.total == 3


def test_a_list_falls_into_its_items():
    assert rows(list_to_each(values=["a", "b"])) == [("a", 0), ("b", 1)]
    assert list_to_each(values=[]).total == 0


def test_what_follows_runs_once_for_each_number(run, called):
    workflow = document(
        n=("ForEachNumber", {"start": 1, "stop": 5}),
        note=("Note", {"number": "@n.INT", "add": 10}),
        end=("Sum", {"numbers": "@note.INT"}),
    )
    assert run(workflow) == 50
    assert sorted(called[:4]) == [1, 2, 3, 4]
    assert called[4] == [11, 12, 13, 14]


def test_only_new_items_run(run, called):
    def count(stop):
        return document(
            n=("ForEachNumber", {"stop": stop}),
            note=("Note", {"number": "@n.INT"}),
            end=("Sum", {"numbers": "@note.INT"}),
        )

    run(count(3))
    called.clear()
    assert run(count(5)) == 10
    assert sorted(called[:2]) == [3, 4]
    assert called[2] == [0, 1, 2, 3, 4]


def test_lines_meet_their_numbers(run):
    workflow = document(
        lines=("ForEachLine", {"text": "red\nblue\n\ngreen"}),
        s=("Switch", {"index": "@lines.number", "case0": "first", "default": "@lines.line"}),
        end=("Text", {"words": "@s.output"}),
    )
    assert run(workflow) == "first blue green"


def test_every_item_of_a_stream_is_repeated(run, called):
    workflow = document(
        n=("ForEachNumber", {"start": 1, "stop": 4}),
        r=("RepeatEach", {"value": "@n.INT", "times": 2}),
        note=("Note", {"number": "@r.value", "add": 0}),
        inner=("Sum", {"numbers": "@note.INT"}),
        end=("Sum", {"numbers": "@inner.INT"}),
    )
    assert run(workflow) == 12
    assert called[-1] == [2, 4, 6]


def test_a_collected_stream_is_taken_apart_again(run):
    workflow = document(
        n=("ForEachNumber", {"stop": 4}),
        each=("ListToEach", {"values": "@n.INT"}),
        note=("Note", {"number": "@each.value", "add": 1}),
        end=("Sum", {"numbers": "@note.INT"}),
    )
    assert run(workflow) == 10


def test_the_type_of_the_items_is_known_before_anything_runs(engine):
    workflow = document(
        lines=("ForEachLine", {"text": "red"}),
        r=("RepeatEach", {"value": "@lines.line"}),
        end=("Note", {"number": "@r.value"}),
    )
    with pytest.raises(WorkflowError, match="STRING does not fit INT"):
        engine.check(workflow, ["end"])


def test_a_list_for_each_item_stays_a_list_behind_a_reroute(run, called):
    workflow = document(
        n=("ForEachNumber", {"stop": 3}),
        twice=("Twice", {"number": "@n.INT"}),
        r=("Reroute", {"value": "@twice.INT"}),
        inner=("Sum", {"numbers": "@r.output"}),
        end=("Sum", {"numbers": "@inner.INT"}),
    )
    assert run(workflow) == 6
    assert called[-1] == [0, 2, 4]
