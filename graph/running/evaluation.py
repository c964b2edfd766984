"""One call, from ready to done. Each step returns the stage that comes next; `graph.running.driver` enters it.

    Ready ──── look_up: the reuse chain answers
      │          "reuse" ────────────> Done
      │          "wait" ─────────────> WaitsForEqual ── adopt ───> Done, or Ready's step again
      │                  └───────────> WaitsForInputs ───────────> Ready's step again
      │        an input is BLOCK ────> Blocked
    NotCached  read: the inputs, checked
      │        values were lost ─────> WaitsForValues ───────────> Ready's step again
    Calls ──── call: the node's function
      │        it is async ──────────> BodyRuns ── body_ended ──┐
      │  <──────────────────────────────────────────────────────┘
      │        it requests inputs ───> WaitsForInputs
      │        it returned a graph ──> GraphRuns ── graph_ended ─> HasOutputs
      │        it opened a stream ───> Done
    EffectsDue (if it has any)
      │        not its turn ─────────> WaitsForTurn ─────────────> EffectsDue
      │        have_effects
    HasOutputs finish: they are cached, and held for their readers
      │
    Done

What a node raises comes out of its step: from every stage the driver can go to Stopped.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from graph.caching.keys import FreshKey
from graph.node_types import report_checks
from graph.node_types.context import CancelledError, CancelToken, NodeContext, RunRecord, checked
from graph.node_types.expansion import Expand
from graph.node_types.flow import BLOCK, NeedsInputs
from graph.planning import call_stages as stages
from graph.planning import run_reasons
from graph.planning.call_keys import CallKeys
from graph.planning.lookup import Memory
from graph.planning.plan import Planner
from graph.planning.reuse import Answer, Reuse, ReuseChain, WaitForEqual
from graph.planning.tasks import CallTask, Stream
from graph.results.result import RequestedInputs, Result
from graph.results.storage_policy import SECONDS_OF_RECORDS
from graph.running import call_checks, shadow
from graph.running.expansion_run import Expansions, Lost, Outputs
from graph.running.run_log import RunLog
from graph.running.single_flight import Leads
from graph.running.unfinished import KIND, Unfinished


class CallSteps:
    """The steps of the calls of one run. They change nothing but the call itself, and need no lock."""

    def __init__(
        self, record: RunRecord, token: CancelToken, memory: Memory, planner: Planner, leads: Leads,
        expansions: Expansions, log: RunLog, *, previews: bool,
    ) -> None:  # fmt: skip
        self._record = record
        self._token = token
        self._previews = previews
        self._memory = memory
        self._cache = memory.cache
        self._files = memory.files
        self._planner = planner
        self._leads = leads
        self._expansions = expansions
        self._log = log
        self._keys = CallKeys(planner, memory)
        self._reuse = ReuseChain(memory, self._keys, leads.lead)
        roots = self._files.roots.get(KIND)
        self._unfinished = Unfinished(roots[0] if roots else None)
        self.blocked = memory.fingerprint_of(BLOCK)

    # Before the call

    def look_up(self, task: CallTask, _: stages.Stage) -> stages.Stage:
        """Ask the reuse chain."""
        sources = self._keys.sources_of(task)
        inputs = stages.CallInputs(self._keys.fingerprints_of(task, sources))
        if task.unkeyed:
            self._leads.publish(task, None)  # what it is going to give is for this run only
        if self.blocked in inputs.fingerprints.values():
            name = next(name for name, fingerprint in inputs.fingerprints.items() if fingerprint == self.blocked)
            edge = task.call.edges.get(name)
            return stages.Blocked(edge.node if edge else task.id)
        answer = self._reuse.look_up(task, inputs)
        return stages.NotCached(inputs, sources) if answer is None else self._answered(task, answer)

    def adopt(self, task: CallTask, stage: stages.WaitsForEqual) -> stages.Stage:
        """The equal call has ended: take its result, or go on without."""
        result, task.news = task.news, None
        answer = self._reuse.usable(task, result, "equal node")
        return self._answered(task, answer) if answer is not None else STEPS[type(stage.then)](self, task, stage.then)

    def values_returned(self, task: CallTask, stage: stages.WaitsForValues) -> stages.Stage:
        """The lost values are there again."""
        return STEPS[type(stage.then)](self, task, stage.then)

    def _answered(self, task: CallTask, answer: Answer) -> stages.Stage:
        if isinstance(answer, Reuse):
            result = task.result = answer.result
            task.values = result.values  # before it is kept once more, for which there may be no room
            # What a lazy call would have requested is only known of one that was looked up by the values that arrived.
            keys = self._keys.deep_keys_of(task) if answer.how == "same inputs" or not task.call.type.lazies else ()
            if keys:
                self._cache.keep(keys, result, node_type=task.call.type.id)
            self._log.reused_instead(task, result.artifacts, answer.how)
            return stages.DONE
        if isinstance(answer, WaitForEqual):
            return stages.WaitsForEqual(answer.key, stages.READY)
        return stages.WaitsForInputs(answer.names) if answer is not None else stages.READY

    def read(self, task: CallTask, stage: stages.NotCached) -> stages.Stage:
        """Read what the node is called with."""
        inputs, sources = stage
        if task.make is not None:
            return stages.Calls(inputs, {})
        call, memory = task.call, self._memory
        brought: dict[str, Any] = {}
        lost: list[CallTask] = []
        for name, source in sources.items():
            edge = call.edges[name]
            if isinstance(source, Stream):
                value: Any = [item for _, item, _ in source.collected[edge.node, edge.output]]
            elif (values := memory.values_of(source)) is None:
                lost.append(source)
                continue
            else:
                value = [values[edge.output]] if edge.as_one else values[edge.output]
            brought[name] = value
        if lost:
            return stages.WaitsForValues(lost, stages.READY)
        for name, value in brought.items():
            brought[name] = call_checks.admitted(call, name, value, call.edges[name].convert, self._files)
        return stages.Calls(inputs, call_checks.arguments(call, brought))

    # The call

    def call(self, task: CallTask, stage: stages.Calls) -> stages.Stage:
        """Call the node's function, or what makes an item of a stream."""
        inputs, arguments = stage
        log, node_type = self._log, task.call.type
        inputs.began = time.perf_counter()
        if not task.called:
            task.called = True
            self._report_start(task, inputs)
        if task.make is not None:
            with log.warnings.while_making(task):
                return self._take(task, task.make, inputs)
        if node_type.context_parameter is not None:
            arguments[node_type.context_parameter] = self._context_of(task, stage)
        for name in node_type.words:
            del arguments[name]
        function = node_type.function
        if self._memory.shadow:
            function = shadow.watched(function, node_type, self._memory.fingerprint_of)
        if node_type.is_async:
            return stages.BodyRuns(inputs, function(**arguments))
        return self._take(task, partial(function, **arguments), inputs)

    def body_ended(self, task: CallTask, stage: stages.BodyRuns) -> stages.Stage:
        """The async function has ended: `news` gives what it returned, or raises what it raised."""
        get, task.news = task.news, None
        return self._take(task, get, stage.inputs)

    def _report_start(self, task: CallTask, inputs: stages.CallInputs) -> None:
        log, reason = self._log, None
        if not task.frame.path or not log.was_called(task.id):  # of a stream, only the first item has a reason
            reason = run_reasons.why(task, inputs.fingerprints, inputs.shallow, self._cache.history, self._files)
        log.started(task, reason)
        if type(task.key) is FreshKey and task.key.why:
            log.warnings.warn(task, f"its result is not reused: {task.key.why}")

    def _context_of(self, task: CallTask, stage: stages.Calls) -> NodeContext:
        log, words = self._log, task.call.type.words

        def report(value: float, maximum: float, preview: bytes | None) -> None:
            log.progressed(task, *report_checks.check_progress(value, maximum, preview))

        context = NodeContext(self._files, self._record, self._token, self._previews, report)
        context.report_warning = partial(log.warnings.warn, task)
        context.unfinished = partial(self._unfinished_of, task, stage.inputs)
        if words:
            context.words = {name.strip("%"): stage.arguments[name] for name in words}
        stage.inputs.artifacts = context.artifacts
        if not task.frame.is_top:
            stage.inputs.deferred_effects = context.deferred_effects = []
        return context

    def _unfinished_of(self, task: CallTask, inputs: stages.CallInputs) -> Path | None:
        keys = self._keys.keys_of(task, inputs)
        if keys:
            inputs.unfinished = keys[0]
        return self._unfinished.folder(keys[0]) if keys else None

    def _take(self, task: CallTask, get: Callable[[], Any], inputs: stages.CallInputs) -> stages.Stage:
        """Take what the function gives."""
        node_type = task.call.type
        try:
            returned = get()
        except NeedsInputs as needs:
            self._cache.keep_requested(self._keys.keys_of(task, inputs), RequestedInputs(needs.names))
            return stages.WaitsForInputs(needs.names)
        except asyncio.CancelledError as error:
            raise CancelledError if self._token.cancelled else RuntimeError("the node cancelled itself") from error
        opens_stream = node_type.streams and task.make is None
        if opens_stream or isinstance(returned, Expand):
            for effect in inputs.deferred_effects:
                effect()  # there is more to come of this call, so its turn is no end
        if opens_stream:
            task.values = (returned,)
            return stages.DONE
        if isinstance(returned, Expand):
            begun = self._expansions.begin(task, returned, inputs)
            return begun if isinstance(begun, stages.GraphRuns) else self._given(task, inputs, begun, is_kept=True)
        values = call_checks.outputs(node_type, returned)
        seconds = time.perf_counter() - inputs.began
        if inputs.deferred_effects:
            return stages.EffectsDue(inputs, values, seconds, task.leads)
        return stages.HasOutputs(inputs, values, seconds)

    # After the call

    def graph_ended(self, task: CallTask, stage: stages.GraphRuns) -> stages.Stage:
        """The graph in the node's place is done: what it gave is what the node gives."""
        found = self._expansions.outputs_of(task, stage)
        if isinstance(found, Lost):
            return stages.WaitsForValues(found.tasks, stage)
        frame = self._planner.take_out(task)
        shown = self._log.hand_over(frame.region.order, frame.path)
        stage.inputs.artifacts = [*(stage.inputs.artifacts or ()), *shown]
        return self._given(task, stage.inputs, found, is_kept=not task.unkeyed)

    def _given(self, task: CallTask, inputs: stages.CallInputs, found: Outputs, *, is_kept: bool) -> stages.HasOutputs:
        """The node gives what was worked out for it elsewhere."""
        call_checks.check_outputs(task.call.type, found.values)
        seconds = time.perf_counter() - inputs.began
        return stages.HasOutputs(inputs, found.values, seconds, found.fingerprints, is_kept)

    def turn_came(self, _: CallTask, stage: stages.WaitsForTurn) -> stages.Stage:
        """The call ahead has ended; another one may be ahead still."""
        return stage.due

    def have_effects(self, task: CallTask, stage: stages.EffectsDue) -> stages.Stage:
        """It is the call's turn: have its effects, unless an equal call has had them meanwhile."""
        if stage.has_waited:
            for key in stage.keys:
                if not self._leads.lead(task, key):
                    return stages.WaitsForEqual(key, stages.WaitsForTurn(stage))
            for key in self._keys.keys_of(task, stage.inputs) if task.expected is None else ():
                answer = self._reuse.usable(task, self._cache.find(key), "equal node")
                if answer is not None:
                    return self._answered(task, answer)
        began = time.perf_counter()
        for effect in stage.inputs.deferred_effects:
            effect()
        seconds = stage.seconds + time.perf_counter() - began
        return stages.HasOutputs(stage.inputs, stage.values, seconds)

    def finish(self, task: CallTask, stage: stages.HasOutputs) -> stages.Stage:
        """Cache the outputs, and hold them for whoever reads them."""
        inputs, values, seconds, fingerprints, is_kept = stage
        node_type, of_output = task.call.type, self._keys.fingerprint_of_output
        if fingerprints is None:
            fingerprints = tuple([of_output(task, inputs, value, index) for index, value in enumerate(values)])
        artifacts = tuple(map(checked, inputs.artifacts)) if inputs.artifacts else ()
        result = Result(values, fingerprints, artifacts, seconds, warned=task.warned)
        if task.expected is not None:
            shadow.compare(node_type, task.expected, result)
        dependencies = node_type.dependencies
        if dependencies is not None and seconds >= SECONDS_OF_RECORDS:  # what may outlive this process, and its doubts
            dependencies.check()
            is_kept = is_kept and not dependencies.unknown_because
        keys = self._keys.keys_of(task, inputs) if is_kept else []
        if keys:
            self._cache.keep(keys, result, node_type=node_type.id, stream_item=bool(task.frame.path))
        if inputs.unfinished is not None:
            self._cache.flush()
            if result.on_disk:
                self._unfinished.remove(inputs.unfinished)
        task.result, task.values = result, values
        self._log.finished(task, seconds, artifacts, keys)
        return stages.DONE


STEPS: dict[type, Callable[[CallSteps, CallTask, Any], stages.Stage]] = {
    stages.Ready: CallSteps.look_up,
    stages.WaitsForEqual: CallSteps.adopt,
    stages.WaitsForInputs: CallSteps.look_up,
    stages.WaitsForValues: CallSteps.values_returned,
    stages.NotCached: CallSteps.read,
    stages.Calls: CallSteps.call,
    stages.BodyRuns: CallSteps.body_ended,
    stages.GraphRuns: CallSteps.graph_ended,
    stages.EffectsDue: CallSteps.have_effects,
    stages.WaitsForTurn: CallSteps.turn_came,
    stages.HasOutputs: CallSteps.finish,
}
"""How a call leads on from each stage. The others are the end of it."""
