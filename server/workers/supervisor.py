"""Keeps one worker alive: starts it, replaces it when it dies, and reports why it died.

A worker that was ready is replaced at once, and so is one that died while it imported a pack: the next one leaves that
pack out. A worker that dies before it is ready is started again after 1, 2, 4 ... at most 30 seconds, as long as the
server runs; meanwhile the state is `stopped`. Cancelling is cooperative; a worker that has not stopped a run after the
grace period is killed and replaced, with all its runs. So is one that sends an invalid message (`message_checks`), or
a message whose handling raises an error.

An error of the supervisor itself is logged and reported in the state, and a new worker is started.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import msgspec

from server.shapes.system import Failure, WorkerInfo
from server.shapes.worker_messages import Done, FromWorker, Ready, Status, Worn
from server.signals import Signal
from server.workers import message_checks
from server.workers.failures import explain, memory_kills
from server.workers.frames import Frame, FrameError
from server.workers.message_checks import Received
from server.workers.suspects import ActiveCall, find_suspects
from server.workers.worker import Job, Worker

_LONGEST_PAUSE, _LONGEST_STATUS = 30.0, 500
_DEATHS_OF_A_PACK = 4
"""How many deaths in a row may be needed to find the pack that causes them (see `graph.packs.quarantine`)."""
IMPORT_GRACE = 10.0
_LOG = logging.getLogger("jacquard.server")


class Supervisor:
    """Keeps one worker alive from `run` to `stop`.

    `active_calls` says which nodes the worker was calling, given what it noted itself. Receivers of the signals must be
    quick: they hold up the messages of the worker.
    """

    def __init__(
        self,
        make_worker: Callable[[], Worker],
        active_calls: Callable[[Mapping[str, str]], Sequence[ActiveCall]],
        *,
        cancel_grace: float = 10.0,
        first_pause: float = 1.0,
    ) -> None:
        self.state = WorkerInfo(since=time.time())
        self.state_changed: Signal[[WorkerInfo]] = Signal()
        self.message_received: Signal[[Received]] = Signal()
        """Messages about runs and node types; those about the worker itself change the state."""
        self.worker_died: Signal[[Failure, Sequence[ActiveCall]]] = Signal()
        """The worker and all its runs have ended; with the runs that may have caused it."""
        self.worker: Worker | None = None
        self._make_worker = make_worker
        self.active_calls = active_calls
        self._cancel_grace = cancel_grace
        self.first_pause = first_pause
        self._ready = False
        self._restarting = False
        self._restart_reason = ""
        self._importing = ""
        self._import_timer: asyncio.TimerHandle | None = None
        self._deaths_of_pack: dict[str, int] = {}
        self._stopping = asyncio.Event()
        self._jobs: set[str] = set()
        self._killed_for_run = ""
        self._protocol_error = ""
        self._cancel_timers: dict[str, asyncio.Task[None]] = {}

    @property
    def ready(self) -> bool:
        """Whether the worker accepts a job now."""
        return self._ready and not self._restarting and not self._stopping.is_set()

    async def run(self) -> None:
        """Start workers, one after the other, until stopped. An error in here restarts it: no run works without."""
        while not self._stopping.is_set():
            try:
                await self._run_workers()
            except Exception as error:  # noqa: BLE001 - see the docstring
                _LOG.critical("the supervisor of the worker failed, and is restarted", exc_info=error)
                await asyncio.sleep(1)

    async def _run_workers(self) -> None:
        pause = self.first_pause
        while not self._stopping.is_set():
            was_ready = await self._supervise_once()
            if self._stopping.is_set():
                return
            if was_ready or self._continues_without_pack():
                pause = self.first_pause
                continue
            seconds = f"{pause:.0f} second{'' if pause == 1 else 's'}"
            cause = self.state.last_failure.message if self.state.last_failure else ""
            self._set_state(
                state="stopped", message=f"The worker does not start; the next try is in {seconds}. {cause}"
            )
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)

    def _continues_without_pack(self) -> bool:
        pack = self._importing
        self._deaths_of_pack[pack] = self._deaths_of_pack.get(pack, 0) + 1
        return pack != "" and self._deaths_of_pack[pack] < _DEATHS_OF_A_PACK

    def restart_when_idle(self, why: str = "to load the packs again") -> None:
        """Replaces the worker as soon as it has no job, so that the packs are imported again."""
        self._restarting, self._restart_reason = True, why
        self._deaths_of_pack.clear()
        self._replace_if_idle()

    async def submit(self, job: Job) -> None:
        """Sends a job to the worker."""
        if self.worker is not None:
            self._jobs.add(job.run)
            self._set_state(state="running", message="Working.")
            await self.worker.submit(job)

    async def expect(self, jobs: Sequence[Job]) -> None:
        """Sends the next jobs to the worker."""
        if self.worker is not None and self.ready:
            await self.worker.expect(jobs)

    async def cancel(self, run: str) -> None:
        """Cancels a run; after the grace period the worker is killed."""
        if self.worker is None or run in self._cancel_timers:
            return
        self._cancel_timers[run] = asyncio.create_task(self._kill_after_grace(self.worker, run))
        await self.worker.cancel(run)

    async def stop(self, grace: float = 3.0) -> None:
        """Stops the worker and starts no other."""
        self._stopping.set()
        self._stop_timers()
        if self.worker is not None:
            await self.worker.stop(grace)

    async def _supervise_once(self) -> bool:
        """Runs one worker; returns whether it was ready. Handles errors of the supervisor."""
        try:
            return await self._run_worker()
        except Exception as error:  # noqa: BLE001 - without a supervisor no run works
            _LOG.critical("the supervisor of the worker failed, and starts a new one", exc_info=error)
            self._ready = False
            self._stop_timers()
            if self.worker is not None:
                self.worker.kill()
            what = f"The supervisor of the worker failed ({type(error).__name__}: {error})."[:500]
            try:
                self._report_death(Failure("watch", what), ())
            except Exception:  # noqa: BLE001 - see above
                _LOG.critical("the end of the worker could not be reported", exc_info=True)
            return False

    async def _run_worker(self) -> bool:
        """Starts one worker and handles its messages until it ends; returns whether it was ready."""
        self._ready, self._killed_for_run, self._protocol_error, self._importing = False, "", "", ""
        self._jobs.clear()
        worker = self.worker = self._make_worker()
        kills = memory_kills()
        self._set_state(state="starting", message="Starting the worker.", device="")
        try:
            await worker.start()
        except OSError as error:
            self._report_death(Failure("start", f"The worker could not be started: {error}"), ())
            return False
        async with contextlib.aclosing(worker.messages()) as messages:
            async for frame in messages:
                if not self._protocol_error:
                    self._handle(worker, frame)
        ending = await worker.ending()
        if self._protocol_error:
            ending = replace(ending, broken_frame=self._protocol_error)
        was_ready, self._ready = self._ready, False
        self._stop_timers()
        restarted, self._restarting = self._restarting and was_ready and not self._jobs, False
        if not self._stopping.is_set() and not restarted:
            suspects = find_suspects(self.active_calls(ending.calling), self._killed_for_run)
            self._report_death(
                explain(ending, self._kill_reason(), memory_kills() - kills, suspects, self._importing), suspects
            )
        return was_ready

    def _handle(self, worker: Worker, frame: Frame) -> None:
        """Handles a message if it is valid. Otherwise the worker is killed, and the run of the message is the
        suspect."""
        run = ""
        try:
            received = message_checks.read(frame)
            if received is not None:
                run = getattr(received.message, "run", "")
                self._receive(received)
            return
        except FrameError as error:
            kind, run = message_checks.glimpse(frame)
            if kind == "catalogue":  # the catalogue of an earlier worker is there, and the worker can run jobs
                _LOG.error("the worker's list of node types cannot be read: %s", error)
                return
            self._protocol_error = str(error)
        except Exception as error:  # noqa: BLE001 - untrusted code sent it: the run ends, the server does not
            _LOG.critical("a message of the worker could not be handled", exc_info=error)
            self._protocol_error = f"{type(error).__name__}: {error}"
        self._killed_for_run = run if run in self._jobs else ""
        worker.kill()

    def _receive(self, received: Received) -> None:
        message = received.message
        self._watch_import(message)
        match message:
            case Status():
                self._set_state(message=message.message[:_LONGEST_STATUS])
            case Ready():
                self._ready = True
                self._set_state(state="ready", message="Ready.", device=message.device[:_LONGEST_STATUS])
                self.message_received.emit(received)
                self._replace_if_idle()
            case Worn():
                why = message.message[:_LONGEST_STATUS]
                _LOG.warning("another worker is started after this run: %s", why)
                self.restart_when_idle(f"for {why}")
            case Done():
                self._stop_timers(message.run)
                self._jobs.discard(message.run)
                if not self._jobs:
                    self._set_state(state="ready", message="Ready.")
                self.message_received.emit(received)
                self._replace_if_idle()
            case _:
                self.message_received.emit(received)

    def _watch_import(self, message: FromWorker) -> None:
        """The worker itself limits the time of an import; one that fails to do so is killed."""
        if self._import_timer is not None:
            self._import_timer.cancel()
            self._import_timer = None
        self._importing = message.pack[:_LONGEST_STATUS] if isinstance(message, Status) else ""
        if isinstance(message, Status) and message.pack and message.seconds > 0 and self.worker is not None:
            seconds = 2 * message.seconds + IMPORT_GRACE
            self._import_timer = asyncio.get_running_loop().call_later(seconds, self.worker.kill)

    def _replace_if_idle(self) -> None:
        if self._restarting and self._ready and not self._jobs and self.worker is not None:
            self._set_state(state="starting", message=f"Starting another worker, {self._restart_reason}.")
            self.worker.kill()  # its cache was written after its last run

    def _report_death(self, failure: Failure, suspects: Sequence[ActiveCall]) -> None:
        self._set_state(
            state="starting", message=f"{failure.message} A new one is being started.", last_failure=failure
        )
        self.worker_died.emit(failure, suspects)

    async def _kill_after_grace(self, worker: Worker, run: str) -> None:
        await asyncio.sleep(self._cancel_grace)
        if worker is self.worker and run in self._jobs:
            self._killed_for_run = run
            worker.kill()

    def _kill_reason(self) -> str:
        if not self._killed_for_run or self._protocol_error:
            return ""
        return f"was ended because it had not stopped {self._cancel_grace:g} s after a cancel"

    def _stop_timers(self, *runs: str) -> None:
        if not runs and self._import_timer is not None:
            self._import_timer.cancel()
        for run in runs or tuple(self._cancel_timers):
            if (task := self._cancel_timers.pop(run, None)) is not None:
                task.cancel()

    def _set_state(self, **facts: Any) -> None:
        changed = msgspec.structs.replace(self.state, **facts)
        if changed != self.state:
            self.state = msgspec.structs.replace(changed, since=time.time())
            self.state_changed.emit(self.state)
