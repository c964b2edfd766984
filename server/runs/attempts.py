"""The attempts that are under way, by run: on the way to the worker, there, or while their end is being stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from server.runs import node_states
from server.runs.attempt import RunAttempt
from server.runs.run import Run
from server.workers.suspects import ActiveCall
from server.workers.worker import MOST_JOBS


class Attempts(dict[str, RunAttempt]):
    """Run id -> attempt, the first begun first."""

    def active(self) -> list[RunAttempt]:
        """Those that have not ended."""
        return [attempt for attempt in self.values() if not attempt.ending]

    def is_current(self, attempt: RunAttempt) -> bool:
        """Whether this attempt is still the one that works on its run."""
        return self.get(attempt.run.id) is attempt and not attempt.ending

    def have_room_for(self, run: Run) -> bool:
        """Whether a run may begin now: alone, or beside one that only saves. A suspect run is always alone."""
        others = [attempt.run for attempt in self.active()]
        if not others:
            return True
        return len(others) < MOST_JOBS and not run.suspect and all(o.draining and not o.suspect for o in others)

    def active_calls(self, calling: Mapping[str, str]) -> Sequence[ActiveCall]:
        """The node that the worker calls for each submitted run.

        `calling` is what the worker noted itself (run id -> node). Without it, the first node that the events say is
        running is named.
        """
        calls = []
        for attempt in [attempt for attempt in self.active() if attempt.submitted]:
            run = attempt.run
            node = calling.get(run.id, "") if calling else next(iter(node_states.running(attempt.states)), "")
            calls.append(ActiveCall(run.id, node, attempt.node_type(node) if node else "", run.draining))
        return calls
