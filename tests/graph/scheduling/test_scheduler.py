"""When each task runs, and on which lane. Other threads are proved with barriers and events, never with time."""

import itertools
import random
import signal
import threading

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.node_types.context import CancelToken
from graph.scheduling.lanes import Lanes, State, Task
from graph.scheduling.scheduler import Schedule, attach
from tests.support.examples import examples
from tests.support.toys import PATIENCE

LANES = ("cpu", "io", "device")


class Work:
    """What tasks do in a test: note their start and end, and whatever `does` says for their id."""

    def __init__(self, **does):
        self.does = does
        self.lock = threading.Lock()
        self.began, self.ended, self.skipped = [], [], []
        self.threads = {}

    def perform(self, task):
        with self.lock:
            self.began.append(task)
            self.threads[task] = threading.current_thread().name
        finished = self.does[task]() if task in self.does else True
        with self.lock:
            self.ended.append(task)
        return finished is not False

    def skip(self, task, because):
        with self.lock:
            self.skipped.append((task, because))


def tasks_from_text(text, lane="cpu", **lanes):
    """`"a -> b, a -> c"` as tasks; `b="device"` puts one on another lane."""
    after = {}
    for edge in text.split(","):
        path = [name.strip() for name in edge.split("->")]
        for name in path:
            after.setdefault(name, [])
        for source, name in itertools.pairwise(path):
            after[name].append(source)
    return [Named(name, lanes.get(name, lane), tuple(sources)) for name, sources in after.items()]


class Named(Task):
    """A task with a name, and the names of the tasks that it waits for."""

    __slots__ = ("after", "id")

    def __init__(self, name, lane, after=()):
        super().__init__(lane)
        self.id, self.after = name, after


def run_tasks(tasks, lanes, perform, skip, token):
    """What a run does with a schedule: lay the tasks out, start those that wait for nothing, see them to their end."""

    def step(task):
        if perform(task.id):
            with schedule:
                schedule.finish(task)
            return
        with schedule:
            for other in schedule.stop(task):
                skip(other.id, task.id)
            schedule.leave()

    schedule = Schedule(lanes, token)
    by_name = {task.id: task for task in tasks}
    for task in tasks:
        task.state, task.waiting, task.readers = State.WAITING, 0, []
    for task in tasks:
        attach(task, [by_name[name] for name in task.after])
    with schedule:
        schedule.start([task for task in tasks if not task.waiting])
    schedule.run(step)


def run(tasks, work, cpu=2, token=None, io=2):
    with_lanes(lambda lanes: run_tasks(tasks, lanes, work.perform, work.skip, token or CancelToken()), cpu, io)
    return work


def with_lanes(use, cpu=2, io=2):
    lanes = Lanes(cpu=cpu, io=io)
    try:
        return use(lanes)
    finally:
        lanes.close()


def wait(event):
    assert event.wait(PATIENCE), "nothing happened"


def test_nothing_to_do_returns():
    assert run([], Work()).began == []


def test_a_task_begins_when_all_that_it_waits_for_has_ended():
    work = Work()

    def check(task, *sources):
        assert set(sources) <= set(work.ended), task

    work.does = {"b": lambda: check("b", "a"), "c": lambda: check("c", "a"), "d": lambda: check("d", "b", "c")}
    run(tasks_from_text("a -> b -> d, a -> c -> d"), work)
    assert sorted(work.ended) == ["a", "b", "c", "d"]


def test_a_branch_is_carried_to_its_end_before_the_next_begins():
    work = run(tasks_from_text("a -> b -> c, x -> y -> z"), Work(), cpu=1)
    assert work.began == ["a", "b", "c", "x", "y", "z"]


def test_what_a_task_made_ready_begins_in_order_before_what_was_ready():
    work = run(tasks_from_text("a -> b -> e, a -> c, a -> d, x"), Work(), cpu=1)
    assert work.began == ["a", "b", "e", "c", "d", "x"]


def test_independent_tasks_of_the_cpu_lane_run_at_once():
    together = threading.Barrier(4, timeout=PATIENCE)  # breaks unless all four meet
    work = Work(**{name: lambda: together.wait() * 0 + 1 for name in "abcd"})
    run(tasks_from_text("s -> a -> e, s -> b -> e, s -> c -> e, s -> d -> e"), work, cpu=4)
    assert len(work.ended) == 6


def test_a_task_that_another_lane_makes_ready_gets_a_thread_though_its_lane_is_busy():
    both_busy, third_began = threading.Barrier(3, timeout=PATIENCE), threading.Event()
    busy = lambda: (both_busy.wait(), wait(third_began))  # noqa: E731
    work = Work(a=busy, b=busy, s=lambda: (both_busy.wait(), None), c=third_began.set)
    run(tasks_from_text("a, b, s -> c", s="io"), work, cpu=3)
    assert sorted(work.ended) == ["a", "b", "c", "s"]


def test_all_lanes_run_at_once():
    together = threading.Barrier(3, timeout=PATIENCE)
    work = Work(**{name: lambda: together.wait() * 0 + 1 for name in "abc"})
    run(tasks_from_text("s -> a, s -> b, s -> c", a="cpu", b="io", c="device"), work)
    assert {work.threads[name].rsplit("_", 1)[0] for name in "abc"} == {f"jacquard-{lane}" for lane in LANES}


def test_saving_overlaps_the_next_work_on_the_device():
    second_began = threading.Event()
    work = Work(save1=lambda: wait(second_began), sample2=second_began.set)
    run(tasks_from_text("sample1 -> save1, sample2 -> save2", save1="io", save2="io", lane="device"), work)
    assert len(work.ended) == 4


class Alone:
    """Notes whether two were ever inside at once."""

    def __init__(self):
        self.inside = threading.Lock()
        self.met = False

    def __call__(self):
        if not self.inside.acquire(blocking=False):
            self.met = True
            return
        for _ in range(200):  # gives other threads a chance to come in
            pass
        self.inside.release()


def test_the_device_lane_never_runs_two_at_once():
    alone = Alone()
    names = [f"d{number}" for number in range(200)]
    work = Work(**dict.fromkeys(names, alone))
    text = ",".join(f"s{number % 5} -> {name}" for number, name in enumerate(names))
    run(tasks_from_text(text, **dict.fromkeys(names, "device")), work, cpu=4)
    assert len(work.ended) == 205
    assert not alone.met


def test_two_runs_share_the_lanes_and_still_never_two_are_on_the_device():
    alone = Alone()
    names = [f"d{number}" for number in range(100)]
    works = [Work(**dict.fromkeys(names, alone)) for _ in range(2)]

    def use(lanes):
        threads = [
            threading.Thread(
                target=run_tasks,
                args=(tasks_from_text(",".join(names), lane="device"), lanes, work.perform, work.skip, CancelToken()),
            )
            for work in works
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()

    with_lanes(use)
    assert [len(work.ended) for work in works] == [100, 100]
    assert not alone.met


@pytest.mark.long
def test_a_chain_of_ten_thousand_stays_on_one_thread():
    names = [f"n{number}" for number in range(10_000)]
    work = run(tasks_from_text(" -> ".join(names)), Work(), cpu=8)
    assert work.ended == names
    assert len(set(work.threads.values())) == 1


def test_a_thousand_tasks_after_one_all_run():
    work = run(tasks_from_text(",".join(f"a -> b{number} -> z" for number in range(1000))), Work(), cpu=4)
    assert len(work.ended) == 1002
    assert (work.began[0], work.began[-1]) == ("a", "z")


def test_failure_skips_exactly_what_is_below_once_and_everything_else_goes_on():
    work = Work(b=lambda: False)
    run(tasks_from_text("a -> b -> c -> d -> f, a -> e -> f, b -> d, e -> g"), work)
    assert sorted(work.ended) == ["a", "b", "e", "g"]
    assert sorted(work.skipped) == [("c", "b"), ("d", "b"), ("f", "b")]


def test_what_two_failures_share_below_is_skipped_once():
    work = Work(a=lambda: False, b=lambda: False)
    run(tasks_from_text("a -> c -> d, b -> c"), work)
    assert sorted(task for task, _ in work.skipped) == ["c", "d"]


def test_everything_is_skipped_before_the_run_returns():
    work = Work(a=lambda: False)
    run(tasks_from_text(",".join(f"a -> b{number}" for number in range(100)), lane="device"), work)
    assert len(work.skipped) == 100


def test_a_run_that_was_cancelled_before_it_began_starts_nothing():
    token = CancelToken()
    token.cancel()
    assert run(tasks_from_text("a -> b, c"), Work(), token=token).began == []


def test_nothing_more_is_started_once_the_run_is_cancelled():
    token = CancelToken()
    work = run(tasks_from_text("a -> b -> c, x, y"), Work(b=token.cancel), cpu=1, token=token)
    assert work.began == ["a", "b"]
    assert work.skipped == [], "they were not skipped because of a failure"


def test_a_running_task_is_left_to_end_when_the_run_is_cancelled():
    token, ended = CancelToken(), threading.Event()
    began = threading.Barrier(2, timeout=PATIENCE)

    def cancel():
        began.wait()
        token.cancel()
        ended.set()

    def linger():
        began.wait()
        wait(ended)

    work = run(tasks_from_text("a, b, c"), Work(a=cancel, b=linger), cpu=2, token=token)
    assert sorted(work.ended) == ["a", "b"]


@pytest.mark.parametrize("error", [ValueError("torn"), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_what_perform_raises_comes_out_of_the_run(error):
    def burst():
        raise error

    with pytest.raises(type(error)) as caught:
        run(tasks_from_text("a -> b -> c"), Work(b=burst))
    assert caught.value is error


def test_what_skip_raises_comes_out_of_the_run():
    work = Work(a=lambda: False)
    work.skip = lambda task, because: (_ for _ in ()).throw(ValueError("torn"))
    with pytest.raises(ValueError, match="torn"):
        run(tasks_from_text("a -> b"), work)


def test_a_run_that_bursts_returns_only_when_no_task_is_running_any_more():
    burst_now, together = threading.Event(), threading.Barrier(2, timeout=PATIENCE)

    def burst():
        together.wait()
        burst_now.set()
        raise ValueError("torn")

    def linger():
        together.wait()
        wait(burst_now)
        for _ in range(100_000):  # work that would outlive a run that did not wait
            pass

    work = Work(a=burst, b=linger)
    with_lanes(lambda lanes: _expect_burst(lanes, work))
    assert "b" in work.ended_when_returned
    assert "c" not in work.began, "and nothing more was started"


def _expect_burst(lanes, work):
    with pytest.raises(ValueError, match="torn"):
        run_tasks(tasks_from_text("a, b -> c"), lanes, work.perform, work.skip, CancelToken())
    work.ended_when_returned = list(work.ended)


@pytest.fixture
def ctrl_c_interrupts():
    """Also where the tests were started in the background, for which shells have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_while_waiting_starts_nothing_more(ctrl_c_interrupts):
    interrupted, gate = threading.Event(), threading.Event()
    work = Work(a=lambda: (signal.pthread_kill(threading.main_thread().ident, signal.SIGINT), wait(gate)))

    def use(lanes):
        with pytest.raises(KeyboardInterrupt):
            run_tasks(tasks_from_text("a -> b"), lanes, work.perform, work.skip, CancelToken())
        interrupted.set()
        gate.set()

    if not hasattr(signal, "pthread_kill"):
        pytest.skip("needs POSIX signals")
    with_lanes(use)
    assert interrupted.is_set()
    assert (work.began, work.ended) == (["a"], ["a"])


def test_closing_while_a_run_waits_for_a_thread_does_not_leave_it_hanging():
    lanes, gate = Lanes(cpu=1), threading.Event()
    first, second = Work(a=lambda: wait(gate)), Work()
    began = threading.Event()
    first.does["a"] = lambda: (began.set(), wait(gate))

    def start(work, name):
        thread = threading.Thread(
            target=run_tasks, args=(tasks_from_text(name, lane="device"), lanes, work.perform, work.skip, CancelToken())
        )
        thread.start()
        return thread

    runs = [start(first, "a")]
    wait(began)
    queued = threading.Event()
    push = lanes.push

    def push_and_tell(queue, tasks):
        push(queue, tasks)
        queued.set()

    lanes.push = push_and_tell
    runs.append(start(second, "b"))
    wait(queued)
    closing = threading.Thread(target=lanes.close)
    closing.start()
    gate.set()
    for thread in (closing, *runs):
        thread.join(PATIENCE)
        assert not thread.is_alive()
    assert (first.ended, second.ended) == (["a"], ["b"])


def test_a_run_on_closed_lanes_is_refused():
    lanes = Lanes(cpu=1)
    lanes.close()
    with pytest.raises(RuntimeError, match="closed"):
        run_tasks(tasks_from_text("a"), lanes, Work().perform, Work().skip, CancelToken())


@st.composite
def schedules(draw):
    """Random tasks on random lanes, of which some fail."""
    count = draw(st.integers(1, 12))
    tasks = []
    for number in range(count):
        sources = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        tasks.append(Named(str(number), draw(st.sampled_from(LANES)), tuple(map(str, sources))))
    return tasks, draw(st.sets(st.sampled_from([task.id for task in tasks]), max_size=3))


@pytest.fixture(scope="module", params=[1, 8])
def lanes(request):
    lanes = Lanes(cpu=request.param, io=2)
    yield lanes
    lanes.close()


def check_schedule(tasks, failing, lanes):
    work = Work(**{name: lambda: False for name in failing})
    run_tasks(tasks, lanes, work.perform, work.skip, CancelToken())
    graph = nx.DiGraph()
    graph.add_nodes_from(task.id for task in tasks)
    graph.add_edges_from((source, task.id) for task in tasks for source in task.after)
    below = set().union(*(nx.descendants(graph, name) for name in failing))
    assert sorted(work.ended) == sorted(set(graph) - below), "each once"
    assert sorted(task for task, _ in work.skipped) == sorted(below), "each once"
    assert all(because in failing and nx.has_path(graph, because, task) for task, because in work.skipped)


@examples(80)
@given(schedules())
def test_every_task_ends_or_is_skipped_exactly_once(lanes, schedule):
    check_schedule(*schedule, lanes)


def test_hundreds_of_large_random_schedules_lose_no_task(lanes):
    dice = random.Random(20240607)  # noqa: S311 - not for secrets
    for _ in range(300):
        tasks = []
        for number in range(30):
            sources = {str(dice.randrange(number)) for _ in range(3)} if number and dice.random() < 0.8 else set()
            tasks.append(Named(str(number), dice.choice(LANES), tuple(sources)))
        check_schedule(tasks, set(dice.sample([task.id for task in tasks], dice.randrange(3))), lanes)


def test_a_task_may_wait_for_more_while_it_is_at_work():
    lanes = Lanes(cpu=1)
    order = []

    def step(task):
        order.append(task.id)
        with schedule:
            if task.id == "a" and order.count("a") == 1:
                schedule.start([more])
                schedule.wait(task, [more])
            else:
                schedule.finish(task)

    schedule = Schedule(lanes, CancelToken())
    first, more = Named("a", "cpu"), Named("b", "cpu")
    with schedule:
        schedule.start([first])
    schedule.run(step)
    lanes.close()
    assert order == ["a", "b", "a"]


def test_a_task_that_is_put_aside_leaves_its_thread_to_others_and_goes_on_when_told():
    lanes = Lanes(cpu=1)
    order = []

    def step(task):
        order.append(task.id)
        with schedule:
            if task.id == "a" and order.count("a") == 1:
                schedule.put_aside(task)
                return
            if task.id == "b":
                schedule.again(first, "news")
            schedule.finish(task)

    schedule = Schedule(lanes, CancelToken())
    first, second = Named("a", "cpu"), Named("b", "cpu")
    with schedule:
        schedule.start([first, second])
    schedule.run(step)
    lanes.close()
    assert order == ["a", "b", "a"]
    assert first.news == "news"


def test_a_cancelled_run_does_not_wait_for_what_was_put_aside():
    lanes, token = Lanes(cpu=1), CancelToken()

    def step(task):
        with schedule:
            schedule.put_aside(task)
        token.cancel()

    schedule = Schedule(lanes, token)
    task = Named("a", "cpu")
    with schedule:
        schedule.start([task])
    schedule.run(step)
    schedule.again(task, None)
    lanes.close()
    assert task.state is State.STOPPED


def test_the_run_that_began_earlier_goes_first_on_every_lane():
    lanes, began, order = Lanes(), threading.Event(), []
    gate = threading.Event()

    def runner(name, tasks):
        def step(task):
            order.append(name + task.id)
            if task.id == "hold":
                began.set()
                wait(gate)
            with schedule:
                schedule.finish(task)

        schedule = Schedule(lanes, CancelToken())
        with schedule:
            schedule.start(tasks)
        thread = threading.Thread(target=schedule.run, args=[step], daemon=True)
        thread.start()
        return thread

    first = runner("1", [Named("hold", "device"), Named("x", "device"), Named("y", "device")])
    wait(began)
    second = runner("2", [Named("x", "device")])
    gate.set()
    first.join(PATIENCE)
    second.join(PATIENCE)
    lanes.close()
    assert order == ["1hold", "1x", "1y", "2x"]


@pytest.mark.parametrize("ends_well", [True, False])
def test_a_task_that_waits_for_its_turn_goes_on_whatever_end_the_one_before_has(ends_well):
    """`late` ran to where it waits for `early`, on a lane that has one thread."""
    visits = []

    def step(task):
        visits.append(task.id)
        with schedule:
            if visits == ["late"]:
                schedule.wait_turn(task, early)
            elif task is late or ends_well:
                schedule.finish(task)
            else:
                assert [other.id for other in schedule.stop(task)] == ["reader"]
                schedule.leave()

    lanes = Lanes(cpu=1)
    schedule = Schedule(lanes, CancelToken())
    late, early, reader = Named("late", "cpu"), Named("early", "cpu"), Named("reader", "cpu")
    reader.state = State.WAITING
    attach(reader, [early])
    try:
        with schedule:
            schedule.start([late, early])
        schedule.run(step)
    finally:
        lanes.close()
    assert visits == (["late", "early", "reader", "late"] if ends_well else ["late", "early", "late"])
    assert late.state is State.DONE
