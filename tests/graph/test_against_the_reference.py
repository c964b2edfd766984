"""Random graphs, edited from run to run, on random schedules: always what the reference says, and nothing done twice.

The reference (`tests.support.reference`) has no cache, no threads and no streams at work. A session is some versions
of a workflow, each made from an earlier one by a small edit, run one after another or at once on one engine. To run it
longer: `HYPOTHESIS_EXAMPLES=20000 python -m pytest tests/graph/test_against_the_reference.py -p no:randomly`.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from graph.base.errors import WorkflowError
from graph.caching.cache import Cache
from graph.caching.disk.disk_cache import DiskCache
from graph.caching.memory_cache import MemoryCache
from graph.document.workflow import Node, Reference, Workflow
from graph.engine import Engine
from graph.node_types.context import CancelToken
from graph.results import storage_policy
from graph.running import events, streams
from graph.scheduling.lanes import Lanes
from tests.support.examples import examples
from tests.support.reference import Evaluation
from tests.support.toys import PATIENCE
from tests.support.wild_toys import World, wild_registry

EXAMPLES = int(os.environ.get("HYPOTHESIS_EXAMPLES", "0"))
AMPLE = 2**30

# Random documents

NUMBERS, LISTS, BOXES = "numbers", "lists", "boxes"
_REGISTRY = wild_registry(World())


@dataclass(frozen=True)
class Kind:
    """How nodes of a type may be wired: which of its inputs take what, and what it gives."""

    type: str
    gives: str
    takes: tuple[tuple[str, str], ...]
    output: str


def _kind(type_id: str) -> Kind:
    node_type = _REGISTRY.get(type_id)
    takes = [
        (item.name, BOXES if item.type.name == "BOX" else LISTS if item.collects else NUMBERS)
        for item in node_type.inputs
        if item.name != "keep_going"
    ]
    outputs = node_type.outputs
    gives = "" if not outputs else BOXES if outputs[0].type.name == "BOX" else LISTS if outputs[0].is_list else NUMBERS
    return Kind(type_id, gives, tuple(takes), outputs[0].name if outputs else "")


PLAIN = ["Add", "AddDevice", "AddIo", "AddAsync", "Parity", "Keep", "Sign", "Big", "PairUp"]
LAZY = ["Choose", "Chain", "Both", "LazyTotal"]
STREAMS = ["Count", "Total", "Twins", "Keyed", "Spread", "BigCount", "Listed"]
EXPANDING = ["Twice", "CountDown", "AroundBig", "AroundAddAsync", "AroundChoose", "AroundCount", "ListOut"]
STOPPING = ["FailIf", "BlockIf", "Torn"]
IMPURE = ["Impure", "ImpureCount"]
NESTED = ["AroundFailIf", "AroundBlockIf", "AroundImpure", "AroundAroundImpure"]
OPAQUE = ["Wrap", "Unwrap", "WrapCount", "AroundBox"]
FAMILIES = {
    "lazy": LAZY, "streams": STREAMS, "expanding": EXPANDING, "stopping": STOPPING, "impure": IMPURE, "nested": NESTED,
    "opaque": OPAQUE,
}  # fmt: skip
KINDS = {name: _kind(name) for name in [*PLAIN, *(kind for family in FAMILIES.values() for kind in family)]}


@dataclass(frozen=True)
class Spec:
    """One node: its kind, a literal for each number input, and which earlier nodes feed it (by position)."""

    kind: str
    literals: tuple[int, ...]
    sources: tuple[int | None, ...]
    second: bool = False
    """Whether readers get its second output, if it has one."""


Document = tuple[Spec, ...]


@st.composite
def specs(draw: Any, before: Document, kinds: list[str]) -> Spec:
    """A node that may be fed by some others; kinds that find nothing to be fed by become an Add."""
    kind = KINDS[draw(st.sampled_from(kinds))]
    places: dict[str, list[int]] = {NUMBERS: [], LISTS: [], BOXES: []}
    for index, spec in enumerate(before):
        gives = KINDS[spec.kind].gives
        if gives:
            places[gives].append(index)
    places[LISTS] += places[NUMBERS]
    if any(not places[wants] for _, wants in kind.takes if wants != NUMBERS):
        kind = KINDS["Add"]
    sources: list[int | None] = []
    for name, wants in kind.takes:
        found = places[wants]
        must = wants != NUMBERS
        if not found or (not must and (name == "number" or draw(st.integers(0, 3)) == 0)):
            sources.append(None)
        else:
            sources.append(found[-1 - draw(st.integers(0, len(found) - 1))])
    literals = tuple(draw(st.integers(0, 3)) for _ in kind.takes)
    return Spec(kind.type, literals, tuple(sources), draw(st.booleans()))


@st.composite
def documents(draw: Any, kinds: list[str], size: int = 10) -> Document:
    """Nodes, each fed by earlier ones."""
    document: Document = ()
    for _ in range(draw(st.integers(1, size))):
        document += (draw(specs(document, kinds)),)
    return document


@st.composite
def edits(draw: Any, document: Document, kinds: list[str]) -> Document:
    """Another version: a literal, a node, or what feeds it is another; or there is one more."""
    place = draw(st.integers(0, len(document)))
    if place == len(document):
        return (*document, draw(specs(document, kinds)))
    spec = document[place]
    if spec.literals and draw(st.booleans()):
        literals = list(spec.literals)
        literals[draw(st.integers(0, len(literals) - 1))] = draw(st.integers(0, 3))
        return (*document[:place], replace(spec, literals=tuple(literals)), *document[place + 1 :])
    alike = [kind for kind in kinds if KINDS[kind].gives == KINDS[spec.kind].gives]
    found = draw(specs(document[:place], alike or ["Add"]))
    if KINDS[found.kind].gives != KINDS[spec.kind].gives:
        return document
    return (*document[:place], found, *document[place + 1 :])


def workflow_of(document: Document, *, keep_going: bool) -> Workflow:
    """A document as the engine takes it."""
    nodes = {}
    for index, spec in enumerate(document):
        kind = KINDS[spec.kind]
        inputs: dict[str, Any] = {}
        for (name, _), literal, source in zip(kind.takes, spec.literals, spec.sources, strict=True):
            if source is not None:
                fed = document[source]
                outputs = _REGISTRY.get(fed.kind).outputs
                inputs[name] = Reference(f"n{source}", outputs[-1 if fed.second else 0].name)
            else:
                # Far from what nodes give: a value that is set and the same value off an edge are different calls.
                inputs[name] = literal if name == "number" else 10_000 + literal
        if "keep_going" in _REGISTRY.get(spec.kind).by_name:
            inputs["keep_going"] = keep_going
        nodes[f"n{index}"] = Node(spec.kind, inputs)
    return Workflow(nodes)


# Random sessions


@dataclass(frozen=True)
class Step:
    """A run: of which version, for which targets, and after how many events it is cancelled."""

    workflow: Workflow
    targets: tuple[str, ...]
    cancel_after: int | None = None

    def __repr__(self) -> str:
        """In a few words: `n1=Add(number=2, a=n0.INT) -> n1`."""
        nodes = "; ".join(
            f"{name}={node.type}({', '.join(f'{key}={_in_short(value)}' for key, value in node.inputs.items())})"
            for name, node in self.workflow.nodes.items()
        )
        return f"<{nodes} -> {' '.join(self.targets)}{f' cancel {self.cancel_after}' if self.cancel_after else ''}>"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


def _in_short(value: Any) -> str:
    return f"{value.node}.{value.output}" if isinstance(value, Reference) else str(value)


@dataclass(frozen=True)
class Session:
    """Some runs, and what they run on. Runs of one group are at work at once."""

    groups: tuple[tuple[Step, ...], ...]
    cpu: int = 1
    io: int = 1
    budget: int = AMPLE
    disk: bool = False
    restarts: bool = False
    shadow: float = 0.0
    kinds: tuple[str, ...] = ()
    hasty: bool = False
    window: int = 8

    def __repr__(self) -> str:
        """In a few words."""
        runs = "\n".join(f"  {group}" for group in self.groups)
        traits = {
            name: getattr(self, name)
            for name in ("cpu", "io", "budget", "disk", "restarts", "shadow", "hasty", "window")
        }
        return f"{traits}\n{runs}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


@st.composite
def sessions(draw: Any, *, cancels: bool = False, ample: bool = False, families: tuple[str, ...] | None = None,
             most: int = 1, disk: bool = False, shadow: float = 0.0) -> Session:  # fmt: skip
    chosen = draw(st.lists(st.sampled_from(families or tuple(FAMILIES)), unique=True, max_size=4))
    kinds = PLAIN + [kind for family in chosen for kind in FAMILIES[family]] * 2
    keep_going = draw(st.booleans()) if "streams" in chosen else False
    versions = [draw(documents(kinds))]
    groups = []
    for _ in range(draw(st.integers(1, 4))):
        group = []
        for _ in range(draw(st.integers(1, most))):
            document = versions[draw(st.integers(0, len(versions) - 1))] if draw(st.booleans()) else versions[-1]
            if draw(st.booleans()):
                document = draw(edits(document, kinds))
                versions.append(document)
            wanted = draw(st.lists(st.integers(0, len(document) - 1), min_size=1, max_size=3, unique=True))
            targets = tuple(f"n{len(document) - 1 - place}" for place in wanted)
            cancel = draw(st.none() | st.integers(1, 30)) if cancels else None
            group.append(Step(workflow_of(document, keep_going=keep_going), targets, cancel))
        groups.append(tuple(group))
    return Session(
        groups=tuple(groups),
        cpu=draw(st.integers(1, 8)),
        io=draw(st.integers(1, 3)),
        budget=AMPLE if ample else draw(st.sampled_from([AMPLE, 0, 3000, 30_000])),
        disk=disk,
        restarts=draw(st.booleans()) if disk else False,
        shadow=shadow,
        kinds=tuple(chosen),
        hasty=draw(st.booleans()),
        window=draw(st.sampled_from([8, 1, 2])),
    )


# What is checked


ENDS = (events.NodeFinished, events.NodeReused, events.NodeFailed, events.NodeSkipped, events.NodeCancelled)


@dataclass
class Told:
    """A listener that keeps what it is told, and cancels the run after some events."""

    token: CancelToken
    cancel_after: int | None = None
    events: list[events.Event] = field(default_factory=list)

    def __call__(self, told: events.Event) -> None:
        self.events.append(told)
        if len(self.events) == self.cancel_after:
            self.token.cancel()

    def check(self, status: str) -> None:
        """What is told is a story with a beginning, no gaps, and an end."""
        assert [told.number for told in self.events] == list(range(1, len(self.events) + 1))
        assert isinstance(self.events[0], events.RunStarted)
        assert isinstance(self.events[-1], events.RunFinished)
        assert self.events[-1].status == status
        ends = Counter(told.node for told in self.events if isinstance(told, ENDS))
        assert max(ends.values(), default=1) == 1, f"an end was told more than once: {ends}"
        if status != "cancelled" and not self.token.cancelled:
            missing = [node for node in self.events[0].to_run if node not in ends]
            assert missing == [], "the end of a node was never told"
        started = Counter(told.node for told in self.events if isinstance(told, events.NodeStarted))
        assert max(started.values(), default=1) == 1, f"a beginning was told more than once: {started}"


class Room:
    """An engine at work on a session, and what its nodes were called with."""

    def __init__(self, session: Session, folder: Any) -> None:
        self.session, self.folder = session, folder
        self.world = World()
        self.runs = 0
        self.trouble = False
        """Whether something failed so far."""
        self.open()

    def open(self) -> None:
        session = self.session
        disk = DiskCache(self.folder) if session.disk else None
        self.engine = Engine(
            wild_registry(self.world),
            cache=Cache(MemoryCache(session.budget), disk),
            lanes=Lanes(cpu=session.cpu, io=session.io),
            shadow=session.shadow,
        )

    def run(self, step: Step, run_id: str, *, alone: bool) -> None:
        world = World()
        reference = Evaluation(step.workflow.nodes, wild_registry(world), run_id)
        before = len(self.world.begun)
        is_cold = before == 0
        token = CancelToken()
        told = Told(token, step.cancel_after)
        try:
            outcome = self.engine.run(step.workflow, step.targets, listener=told, token=token, run_id=run_id)
        except WorkflowError as error:
            assert [problem.code for problem in error.problems] == ["streams_in_a_circle"]
            assert told.events == []
            return
        told.check(outcome.status)
        memory = self.engine.cache.memory
        assert memory.nbytes <= memory.max_bytes
        expected = {target: reference.target(target) for target in step.targets}
        for target in step.targets:
            self.compare(reference, target, expected[target], outcome, cancelled=token.cancelled)
        if not token.cancelled:
            assert outcome.status != "cancelled", "nobody cancelled it"
            self.trouble = self.trouble or reference.trouble
            if alone and not reference.trouble and not reference.empty:
                called, had_to = set(self.world.begun[before:]), set(world.begun)
                assert called <= had_to, f"called without need: {called - had_to}"
                assert called == had_to or not is_cold, f"not called: {had_to - called}"
            failed = "failed" in expected.values()
            assert outcome.status == "failed" or not failed, "a target failed, and the run did not"
            excused = reference.trouble or reference.empty  # one without items may be paired with one that has some
            assert outcome.status == "finished" or excused, f"{outcome.status}: {outcome.problems}"

    def compare(self, reference: Evaluation, target: str, expected: Any, outcome: Any, *, cancelled: bool) -> None:
        if len(reference.leaf_streams(target)) > 1:
            assert target not in outcome.values, "a stream inside a stream is no value"
            return
        if not reference.type(target).outputs and reference.leaf_streams(target):
            return
        if target in outcome.values:
            got = outcome.values[target]
            assert plain(got) == plain(expected), f"{target} is {got}, and should be {expected}"
        elif isinstance(expected, str) or cancelled:
            return
        else:  # a stream is broken by whatever fails in it, also by what this target does not need
            assert reference.trouble or reference.empty, (
                f"{target} has no value, and should be {expected}; {outcome.problems}"
            )

    def repeated(self) -> dict[Any, int]:
        """Calls of pure nodes that were made more than once; lazy ones may differ in what they did not ask for."""
        done = Counter(call for call in self.world.done if call[0] not in LAZY)
        return {call: count for call, count in done.items() if count > 1}

    def close(self) -> None:
        self.engine.close()


def plain(value: Any) -> Any:
    """Values that can be compared: boxes by what is in them."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return ("box", value.content) if hasattr(value, "content") else value


def play(session: Session, folder: Any = None) -> Room:
    """Run a session, and compare every run with the reference."""
    before = set(threading.enumerate())
    room = Room(session, folder)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5 if session.hasty else interval)
    window, streams.WINDOW = streams.WINDOW, session.window
    try:
        for group in session.groups:
            alone = len(group) == 1
            at_once([partial(room.run, step, f"r{room.runs + index}", alone=alone) for index, step in enumerate(group)])
            room.runs += len(group)
            if session.budget == 0 and not session.disk:
                gc.collect()
                assert not room.world.boxes, "a value is alive that nobody can want any more"
            if session.restarts:
                room.close()
                room.open()
    finally:
        sys.setswitchinterval(interval)
        room.close()
        streams.WINDOW = window
    assert set(threading.enumerate()) <= before, "a thread outlives its engine"
    return room


def at_once(calls: list[Callable[[], None]]) -> None:
    """Make some calls from threads of their own; raise what they raise, or that one never returns."""
    wrong: list[BaseException] = []

    def guarded(call: Callable[[], None]) -> None:
        try:
            call()
        except BaseException as error:  # noqa: BLE001 - raised again below
            wrong.append(error)

    threads = [threading.Thread(target=guarded, args=(call,), daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
        if thread.is_alive():
            faulthandler.dump_traceback(all_threads=True)
            os._exit(3)
    if wrong:
        raise wrong[0]


def few(count: int) -> Any:
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much,
              HealthCheck.function_scoped_fixture]  # fmt: skip
    if EXAMPLES:  # others than the same ones every time
        return settings(derandomize=False, max_examples=EXAMPLES, print_blob=True, suppress_health_check=checks)
    return examples(count, print_blob=True, suppress_health_check=checks)


def tell_kinds(session: Session) -> None:
    event(" ".join(sorted(session.kinds)) or "plain")


@few(90)
@given(sessions())
def test_a_session_gives_what_the_reference_gives(session):
    tell_kinds(session)
    play(session)


@few(45)
@given(sessions(cancels=True))
def test_a_run_that_is_cancelled_ends_and_the_next_one_is_right(session):
    play(session)


@few(45)
@given(sessions(most=4, cancels=True))
def test_runs_at_once_on_one_engine_give_what_the_reference_gives(session):
    play(session)


FOUND_BY_VALUE = ("lazy", "streams", "stopping", "impure")
"""What is given to inner nodes of an expansion is set there, and so told apart from the same value off an edge."""


@few(60)
@given(sessions(ample=True, most=3, families=FOUND_BY_VALUE))
def test_a_pure_node_is_called_once_for_equal_inputs_over_a_whole_session(session):
    assert play(session).repeated() == {}


@few(30)
@given(sessions(ample=True, families=("lazy", "expanding")))
def test_going_back_to_earlier_versions_runs_nothing(session):
    room = Room(session, None)
    steps = [step for group in session.groups for step in group]
    try:
        for again in (False, True):
            for number, step in enumerate(steps):
                room.run(step, f"{again}{number}", alone=True)
            if not again:
                room.world.begun.clear()
                room.world.begun.append(("warm",))
        assert room.trouble or room.world.begun[1:] == []
    finally:
        room.close()


@pytest.fixture
def all_is_worth_storing(monkeypatch):
    """Toys take no time, and would not go to disk."""
    for name in ("SECONDS_PER_BYTE", "SECONDS_OF_VALUES", "SECONDS_OF_RECORDS"):
        monkeypatch.setattr(storage_policy, name, 0.0)


@few(20)
@given(session=sessions(disk=True))
def test_an_engine_that_is_opened_again_on_its_disk_gives_what_the_reference_gives(session, all_is_worth_storing):
    with TemporaryDirectory() as folder:
        play(session, Path(folder))


@few(30)
@given(sessions(shadow=1.0, families=("lazy", "streams", "expanding", "opaque")))
def test_shadow_mode_finds_nothing_in_nodes_that_keep_the_laws(session):
    play(session)
