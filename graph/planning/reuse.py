"""Whether a call has to run at all: a chain of look-ups, the same for a run and for a dry run.

Each link answers "reuse this result", "wait first", or nothing, and then the next one is asked:

1. by recipe: the deep key. A planner asks this link before anything is there (`Memory.recall`).
2. by an equal call: one with the same deep key is at work already, in this run or another, and is waited for.
3. by recipe again, where 2 may have changed the answer.
4. by values: the shallow key, over what really arrived. A call that got equal values before gives its result; a call
   with lazy inputs learns which of them are needed; an equal call at work is waited for here as well.

A dry run has no calls at work, so that nothing is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from graph.caching.keys import FreshKey
from graph.planning.call_keys import CallKeys
from graph.planning.call_stages import CallInputs
from graph.planning.lookup import Memory
from graph.planning.tasks import CallTask
from graph.results.result import Key, Result

Lead = Callable[[CallTask, Key], bool]
"""Whether a call is the one that does the work of a key; if not, an equal one is at it."""


class Reuse(NamedTuple):
    """This result answers for the call."""

    result: Result
    how: str


class WaitForEqual(NamedTuple):
    """A call with this key is at work."""

    key: Key


class WaitForInputs(NamedTuple):
    """Lazy inputs that the call is known to request, before the chain can go on."""

    names: tuple[str, ...]


Answer = Reuse | WaitForEqual | WaitForInputs | None
"""None: go on to the next link, and at the end of the chain to the call."""


class ReuseChain:
    """Asks link after link for a call whose inputs have arrived."""

    def __init__(self, memory: Memory, keys: CallKeys, lead: Lead) -> None:
        self.memory = memory
        self._keys = keys
        self._lead = lead

    def look_up(self, task: CallTask, inputs: CallInputs) -> Answer:
        """The first answer of the chain."""
        answer: Answer = None
        if not task.unkeyed:
            answer = self._by_equal_call(task) or self._by_recipe(task)
        return answer or self._by_values(task, inputs)

    def usable(self, task: CallTask, found: object, how: str) -> Answer:
        """A cached result as an answer, if it can be used."""
        return Reuse(found, how) if isinstance(found, Result) and self.memory.is_usable(found, task) else None

    def _by_equal_call(self, task: CallTask) -> Answer:
        if type(task.key) is FreshKey or self._lead(task, task.key):
            return None
        return WaitForEqual(task.key)

    def _by_recipe(self, task: CallTask) -> Answer:
        if task.frame.is_top and task.call.edges:
            return None  # it is found by what arrived, if an equal call has ended since the run was planned
        if not self.memory.recall(task):
            return None
        found = task.result
        task.let_go()
        return self.usable(task, found, "equal node")

    def _by_values(self, task: CallTask, inputs: CallInputs) -> Answer:
        if not task.call.edges or task.make is not None:
            return None
        shallow = inputs.shallow = self._keys.shallow_key_of(task, inputs)
        if shallow is None or task.lost or task.expected is not None:
            return None
        if task.call.type.lazies:
            found, _, needs = self.memory.follow(shallow, inputs.fingerprints.get, task.asked)
            return WaitForInputs(needs) if needs else self.usable(task, found, "same inputs")
        if not self._lead(task, shallow):
            return WaitForEqual(shallow)
        answer = self.memory.cache.find(shallow)
        return None if answer is None else self.usable(task, answer, "same inputs")
