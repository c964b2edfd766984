"""What happens to a cell once everything that it waits for is there.

1. Equal work that is under way already, in this run or another, is waited for instead.
2. The values that arrived are looked up: a call that got equal ones before gives its result, and the node is not
   called.
3. Values that were let go are made again; then the node is called. It may ask for lazy inputs and be called again, have
   a graph run in its place, or open a stream.
4. Its outputs are checked and remembered, and whoever waits for them goes on.

Whatever a node raises comes out of `attempt`; the run makes a problem of it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from graph.caching.keys import FreshKey
from graph.node_types import report_checks
from graph.node_types.context import CancelledError, NodeContext, checked
from graph.node_types.expansion import Expand
from graph.node_types.flow import BLOCK, NeedsInputs
from graph.planning import run_reasons
from graph.planning.plan import Demand, Source, blame
from graph.planning.tasks import CallTask, Stream
from graph.results.result import Fingerprint, RequestedInputs, Result
from graph.results.storage_policy import SECONDS_OF_RECORDS
from graph.running import call_checks, shadow
from graph.running.call_keys import CallInputs, CallKeys, unasked
from graph.running.crew import Crew
from graph.running.expansion_run import Inside
from graph.running.ordered_effects import OrderedEffects
from graph.scheduling.lanes import State


class Work:
    """Works on the cells of a run."""

    def __init__(self, crew: Crew) -> None:
        self.crew = crew
        self.identity = CallKeys(crew)
        self.inside = Inside(crew, self)
        self.turns = OrderedEffects(crew, self.identity, self)
        self._blocked = crew.cache.fingerprinter.of(BLOCK)

    def attempt(self, cell: CallTask) -> None:
        """Bring a cell as far as possible: to its end, or to where it has to wait for something else."""
        crew, extra = self.crew, cell.extra
        if extra is not None:
            extra.follows = False
            if extra.inner is not None:
                self.inside.come_out(cell, extra.inner)
                return
            if extra.returned is not None:
                returned, extra.returned = extra.returned, None
                self._take(cell, returned, extra.arrival)
                return
            if extra.adopted is not None:
                adopted, extra.adopted = extra.adopted, None
                if self.reuse_if_usable(cell, adopted, "equal node"):
                    return
            if extra.due is not None:
                self.turns.go_on(cell, extra.due)
                return
        if crew.any_unkeyed and self.identity.find_unkeyed(cell):
            crew.land(cell, None)  # what it is going to give is for this run only
        if type(cell.key) is not FreshKey and not cell.unkeyed and not crew.lead(cell, cell.key):
            return
        looks_again = cell.frame is not crew.top or not cell.call.edges  # the others are found by what arrived
        if looks_again and not cell.unkeyed and crew.memory.recall(cell):
            if self.reuse_if_usable(cell, cell.result, "equal node"):
                return
            cell.let_go()
        arrival = CallInputs(self.identity.fingerprints_of(cell))
        for name, fingerprint in arrival.fingerprints.items():
            if fingerprint == self._blocked:
                edge = cell.call.edges.get(name)
                self._block(cell, edge.node if edge else cell.id)
                return
        if self._look_up_values(cell, arrival):
            return
        inputs = self._inputs(cell)
        if inputs is not None:
            self._call(cell, inputs, arrival)

    # What has arrived

    def _look_up_values(self, cell: CallTask, arrival: CallInputs) -> bool:
        """Whether a call that got equal values gives the result, will do so, or tells which lazy inputs are needed."""
        crew, call, extra = self.crew, cell.call, cell.extra
        if not call.edges or (extra is not None and extra.make is not None):
            return False
        arrival.shallow = self.identity.shallow_key_of(cell, arrival.fingerprints)
        if arrival.shallow is None or (extra is not None and (extra.expected is not None or extra.lost)):
            return False
        if call.type.lazies:
            asked = [name for names in cell.more().asked for name in names]
            found, _, needs = crew.memory.follow(arrival.shallow, arrival.fingerprints.get, asked)
            if needs:
                self._ask(cell, needs)
                return True
            return self.reuse_if_usable(cell, found, "same inputs")
        if self.reuse_if_usable(cell, crew.cache.find(arrival.shallow), "same inputs"):
            return True
        # A call that got equal values may be at work, or have been until a moment ago.
        if not crew.lead(cell, arrival.shallow):
            return True
        return self.reuse_if_usable(cell, crew.cache.find(arrival.shallow), "same inputs")

    def reuse_if_usable(self, cell: CallTask, found: Result | RequestedInputs | None, how: str) -> bool:
        """Whether a remembered result answers for a cell; it is told and kept then, and the cell is done."""
        if not isinstance(found, Result) or not self.crew.memory.still_there(found.artifacts):
            return False
        if found.values is None and not found.on_disk and cell.call.type.outputs:
            return False
        cell.result = found
        cell.values = found.values  # before it is kept once more, for which there may be no room
        # What a lazy call would have asked for is only known of one that was looked up by the values that arrived.
        keys = self.identity.deep_keys_of(cell) if how == "same inputs" or not cell.call.type.lazies else ()
        if keys:
            self.crew.cache.keep(keys, found, node_type=cell.call.type.id)
        self.crew.account.reused_instead(cell, found.artifacts, how)
        self.crew.done(cell)
        return True

    def _inputs(self, cell: CallTask) -> dict[str, Any] | None:
        """What the node is called with; None when something has to be made again first."""
        if cell.extra is not None and cell.extra.make is not None:
            return {}
        crew, call = self.crew, cell.call
        missing = unasked(cell)
        brought: dict[str, Any] = {}
        lost: list[CallTask] = []
        for name, edge in call.edges.items():
            if name in missing:
                continue
            source = crew.planner.source(cell, name, edge)
            if isinstance(source, Stream):
                brought[name] = [value for _, value, _ in source.collected[edge.node, edge.output]]
            elif (values := crew.values_of(source)) is None:
                lost.append(source)
            else:
                brought[name] = [values[edge.output]] if edge.as_one else values[edge.output]
        if lost:
            self.make_again(cell, lost)
            return None
        if not call.type.lazies:
            with crew.schedule.lock:
                crew.planner.release(cell)
        for name, value in brought.items():
            brought[name] = call_checks.admitted(call, name, value, call.edges[name].convert, crew.files)
        return call_checks.arguments(call, brought)

    # Waiting for more

    def make_again(self, cell: CallTask, lost: list[CallTask]) -> None:
        """Remembered results whose values are gone: their nodes are called after all."""
        crew = self.crew
        crew.land(cell, None)  # what it waits for might wait for it
        with crew.schedule.lock:
            again = [each for each in dict.fromkeys(lost) if each.state is State.DONE and each.values is None]
            for source in again:
                crew.planner.take_up_again(source)
            demand = crew.planner.demand(again)
            self.wait(cell, lost, demand)

    def _ask(self, cell: CallTask, names: tuple[str, ...]) -> None:
        """The body wants lazy inputs: it is called again when they are there."""
        crew = self.crew
        cell.more().asked.append(names)
        with crew.schedule.lock:
            sources = [crew.planner.source(cell, name, cell.call.edges[name]) for name in names]
            self.wait(cell, sources, crew.planner.demand(sources))

    def wait(self, cell: CallTask, sources: Iterable[Source], demand: Demand) -> None:
        """A cell goes on when some more is there, which is begun with."""
        crew = self.crew
        crew.begin(demand)  # first: a run in which nothing is at work is over
        if not crew.schedule.wait(cell, sources):
            because, depth = blame(next(source for source in sources if source.state is State.STOPPED))
            crew.account.skipped(cell, because)
            crew.stop(cell, because, depth)

    # The call

    def _call(self, cell: CallTask, inputs: dict[str, Any], arrival: CallInputs) -> None:
        crew, extra, node_type = self.crew, cell.extra, cell.call.type
        arrival.began = time.perf_counter()
        if extra is None or not extra.began:
            is_told = not cell.frame.path or not crew.account.was_called(cell.id)  # of a stream, only the first item is
            history = crew.cache.history
            reason = (
                run_reasons.why(cell, arrival.fingerprints, arrival.shallow, history, crew.files) if is_told else None
            )
            crew.account.started(cell, reason)
            if type(cell.key) is FreshKey and cell.key.why:
                crew.account.warnings.say(cell, f"its result is not reused: {cell.key.why}")
        if extra is not None:
            extra.began = extra.began or arrival.began
            if extra.make is not None:
                with crew.account.warnings.while_making(cell):
                    self._take(cell, extra.make, arrival)
                return
        if node_type.context_parameter is not None:
            context = NodeContext(crew.files, crew.record, crew.token, crew.previews, self._reporter(cell))
            context.report_warning = partial(crew.account.warnings.say, cell)
            if node_type.words:
                context.words = {name.strip("%"): inputs[name] for name in node_type.words}
            inputs[node_type.context_parameter] = context
            arrival.artifacts = context.artifacts
            if cell.frame is not crew.top:
                arrival.acts = context.deferred_effects = []
        for name in node_type.words:
            del inputs[name]
        function = node_type.function
        if crew.memory.shadow:
            function = shadow.watched(function, node_type, crew.fingerprint_of)
        if not node_type.is_async:
            self._take(cell, lambda: function(**inputs), arrival)
            return

        def returned(task: asyncio.Task[Any]) -> None:
            if not crew.token.cancelled:
                cell.more().returned = task.result
                crew.schedule.again(cell)
            elif crew.schedule.take_back(cell):
                crew.report(cell, CancelledError())
                crew.stop(cell, cell.id)

        cell.more().arrival = arrival
        crew.schedule.start_async(cell, function(**inputs), returned)

    def _reporter(self, cell: CallTask) -> Callable[[float, float, bytes | None], None]:
        account = self.crew.account

        def report(value: float, maximum: float, preview: bytes | None) -> None:
            account.progressed(cell, *report_checks.check_progress(value, maximum, preview))

        return report

    def _take(self, cell: CallTask, get: Callable[[], Any], arrival: CallInputs) -> None:
        """Take what the node gives."""
        node_type = cell.call.type
        makes_item = cell.extra is not None and cell.extra.make is not None
        try:
            returned = get()
        except NeedsInputs as needs:
            keys = self.identity.keys_of(cell, arrival)
            self.crew.cache.keep_requested(keys, RequestedInputs(needs.names))
            self._ask(cell, needs.names)
            return
        except asyncio.CancelledError as error:
            raise CancelledError if self.crew.token.cancelled else RuntimeError("the node cancelled itself") from error
        if (node_type.streams and not makes_item) or isinstance(returned, Expand):
            for act in arrival.acts:
                act()  # there is more to come of this call, so its turn is no end
        if node_type.streams and not makes_item:
            cell.values = (returned,)
            self.crew.done(cell)
        elif isinstance(returned, Expand):
            self.inside.go_in(cell, returned, arrival)
        else:
            values = call_checks.outputs(node_type, returned)
            seconds = time.perf_counter() - arrival.began
            if arrival.acts:
                self.turns.come_up(cell, values, arrival, seconds)
            else:
                self.finish(cell, values, arrival, seconds)

    def finish(
        self, cell: CallTask, values: tuple[Any, ...], arrival: CallInputs, seconds: float,
        fingerprints: tuple[Fingerprint | None, ...] | None = None, *, keep: bool = True,
    ) -> None:  # fmt: skip
        """A call has its outputs: they are remembered, and whoever waits for them goes on."""
        crew, call = self.crew, cell.call
        if fingerprints is None:
            fingerprints = tuple(
                [self.identity.fingerprint_of_output(cell, arrival, value, index) for index, value in enumerate(values)]
            )
        result = Result(
            values,
            fingerprints,
            tuple([checked(each) for each in arrival.artifacts or ()]),
            seconds,
            warned=cell.warned,
        )
        expected = cell.extra.expected if cell.extra is not None else None
        if expected is not None:
            shadow.compare(call.type, expected, result)
        dependencies = call.type.dependencies
        if dependencies is not None and seconds >= SECONDS_OF_RECORDS:  # what may outlive this process, and its doubts
            dependencies.check()
            keep = keep and not dependencies.unknown_because
        keys = self.identity.keys_of(cell, arrival) if keep else []
        if keys:
            crew.cache.keep(keys, result, node_type=call.type.id, stream_item=bool(cell.frame.path))
        cell.result = result
        cell.values = values
        crew.account.finished(cell, seconds, result.artifacts, keys)
        crew.done(cell)

    def _block(self, cell: CallTask, because: str) -> None:
        """A branch is stopped quietly."""
        count = len(cell.call.type.outputs)
        cell.values = (BLOCK,) * count
        cell.result = Result(cell.values, (self._blocked,) * count)
        cell.more().blocked = True
        self.crew.account.skipped(cell, because)
        self.crew.done(cell)
