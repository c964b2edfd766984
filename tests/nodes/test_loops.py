"""Loops over sub-workflows: what each turn gets, what is collected, what runs again, and what is wrong with a body."""

from dataclasses import replace

import pytest
from PIL import Image

from graph.caching.cache import Cache
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Mode
from graph.engine import Engine
from nodes import loops
from nodes.tensor_values import CODECS
from tests.support.documents import document, subworkflow

ADD_TEN = subworkflow({"item": "note.number"}, {"result": "@note.INT"}, note=("Note", {"add": 10}))
ADD = subworkflow({"state": "note.number", "item": "note.add"}, {"state": "@note.INT"}, note=("Note", {}))
COUNT = subworkflow(
    {"state": "note.number"},
    {"state": "@note.INT", "go_on": "@below.BOOLEAN"},
    note=("Note", {"add": 1}),
    below=("Below", {"number": "@note.INT", "limit": 5}),
)


def numbers(stop):
    return ("ForEachNumber", {"stop": stop})


def for_each(stop, body=ADD_TEN, **inputs):
    return document(
        subworkflows={"body": body},
        n=numbers(stop),
        loop=("ForEach", {"items": "@n.INT", "body": "body", **inputs}),
        end=("Sum", {"numbers": "@loop.output"}),
    )


@pytest.mark.parametrize("count", [0, 1, 8, 9, 70])
def test_for_each_runs_the_body_for_each_item_and_keeps_their_order(run, called, count):
    assert run(for_each(count)) == sum(range(10, 10 + count))
    assert called[-1] == list(range(10, 10 + count))


def test_only_new_items_of_a_loop_run(run, called):
    run(for_each(3))
    called.clear()
    run(for_each(5))
    assert sorted(called[:-1]) == [3, 4]


@pytest.mark.parametrize("kind", ["ForEach", "Accumulate"])
def test_a_loop_of_more_turns_than_can_be_laid_out_is_refused_before_it_costs_anything(
    engine, called, kind, monkeypatch
):
    monkeypatch.setattr(loops, "MOST_NODES", 10)
    initial = {"initial": 0} if kind == "Accumulate" else {}
    workflow = document(
        subworkflows={"body": ADD},
        n=numbers(11),
        end=(kind, {"items": "@n.INT", "body": "body", **initial}),
    )
    body = subworkflow({"item": "note.number", "state": "note.add"}, {"result": "@note.INT"}, note=("Note", {}))
    (problem,) = engine.run(replace(workflow, subworkflows={"body": body}), ["end"]).problems
    assert (problem.node, problem.socket) == ("end", "items")
    assert "11 turns with 1 nodes each are more than the 10 nodes" in problem.message
    assert "connect a stream straight to an instance" in problem.remedy
    assert called == []


def test_a_loop_that_is_laid_out_anew_by_each_run_remembers_its_turns_all_the_same(run, called):
    body = subworkflow(
        {"item": "note.number"},
        {"result": "@clock.INT"},
        note=("Note", {"add": 10}),
        clock=("Clock", {"number": "@note.INT"}),
    )
    assert run(for_each(3, body)) == run(for_each(3, body)) == 33
    assert sorted(called[:3]) == [0, 1, 2]
    assert called[3:] == [[10, 11, 12]], "neither the turns nor what reads the equal result"


def test_a_body_may_have_the_number_of_the_turn_and_something_for_all(run, called):
    body = subworkflow(
        {"item": "first.number", "index": "first.add", "extra": "second.add"},
        {"result": "@second.INT"},
        first=("Note", {}),
        second=("Note", {"number": "@first.INT"}),
    )
    assert run(for_each(3, body, extra=100)) == (0 + 0 + 100) + (1 + 1 + 100) + (2 + 2 + 100)


def test_a_prompt_is_one_thing_though_it_is_a_list(run, called):
    body = subworkflow({"item": "say.number"}, {"prompt": "@say.CONDITIONING"}, say=("Say", {}))
    workflow = document(
        subworkflows={"body": body},
        n=numbers(3),
        loop=("ForEach", {"items": "@n.INT", "body": "body"}),
        more=("Say", {"number": 7}),
        all=("JoinLists", {"list0": "@loop.output", "list1": "@more.CONDITIONING"}),
        each=("ListToEach", {"values": "@all.output"}),
        read=("Read", {"prompt": "@each.value"}),
        end=("Sum", {"numbers": "@read.INT"}),
    )
    assert run(workflow) == 10
    assert called[-1] == [0, 1, 2, 7]


def test_a_turn_that_gives_a_list_adds_all_that_is_in_it(run, called):
    body = subworkflow({"item": "twice.number"}, {"both": "@twice.INT"}, twice=("Twice", {}))
    assert run(for_each(3, body)) == 6
    assert called[-1] == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize(("kind", "socket"), [("Either", "value"), ("Sum", "numbers")])
def test_an_item_may_enter_where_no_value_can_be_written(run, kind, socket):
    body = subworkflow({"item": f"inner.{socket}"}, {"result": "@inner.INT"}, inner=(kind, {}))
    assert run(for_each(4, body)) == 6


@pytest.mark.parametrize("gives", ["MASK", "IMAGE"])
def test_what_a_loop_hands_over_is_converted_as_on_an_edge(run, put, gives):
    put("grey.png", Image.new("L", (4, 2), 128))
    body = subworkflow({"item": "invert.image"}, {"IMAGE": "@invert.IMAGE"}, invert=("ImageInvert", {}))
    workflow = document(
        subworkflows={"body": body},
        a=("LoadImage", {"image": "grey.png"}),
        loop=("ForEach", {"items": f"@a.{gives}", "body": "body"}),
        end=("ListToBatch", {"images": "@loop.output"}),
    )
    assert run(workflow).shape == ((1, 64, 64, 3) if gives == "MASK" else (1, 2, 4, 3))


def bypassed(body, node_id):
    return replace(body, nodes={**body.nodes, node_id: replace(body.nodes[node_id], mode=Mode.BYPASSED)})


def test_a_body_of_which_everything_is_bypassed_hands_on_what_it_gets(run, called):
    assert run(for_each(4, bypassed(ADD_TEN, "note"))) == 6
    body = bypassed(ADD, "note")
    workflow = accumulate(5)
    assert run(replace(workflow, subworkflows={"body": body})) == 1000
    assert run(replace(repeat_while(state=7), subworkflows={"body": bypassed(COUNT, "note")})) == 7


def accumulate(stop):
    return document(
        subworkflows={"body": ADD},
        n=("ForEachNumber", {"start": 1, "stop": stop}),
        first=("Note", {"number": 1000}),
        end=("Accumulate", {"items": "@n.INT", "initial": "@first.INT", "body": "body"}),
    )


def test_accumulate_hands_the_state_from_turn_to_turn(run, called):
    assert run(accumulate(5)) == 1010
    assert called == [1000, 1000, 1001, 1003, 1006]
    assert run(accumulate(1)) == 1000


def test_another_item_is_another_turn_and_the_turns_before_it_are_remembered(run, called):
    run(accumulate(4))
    called.clear()
    assert run(accumulate(6)) == 1015
    assert called == [1006, 1010]


def repeat_while(**inputs):
    return document(
        subworkflows={"body": COUNT}, end=("While", {"state": 0, "body": "body", **inputs})
    )  # fmt: skip


def test_while_ends_when_the_body_says_so(run, called):
    assert run(repeat_while()) == 5
    assert called == [0, 1, 2, 3, 4]


def test_while_may_end_before_it_begins(run, called):
    assert run(repeat_while(go_on=False, state=3)) == 3
    assert called == []


def test_a_loop_that_will_not_end_is_an_error_of_the_loop(engine, called):
    outcome = engine.run(repeat_while(max_iterations=3), ["end"])
    (problem,) = outcome.problems
    assert (problem.node, problem.node_type, problem.socket) == ("end", "While", "body")
    assert "after the last turn" in problem.message
    assert called == [0, 1, 2]


@pytest.mark.long
def test_the_most_turns_that_may_be_asked_for_can_be_had(run):
    body = subworkflow(
        {"state": "note.number"},
        {"state": "@note.INT", "go_on": "@below.BOOLEAN"},
        note=("Note", {"add": 1}),
        below=("Below", {"number": "@note.INT", "limit": 900}),
    )
    workflow = document(subworkflows={"b": body}, end=("While", {"state": 0, "body": "b", "max_iterations": 900}))
    assert run(workflow) == 900


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (subworkflow({}, {"result": "@note.INT"}, note=("Note", {"number": 1})), "has no input 'item'; it has none"),
        (subworkflow({"thing": "note.number"}, {"x": "@note.INT"}, note=("Note", {})), "no input 'item'; it has thing"),
        (subworkflow({"item": "note.number"}, {}, note=("Note", {})), "the sub-workflow gives nothing"),
    ],
)
def test_a_body_that_does_not_suit_is_refused_with_what_it_has(engine, body, message):
    (problem,) = engine.run(for_each(2, body), ["end"]).problems
    assert (problem.node, problem.socket) == ("loop", "body")
    assert message in problem.message


def test_an_error_in_a_turn_is_the_loop_s(engine, files):
    body = subworkflow({"item": "load.image"}, {"result": "@load.IMAGE"}, load=("LoadImage", {}))
    workflow = document(
        subworkflows={"b": body},
        lines=("ForEachLine", {"text": "nothing.png"}),
        end=("ForEach", {"items": "@lines.line", "body": "b"}),
    )
    (problem,) = engine.run(workflow, ["end"]).problems
    assert problem.node == "end"
    assert problem.message.startswith(
        "the graph that it expands to cannot run: node turn0/load (LoadImage), input image"
    )
    assert "nothing.png" in problem.message
    assert str(problem).count("To fix it") == 1


def test_loops_lie_in_loops(run):
    rows = subworkflow(
        {"item": "inner.extra"},
        {"result": "@sum.INT"},
        n=numbers(3),
        inner=("ForEach", {"items": "@n.INT", "body": "cell"}),
        sum=("Sum", {"numbers": "@inner.output"}),
    )
    cell = subworkflow({"item": "note.number", "extra": "note.add"}, {"result": "@note.INT"}, note=("Note", {}))
    workflow = document(
        subworkflows={"row": rows, "cell": cell},
        n=numbers(4),
        loop=("ForEach", {"items": "@n.INT", "body": "row"}),
        end=("Sum", {"numbers": "@loop.output"}),
    )
    assert run(workflow) == sum(3 * row + 0 + 1 + 2 for row in range(4))


def test_two_engines_agree(engine, run):
    with Engine(engine.registry, engine.files) as other:
        outcome = other.run(for_each(9), ["end"])
    assert outcome.values["end"]["INT"] == run(for_each(9))


SAVE = subworkflow(
    {"item": "blur.image"},
    {"result": "@blur.IMAGE"},
    blur=("ImageBlur", {"blur_radius": 1}),
    save=("SaveImage", {"images": "@blur.IMAGE", "filename_prefix": "turn"}),
)


def saving(**loop):
    return document(
        subworkflows={"save": SAVE, "rows": ROWS},
        pictures=("LoadImagesFromFolder", {"folder": ""}),
        loop=("ForEach", {"items": "@pictures.IMAGE", **loop}),
    )


ROWS = subworkflow(
    {"item": "inner.items"},
    {"result": "@inner.output"},
    inner=("ForEach", {"body": "save"}),
)


@pytest.mark.parametrize("body", ["save", "rows"])
def test_a_loop_that_saves_is_run_for_that_and_shows_what_it_saved_in_order(engine, files, put, body):
    """Also where it is a loop inside of the loop that saves."""
    for number in range(6):
        put(f"{number}.png", Image.new("RGB", (4, 4), (40 * number, 0, 0)))
    with Engine(engine.registry, files, cache=Cache(MemoryCache(2**30, CODECS))) as remembering:
        outcomes = [remembering.run(saving(body=body)) for _ in range(2)]
    for outcome in outcomes:
        assert (outcome.status, [*outcome.artifacts]) == ("finished", ["loop"])
        saved = [files.path(made.folder, made.name) for made in outcome.artifacts["loop"]]
        assert [path.name for path in saved] == [f"turn_{number:05}_.png" for number in range(1, 7)]
        reds = [Image.open(path).getpixel((2, 2))[0] for path in saved]
        assert reds == sorted(reds)
        assert len(set(reds)) == 6


def test_a_loop_of_which_one_turn_gives_nothing_gives_nothing(engine):
    body = subworkflow(
        {"item": "below.number"},
        {"result": "@if.output"},
        **{"below": ("Below", {"limit": 2}), "if": ("If", {"condition": "@below.BOOLEAN", "then": 1})},
    )
    outcome = engine.run(for_each(4, body), ["end"])
    assert (outcome.status, outcome.values) == ("finished", {})


@pytest.mark.long
def test_lists_that_double_again_and_again_are_stopped_before_they_fill_the_memory(run):
    names = [f"join{turn}" for turn in range(24)]
    joins = {
        name: ("JoinLists", {"list0": f"@{before}", "list1": f"@{before}"})
        for name, before in zip(names, ["n.INT", *(f"{name}.output" for name in names)], strict=False)
    }
    with pytest.raises(AssertionError, match="the list would have at least 1,048,576 items; the limit is 1,000,000"):
        run(document(n=numbers(8), **joins, end=("Sum", {"numbers": f"@{names[-1]}.output"})))
