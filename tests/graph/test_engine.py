"""Whole runs: what runs again and what does not, one result for every schedule, and graphs of any size."""

import os
import random
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.base.errors import WorkflowError
from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine
from graph.node_types.context import Artifact
from graph.running import events
from graph.scheduling.lanes import Lanes
from tests.support.examples import examples
from tests.support.toys import PATIENCE, Recorder, mix, toy_registry, workflow_from_text

DIAMOND = "a -> b -> d -> k:Keep, a -> c -> d"


@pytest.fixture
def ran(engine, recorder):
    """Run a workflow; the nodes that were really called, sorted."""

    def ran(text, targets=None, **inputs):
        outcome = engine.run(workflow_from_text(text, inputs=inputs), targets)
        calls = sorted(recorder.take())
        assert calls == sorted(outcome.ran)
        return calls

    return ran


def test_an_empty_workflow_has_nothing_to_run(engine):
    with pytest.raises(WorkflowError, match="there is nothing to run"):
        engine.run(Workflow())


def test_a_workflow_that_cannot_run_is_refused_before_anything_runs(engine, recorder):
    told = []
    with pytest.raises(WorkflowError):
        engine.run(workflow_from_text("a -> k:Keep, x:Zzzzz -> k"), listener=told.append)
    assert (recorder.calls, told) == ([], [])


def test_only_what_the_targets_need_runs(ran):
    assert ran("a -> b -> c, a -> x -> y, z", ["b"]) == ["a", "b"]


def test_the_second_time_nothing_runs(ran):
    assert ran(DIAMOND) == ["a", "b", "c", "d", "k"]
    assert ran(DIAMOND) == []


@pytest.mark.parametrize(
    ("changed", "again"),
    [("a", ["a", "b", "c", "d", "k"]), ("b", ["b", "d", "k"]), ("d", ["d", "k"]), ("c", ["c", "d", "k"])],
)
def test_after_a_change_only_the_changed_node_and_what_is_below_runs(ran, changed, again):
    ran(DIAMOND)
    assert ran(DIAMOND, **{changed: {"number": 1}}) == again


def test_going_back_to_what_was_there_before_runs_nothing(ran):
    assert ran(DIAMOND) != []
    assert ran(DIAMOND, b={"number": 1}) != []
    assert ran(DIAMOND) == []
    assert ran(DIAMOND, b={"number": 1}) == []


def test_another_target_reuses_what_was_computed_for_the_first(ran):
    ran("a -> b -> c, b -> x", ["c"])
    assert ran("a -> b -> c, b -> x", ["x"]) == ["x"]


def test_an_impure_node_and_what_is_below_runs_every_time(ran):
    text = "a -> i:Impure -> b -> k:Keep, a -> c -> k"
    assert ran(text) == ["a", "b", "c", "i", "k"]
    assert ran(text) == ["b", "i", "k"]


def test_what_an_impure_node_returned_is_remembered_by_nobody_and_what_is_below_it_by_value(engine, recorder):
    workflow = workflow_from_text("i:Impure -> b -> k:Keep")
    engine.run(workflow)
    first = recorder.take()
    recorder.calls = []  # so that Impure, which counts calls, returns what it returned before
    outcome = engine.run(workflow)
    assert (first, recorder.take()) == (["i", "b", "k"], ["i"])
    assert (outcome.ran, set(outcome.reused)) == (("i",), {"b", "k"})


def test_equal_nodes_run_once_and_both_have_the_value(engine, recorder):
    workflow = workflow_from_text("a -> b, a -> c", inputs={"b": {"name": "twin"}, "c": {"name": "twin"}})
    outcome = engine.run(workflow, ["b", "c"])
    assert recorder.take() == ["a", "twin"]
    assert outcome.values["b"] == outcome.values["c"]
    assert len(outcome.ran) == 2
    assert len(outcome.reused) == 1


def test_whatever_is_below_equal_nodes_reads_the_value_of_the_one_that_ran(engine, recorder):
    workflow = workflow_from_text(
        "a -> b -> x, a -> c -> y, b -> z, c -> z", inputs={"b": {"name": "twin"}, "c": {"name": "twin"}}
    )
    outcome = engine.run(workflow, ["x", "y", "z"])
    twin = mix(0, [mix(0, [None] * 6), *[None] * 5])
    assert outcome.values["z"] == {"INT": mix(0, [twin, twin, None, None, None, None])}
    assert sorted(recorder.take()) == ["a", "twin", "x", "y", "z"]


def test_a_workflow_with_a_changed_file_runs_its_node_again(engine, recorder, tmp_path):
    path = tmp_path / "input" / "cat.txt"
    path.write_text("cat")
    workflow = workflow_from_text("c:Choose -> a:Any.value", inputs={"c": {"file": "cat.txt"}})
    assert engine.run(workflow, ["a"]).values["a"] == {"output": "cat"}
    path.write_text("tom")
    os.utime(path, ns=(1, 1))
    recorder.take()
    assert engine.run(workflow, ["a"]).values["a"] == {"output": "tom"}
    assert recorder.take() == ["c", "a"]


def test_a_changed_file_that_an_edge_names_is_read_again(engine, tmp_path):
    path = tmp_path / "input" / "cat.txt"
    path.write_text("cat")
    workflow = workflow_from_text("t:Text -> c:Choose.file", inputs={"t": {"text": "cat.txt"}})
    assert engine.run(workflow, ["c"]).values["c"] == {"STRING": "cat"}
    path.write_text("tiger")
    assert engine.run(workflow, ["c"]).values["c"] == {"STRING": "tiger"}


def test_a_reused_picture_is_shown_again_and_a_deleted_one_is_made_again(engine, recorder, tmp_path):
    workflow, told = workflow_from_text("a -> s:Show.value"), []
    shown = {"s": (Artifact("output", "s.txt", "text/plain"),)}
    assert engine.run(workflow).artifacts == shown
    recorder.take()
    outcome = engine.run(workflow, listener=told.append)
    assert (outcome.artifacts, outcome.reused, outcome.ran) == (shown, ("a", "s"), ())
    assert [event.node for event in told if isinstance(event, events.NodeReused)] == ["s"]
    (tmp_path / "output" / "s.txt").unlink()
    assert engine.run(workflow).artifacts == shown
    assert recorder.take() == ["s"]


def test_without_a_budget_everything_runs_every_time(registry, recorder):
    with Engine(registry, cache_bytes=0) as engine:
        for _ in range(2):
            engine.run(workflow_from_text("a -> b -> k:Keep"))
    assert recorder.take() == ["a", "b", "k"] * 2


def test_the_outcome_names_the_run(engine):
    assert engine.run(workflow_from_text("k:Keep"), run_id="r1").run_id == "r1"
    first, second = (engine.run(workflow_from_text("k:Keep")).run_id for _ in range(2))
    assert first != second


def test_the_outcome_tells_the_seconds_of_what_ran(engine):
    outcome = engine.run(workflow_from_text("a -> k:Keep"))
    assert set(outcome.seconds) == {"a", "k"}
    assert engine.run(workflow_from_text("a -> k:Keep")).seconds == {}


def test_a_muted_branch_does_not_stop_the_others(engine, recorder):
    told = []
    workflow = workflow_from_text("m! -> s:Split.value, s -> t:Type.value, a -> k:Keep")
    outcome = engine.run(workflow, ["t", "k"], listener=told.append)
    assert (outcome.status, recorder.take()) == ("finished", ["a", "k"])
    assert told[0].blocked == ("s", "t")


@pytest.mark.long
def test_a_chain_of_ten_thousand_runs(engine, recorder):
    names = [f"n{number}" for number in range(10_000)]
    outcome = engine.run(workflow_from_text(" -> ".join(names)), [names[-1]])
    assert outcome.status == "finished"
    assert recorder.take() == names


def test_a_fan_of_a_thousand_runs(engine, recorder):
    outcome = engine.run(workflow_from_text(",".join(f"a -> k{number}:Keep" for number in range(1000))))
    assert outcome.status == "finished"
    assert sorted(recorder.take()) == sorted(["a", *(f"k{number}" for number in range(1000))])


def test_two_runs_at_once_share_an_engine(engine, recorder):
    outcomes = {}
    texts = {"w": "a -> w:Wait -> k:Keep", "v": "a -> v:Wait -> l:Keep"}

    def start(name):
        thread = threading.Thread(target=lambda: outcomes.update({name: engine.run(workflow_from_text(texts[name]))}))
        thread.start()
        recorder.wait_until_called(name)
        return thread

    threads = [start("w"), start("v")]  # the second reaches its gate while the first stands at its own
    recorder.open_gate("w", "v")
    for thread in threads:
        thread.join(PATIENCE)
    assert {name: outcome.status for name, outcome in outcomes.items()} == {"w": "finished", "v": "finished"}


def test_what_an_earlier_run_finished_while_this_one_waited_for_its_turn_is_not_called_again(registry, recorder):
    with Engine(registry, lanes=Lanes(cpu=1)) as engine:
        began = threading.Event()
        runs = [
            threading.Thread(target=engine.run, args=(workflow_from_text("w:Wait -> k:Keep"),)),
            threading.Thread(
                target=engine.run,
                args=(workflow_from_text("w:Wait -> l:Keep"),),
                kwargs={"listener": lambda event: began.set() if isinstance(event, events.RunStarted) else None},
            ),
        ]
        runs[0].start()
        recorder.wait_until_called("w")
        runs[1].start()
        assert began.wait(PATIENCE)
        recorder.open_gate("w")  # the one thread is free only now, and takes up the other run's equal node
        for run in runs:
            run.join(PATIENCE)
    assert sorted(recorder.calls) == ["k", "l", "w"]


# One result for every schedule


@st.composite
def graphs(draw):
    """A random graph: for each node its type, a number and the earlier nodes that feed its inputs."""
    nodes = []
    for number in range(draw(st.integers(1, 12))):
        sources = draw(st.lists(st.integers(0, number - 1), max_size=4)) if number else []
        kind = draw(st.sampled_from(["Add", "Add", "Device"]))
        nodes.append((kind, draw(st.integers(0, 2)) if kind == "Add" else 0, sources[: 6 if kind == "Add" else 2]))
    return nodes


def as_workflow(graph, named=True):
    nodes = {}
    for number, (kind, value, sources) in enumerate(graph):
        inputs = {"name": str(number) if named else ""}
        if kind == "Add":
            inputs["number"] = value
        for place, source in enumerate(sources):
            inputs[f"in{place}"] = Reference(str(source), "INT")
        nodes[str(number)] = Node(kind, inputs)
    return Workflow(nodes)


def evaluate(graph, number):
    """The value of a node, as plainly as it can be said."""
    kind, value, sources = graph[number]
    width = 6 if kind == "Add" else 2
    given = [evaluate(graph, source) for source in sources]
    return mix(value, [*given, *[None] * (width - len(given))])


def check_results(graph, named, **lanes):
    recorder = Recorder()
    with Engine(toy_registry(recorder), lanes=Lanes(**lanes)) as engine:
        outcome = engine.run(as_workflow(graph, named), [str(number) for number in range(len(graph))])
    assert outcome.status == "finished"
    assert {node: value["INT"] for node, value in outcome.values.items()} == {
        str(number): evaluate(graph, number) for number in range(len(graph))
    }
    assert len(recorder.calls) == len(outcome.ran)
    if named:
        assert len(recorder.calls) == len(graph)


@examples(40)
@given(graphs(), st.booleans(), st.sampled_from([1, 2, 8]), st.sampled_from([1, 3]))
def test_the_result_is_the_same_for_any_width_of_the_lanes(graph, named, cpu, io):
    check_results(graph, named, cpu=cpu, io=io)


@examples(40)
@given(graphs(), st.data())
def test_any_targets_have_the_values_of_the_whole_and_only_they_are_kept(graph, data):
    wanted = data.draw(st.lists(st.integers(0, len(graph) - 1), min_size=1, max_size=3))
    with Engine(toy_registry(), cache_bytes=0, lanes=Lanes(cpu=2)) as engine:
        outcome = engine.run(as_workflow(graph), [str(number) for number in wanted])
    assert {node: value["INT"] for node, value in outcome.values.items()} == {
        str(number): evaluate(graph, number) for number in wanted
    }


def test_runs_on_a_shared_engine_agree_while_its_memory_is_too_small():
    dice = random.Random(7)  # noqa: S311 - not for secrets
    graph = []
    for number in range(30):
        sources = [dice.randrange(number) for _ in range(2)] if number and dice.random() < 0.7 else []
        graph.append((dice.choice(["Add", "Device"]), 0, sources))
    workflow = as_workflow(graph, named=False)
    expected = {str(number): {"INT": evaluate(graph, number)} for number in range(30)}
    wrong = []

    with Engine(toy_registry(), cache_bytes=3000, lanes=Lanes(cpu=3)) as engine:

        def use(seed):
            choose = random.Random(seed)  # noqa: S311
            for _ in range(30):
                targets = choose.sample(sorted(expected), 4)
                outcome = engine.run(workflow, targets)
                if outcome.values != {target: expected[target] for target in targets}:
                    wrong.append(outcome)

        threads = [threading.Thread(target=use, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert wrong == []
