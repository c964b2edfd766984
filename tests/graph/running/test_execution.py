"""One run at work: what it tells, passes on and keeps, for how long, and that failures stay where they are."""

import sys
import threading
import weakref

import pytest

from graph.engine import Engine
from graph.node_types.context import CancelToken
from graph.running import events
from graph.scheduling.lanes import Lanes
from tests.support.toys import PATIENCE, Box, Recorder, mix, toy_registry, workflow_from_text


class Told:
    """A listener that keeps what it was told."""

    def __init__(self):
        self.events = []

    def __call__(self, event):
        self.events.append(event)

    def of(self, kind):
        return [event for event in self.events if isinstance(event, kind)]

    def lines(self):
        """The events in short: `node_started a`."""
        return [f"{event.as_json()['event']} {getattr(event, 'node', '')}".strip() for event in self.events]


@pytest.fixture
def told():
    return Told()


@pytest.fixture
def run(engine, told):
    def run(text, targets=None, **options):
        inputs = options.pop("inputs", {})
        return engine.run(workflow_from_text(text, inputs=inputs), targets, listener=told, **options)

    return run


def check_numbers(happened):
    assert [event.number for event in happened] == list(range(1, len(happened) + 1))
    assert isinstance(happened[0], events.RunStarted)
    assert isinstance(happened[-1], events.RunFinished)
    assert len([event for event in happened if isinstance(event, events.RunStarted | events.RunFinished)]) == 2
    assert len({event.run for event in happened}) == 1


# What is told


def test_a_run_is_told_from_beginning_to_end(run, told):
    run("a -> b -> k:Keep", run_id="r1")
    assert told.lines() == [
        "run_started",
        "node_started a", "node_finished a",
        "node_started b", "node_finished b",
        "node_started k", "node_finished k",
        "run_finished",
    ]  # fmt: skip
    assert {event.run for event in told.events} == {"r1"}
    assert told.events[0].targets == ("k",)
    assert told.events[0].to_run == ("a", "b", "k")
    assert told.events[-1].status == "finished"


class OneAtATime(Told):
    """A listener that notices when it is called while it is still busy."""

    def __init__(self):
        super().__init__()
        self.busy = threading.Lock()
        self.met = False

    def __call__(self, event):
        if not self.busy.acquire(blocking=False):
            self.met = True
            return
        for _ in range(50):  # gives other threads a chance to come in
            pass
        super().__call__(event)
        self.busy.release()


def test_events_come_one_at_a_time_from_many_threads_numbered_from_one_without_gaps(registry, files):
    told = OneAtATime()
    text = ",".join(f"a -> b{number}:Progress -> c{number}:Keep" for number in range(100))
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with Engine(registry, files, lanes=Lanes(cpu=8)) as engine:
            engine.run(workflow_from_text(text), listener=told)
    finally:
        sys.setswitchinterval(interval)
    assert not told.met
    check_numbers(told.events)
    assert len(told.of(events.NodeFinished)) == 201
    assert len(told.of(events.NodeProgressed)) == 300


def test_progress_and_previews_are_told(run, told):
    run("a:Progress", ["a"], previews=True)
    progressed = told.of(events.NodeProgressed)
    assert [(event.value, event.maximum) for event in progressed] == [(1, 3), (2, 3), (3, 3)]
    assert progressed[0].preview == b"\xff\xd8\xffpicture"


def test_no_preview_is_made_when_nobody_looks(run, told):
    run("a:Progress", ["a"])
    assert {event.preview for event in told.of(events.NodeProgressed)} == {None}


def test_a_listener_that_raises_ends_the_run_with_its_error_and_leaves_no_thread_at_work(engine, recorder):
    def listener(event):
        if isinstance(event, events.NodeFinished):
            raise LookupError("the listener tripped")

    with pytest.raises(LookupError, match="the listener tripped"):
        engine.run(workflow_from_text("a -> b -> k:Keep"), listener=listener)
    assert recorder.take() == ["a"]
    assert engine.run(workflow_from_text("c -> l:Keep")).status == "finished", "the engine is as good as before"


# What is passed on


def test_values_reach_the_inputs_that_they_are_meant_for(run):
    outcome = run("a -> c.in1, b -> c.in0", ["c"], inputs={"a": {"number": 5}, "b": {"number": 7}})
    added = {node: mix(number, [None] * 6) for node, number in (("a", 5), ("b", 7))}
    assert outcome.values["c"] == {"INT": mix(0, [added["b"], added["a"], None, None, None, None])}


def test_an_int_is_a_float_where_it_enters_a_float(run):
    assert run("a -> t:Type.value", ["t"]).values["t"] == {"STRING": "float"}


def test_each_output_of_several_goes_its_own_way(run):
    outcome = run("s:Split.whole -> a:Any.value, s.half -> b:Any.value", ["a", "b", "s"], inputs={"s": {"value": 5}})
    assert outcome.values == {"a": {"output": 5}, "b": {"output": 2.5}, "s": {"whole": 5, "half": 2.5}}


def test_a_single_named_output_is_the_value_and_not_a_tuple_of_it(run):
    outcome = run("n:Name -> a:Any.value", ["n", "a"], inputs={"n": {"value": 42}})
    assert outcome.values == {"n": {"answer": 42}, "a": {"output": 42}}


def test_a_tuple_as_the_value_of_a_single_output_stays_a_tuple(run):
    assert run("p:Pair -> a:Any.value", ["p", "a"]).values == {"p": {"PAIR": (1, 2)}, "a": {"output": (1, 2)}}


def test_one_call_may_read_the_same_output_twice(run):
    assert run("b:Box -> u:Unbox.one, b -> u.two", ["u"]).values["u"] == {"STRING": "bb"}


# What is kept, and for how long


class Watched:
    """Toy boxes whose lives are watched: which of them are alive when another node is called."""

    def __init__(self):
        self.recorder = Recorder()
        self.registry = toy_registry(self.recorder)
        self.boxes = {}
        self.alive_at = {}
        begin = self.recorder.begin

        def begin_and_look(name):
            begin(name)
            self.alive_at[name] = {box for box, watch in self.boxes.items() if watch() is not None}

        self.recorder.begin = begin_and_look

    def __enter__(self):
        make, boxes = Box.__init__, self.boxes

        def make_and_watch(box, content=None):
            make(box, content)
            boxes[content] = weakref.ref(box)

        self.unwatch = lambda: setattr(Box, "__init__", make)
        Box.__init__ = make_and_watch
        return self

    def __exit__(self, *_):
        self.unwatch()


def alive_during(text, targets, cpu=1):
    with Watched() as watched, Engine(watched.registry, cache_bytes=0, lanes=Lanes(cpu=cpu)) as engine:
        outcome = engine.run(workflow_from_text(text), targets)
    return watched.alive_at, outcome


def test_a_value_is_released_after_its_last_reader():
    alive_at, _ = alive_during("a:Box -> b:Box -> c:Box -> d:Box", ["d"])
    assert alive_at == {"a": set(), "b": {"a"}, "c": {"b"}, "d": {"c"}}


def test_a_value_stays_as_long_as_someone_will_read_it():
    alive_at, _ = alive_during("a:Box -> b:Box -> c:Box -> u:Unbox.one, a -> u.two", ["u"])
    assert alive_at["c"] == {"a", "b"}
    assert alive_at["u"] == {"a", "c"}


def test_the_value_of_a_target_stays_to_the_end():
    alive_at, outcome = alive_during("a:Box -> b:Box -> c:Box", ["a", "c"])
    assert alive_at["c"] == {"a", "b"}
    assert outcome.values["a"]["BOX"].content == "a"


def test_one_branch_is_released_before_the_next_is_begun():
    text = ",".join(f"a{number}:Box -> b{number}:Box -> c{number}:Box" for number in range(5))
    alive_at, _ = alive_during(text + ", x", [f"c{number}" for number in range(5)] + ["x"])
    assert all(len({box for box in alive if box[0] in "ab"}) <= 1 for alive in alive_at.values())


def test_a_value_that_only_skipped_nodes_wanted_is_released():
    text = "f:Fail -> n:Any.value, n -> u:Unbox.one, a:Box -> u.two, a -> z:Box -> y:Box"
    alive_at, outcome = alive_during(text, ["u", "y"])
    assert outcome.status == "failed"
    assert alive_at["y"] == {"z"}, "u was skipped, so a is wanted by nobody"


# What goes wrong


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("too few", "the node returned a tuple of 1 items instead of 2 outputs"),
        ("too many", "the node returned a tuple of 3 items instead of 2 outputs"),
        ("a list", "the node returned a list of 2 items instead of 2 outputs"),
        ("one", "the node returned int 1 instead of 2 outputs"),
        ("wrong type", "the node returned text '1' as whole, which should be a whole number"),
    ],
)
def test_what_does_not_fit_the_outputs_is_told(run, what, message):
    (problem,) = run("a:Lie", ["a"], inputs={"a": {"what": what}}).problems
    assert (problem.code, problem.node, problem.message) == ("node_failed", "a", message)
    assert problem.remedy == "correct the node's code"


def test_a_value_off_an_edge_is_checked_at_the_door(run):
    (problem,) = run("t:Text -> x:Any.value, x -> b.in0", ["b"]).problems
    assert (problem.node, problem.socket) == ("b", "in0")
    assert problem.message == "the value has the wrong type: expected a whole number, got text ''"


def test_nothing_of_a_failed_node_is_remembered(run, recorder):
    run("f:Fail", ["f"])
    run("f:Fail", ["f"])
    assert recorder.take() == ["f", "f"]


def test_an_equal_node_counts_as_reused_once_its_equal_has_run(run, told):
    outcome = run("a, b", ["a", "b"], inputs={"a": {"name": ""}, "b": {"name": ""}})
    assert {*outcome.ran, *outcome.reused} == {"a", "b"}
    assert len(outcome.reused) == 1
    assert told.of(events.RunStarted)[0].reused == ()


# Cancelling


def cancelled_at_work(workflow, engine, recorder, listener):
    """Run a workflow and cancel it while its node `w` is at work; return the outcome."""
    token, outcomes = CancelToken(), []
    thread = threading.Thread(target=lambda: outcomes.append(engine.run(workflow, listener=listener, token=token)))
    thread.start()
    recorder.wait_until_called("w")
    token.cancel()
    recorder.open_gate("w")
    thread.join(PATIENCE)
    (outcome,) = outcomes
    return outcome


def test_a_run_cancelled_before_it_began_runs_nothing(run, told, recorder):
    token = CancelToken()
    token.cancel()
    outcome = run("a -> k:Keep", token=token)
    assert (outcome.status, outcome.ran, recorder.calls) == ("cancelled", (), [])
    assert told.lines() == ["run_started", "run_finished"]


def test_a_cancelled_node_is_told_and_what_is_below_is_skipped(engine, recorder, told):
    outcome = cancelled_at_work(workflow_from_text("w:WaitCancelled -> b -> k:Keep"), engine, recorder, told)
    assert outcome.status == "cancelled"
    assert outcome.problems == ()
    assert told.lines()[1:-1] == ["node_started w", "node_cancelled w", "node_skipped b", "node_skipped k"]
    assert recorder.calls == ["w"]


def test_a_node_that_does_not_look_is_finished_and_remembered_and_nothing_follows(engine, recorder, told):
    workflow = workflow_from_text("w:Wait -> b -> k:Keep")
    outcome = cancelled_at_work(workflow, engine, recorder, told)
    assert (outcome.status, outcome.ran) == ("cancelled", ("w",))
    recorder.take()
    assert engine.run(workflow).status == "finished"
    assert recorder.take() == ["b", "k"]


def test_a_run_cancelled_when_all_is_done_is_finished(engine):
    token = CancelToken()

    def listener(event):
        if isinstance(event, events.NodeFinished) and event.node == "k":
            token.cancel()

    assert engine.run(workflow_from_text("a -> k:Keep"), listener=listener, token=token).status == "finished"


def test_progress_raises_in_a_cancelled_run(engine, told):
    token = CancelToken()

    def listener(event):
        told(event)
        if isinstance(event, events.NodeProgressed):
            token.cancel()

    outcome = engine.run(workflow_from_text("a:Progress"), ["a"], listener=listener, token=token)
    assert outcome.status == "cancelled"
    assert told.lines() == ["run_started", "node_started a", "node_progressed a", "node_cancelled a", "run_finished"]
