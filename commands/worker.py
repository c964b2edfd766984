"""`worker`: runs workflows for the server, which starts it and exchanges frames over standard input and output.

The catalogue of node types is sent first; torch and the model code are loaded after it, so that the first run does not
wait for them. The worker ends when its standard input is closed, because then the server has ended.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import BinaryIO

import msgspec

from commands.caching import DEFAULT_MEMORY_BYTES, open_cache
from commands.crash_note import CrashNote
from commands.folders import find_extra_paths, find_place_names, find_versions
from commands.installation import add_packs, find_installation, find_notes
from commands.model_library.opening import open_places
from commands.outbox import Outbox
from commands.run_leftovers import RunLeftovers
from commands.streams import private, untrusted_stream
from commands.worker_jobs import Forecast, Job, do_job, forecast, look_ahead
from graph.base.gc_pacing import collector_at_rest
from graph.caching.cache import Cache
from graph.engine import Engine
from graph.node_types.catalogue import socket_descriptions
from graph.node_types.context import CancelToken
from graph.node_types.registry import Registry
from graph.packs.loading import PackReport, ProcessBrokenError
from graph.packs.quarantine import PackNotes
from graph.running.events import Event, RunDraining
from graph.running.file_hashes import FileHashes
from server.shapes.worker_messages import (
    Cancel,
    CatalogueReported,
    Draining,
    Expect,
    Ready,
    RunJob,
    Status,
    ToWorker,
    Worn,
)
from server.workers import frames
from server.workers.worker import MOST_JOBS

_MODEL_CODE = {
    "diffusion": ("loading", "text_encoding", "sample", "vae", "pixels"),
    "diffusers": ("UNet2DConditionModel", "AutoencoderKL"),
    "transformers": ("CLIPTextModel", "CLIPTokenizer"),
}
"""Modules and classes to load before the first run: these packages load their parts on demand."""
_EXIT_CANNOT_READ = 71
EXIT_BROKEN = 3
"""A pack has closed the descriptors of the worker; the next worker leaves it out."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--nodes-module", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--crash-note", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--cache-memory", type=float, default=DEFAULT_MEMORY_BYTES / 2**30, help=argparse.SUPPRESS)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Runs jobs until the server ends."""
    incoming, outgoing = _take_pipes()
    vital = incoming.fileno(), outgoing.fileno()
    _ignore_interrupts()
    extra = find_extra_paths(arguments.models_dir, arguments.extra_model_paths)
    outbox = Outbox(outgoing, find_place_names(arguments.data_dir, arguments.models_dir, extra).shorten)
    notes = find_notes(arguments.data_dir)
    loop = _JobLoop(outbox, _open_crash_note(arguments.crash_note), notes)
    threading.Thread(target=loop.listen, args=(incoming,), name="jacquard-inbox", daemon=True).start()
    outbox.send(Status(message="Loading the nodes."))
    registry, packs = _load_nodes(arguments, outbox, notes, vital)
    reports = [pack.as_json() for pack in packs]
    outbox.send(
        CatalogueReported(nodes=registry.catalogue(), packs=reports, sockets=socket_descriptions(registry))
    )  # fmt: skip
    device = "" if arguments.bare else _load_model_code(outbox)
    places = open_places(arguments.data_dir, arguments.models_dir, extra=extra)
    hashes = FileHashes(places.library)
    cache = open_cache(arguments.data_dir, memory_bytes=int(arguments.cache_memory * 2**30))
    with Engine(registry, places.files, cache=cache, versions=find_versions(), hashes=hashes) as engine:
        outbox.send(Ready(device=device))
        gc.freeze()  # collections need not examine a million objects of libraries
        loop.work(engine)
    return 0


class _JobLoop:
    """Runs jobs one at a time, each in a thread; beside a job that only saves, the next one starts.

    A job can be cancelled before it has started.
    """

    def __init__(self, outbox: Outbox, crash_note: CrashNote | None, notes: PackNotes) -> None:
        self._outbox = outbox
        self._crash_note = crash_note
        self._notes = notes
        self._jobs: queue.SimpleQueue[Job] = queue.SimpleQueue()
        self._expected: queue.SimpleQueue[Forecast] = queue.SimpleQueue()
        self._tokens: dict[str, CancelToken] = {}
        self._slots = threading.Semaphore(MOST_JOBS)
        self._cache: Cache | None = None
        self._leftovers: RunLeftovers | None = None

    def listen(self, incoming: BinaryIO) -> None:
        """Reads messages of the server until the pipe is closed; then the process ends."""
        try:
            self._listen(incoming)
        except BaseException:  # noqa: BLE001 - a worker that cannot read would never end
            traceback.print_exc()
            os._exit(_EXIT_CANNOT_READ)
        if self._cache is not None:
            self._cache.flush()  # the server waits a moment
        self._notes.withdraw()
        os._exit(0)

    def _listen(self, incoming: BinaryIO) -> None:
        while (frame := frames.read_blocking(incoming)) is not None:
            match message := msgspec.json.decode(frame.head, type=ToWorker):
                case RunJob():
                    self._tokens[message.run] = CancelToken()
                    self._jobs.put(Job(message, frame.payload))
                case Expect():
                    self._expected.put(forecast(message, frame.payload))
                case Cancel() if token := self._tokens.get(message.run):
                    token.cancel()

    def work(self, engine: Engine) -> None:
        """Runs job after job; never returns."""
        self._cache, self._leftovers = engine.cache, RunLeftovers()
        threading.Thread(target=look_ahead, args=(self._expected, engine), name="jacquard-ahead", daemon=True).start()
        while True:
            job = self._jobs.get()
            self._slots.acquire()
            next_may_begin = threading.Event()
            name = f"jacquard-run-{job.run.run[:8]}"
            threading.Thread(target=self._start_job, args=(job, engine, next_may_begin), name=name, daemon=True).start()
            next_may_begin.wait()

    def _start_job(self, job: Job, engine: Engine, next_may_begin: threading.Event) -> None:
        with collector_at_rest():  # while the document is parsed and until the end is sent
            self._run_job(job, engine, next_may_begin)
            self._outbox.flush_messages()
        engine.cache.flush()  # write now, not while the next run works

    def _run_job(self, job: Job, engine: Engine, next_may_begin: threading.Event) -> None:
        run = job.run.run
        notes = self._crash_note.notes(run) if self._crash_note is not None else nullcontext()
        with notes as note:

            def listen(event: Event) -> None:
                if note is not None:
                    note(event)
                self._outbox.listen(event)
                if isinstance(event, RunDraining):
                    self._outbox.send(Draining(run=run))
                    next_may_begin.set()

            ending = do_job(job, engine, listen, self._tokens[run])
        del self._tokens[run]
        self._slots.release()
        if self._leftovers is not None and (why := self._leftovers.clean_up()):
            self._outbox.send(Worn(message=why))  # before the end, so that no other run starts here
        self._outbox.send(ending)
        next_may_begin.set()


def _open_crash_note(path: Path | None) -> CrashNote | None:
    """Opens the crash note; a worker without it works all the same, and logs that."""
    try:
        return CrashNote(path) if path is not None else None
    except (OSError, ValueError) as error:
        print(f"It cannot be noted which node is called: {error}.", file=sys.stderr)
        return None


def _load_nodes(
    arguments: argparse.Namespace, outbox: Outbox, notes: PackNotes, vital: Sequence[int]
) -> tuple[Registry, list[PackReport]]:
    def on_import(pack: str) -> None:
        outbox.send(Status(message=f"Importing pack {pack}.", pack=pack, seconds=notes.seconds))
        outbox.flush_messages()  # it may be the last message of this process

    notes.on_trial = lambda words: outbox.send(Status(message=words))
    packs: list[PackReport] = []
    registry = Registry()
    try:
        if not arguments.bare:
            installation = find_installation(
                arguments.data_dir, packs_dir=arguments.packs_dir, notes=notes, on_import=on_import, vital=vital
            )
            registry, packs = installation.registry, list(installation.packs)
        elif arguments.packs_dir:
            packs = add_packs(registry, arguments.packs_dir, notes, on_import=on_import, vital=vital)
    except ProcessBrokenError as error:
        print(f"The worker cannot go on after {error}.", file=sys.stderr, flush=True)
        os._exit(EXIT_BROKEN)
    for name in arguments.nodes_module:
        registry.add_module(importlib.import_module(name))
    return registry, packs


def _load_model_code(outbox: Outbox) -> str:
    outbox.send(Status(message="Loading torch and the model code."))
    try:
        import torch

        for package, parts in _MODEL_CODE.items():
            for part in parts:
                getattr(importlib.import_module(package), part)
    except Exception:  # noqa: BLE001 - nodes without a model work; the others report what is missing
        traceback.print_exc()
        return ""
    if torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name()})"
    return "mps" if torch.backends.mps.is_available() else f"cpu ({torch.get_num_threads()} threads)"


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Returns the pipes and hides them from nodes: these print to standard error and read an empty standard input."""
    incoming = os.fdopen(private(0), "rb")
    outgoing = os.fdopen(private(1), "wb", buffering=2**16)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = untrusted_stream(1)
    return incoming, outgoing


def _ignore_interrupts() -> None:
    """Ignores Ctrl+C, which reaches all processes of a terminal: the server decides when the worker ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
