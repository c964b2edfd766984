"""`worker`: run workflows for the server, which starts it and talks to it in frames over standard input and output.

The catalogue of nodes is told at once; torch and the model code are loaded after that, so that the first run need
not wait for them. The end of standard input means that the server is gone: the worker goes, too.
"""

from __future__ import annotations

import argparse
import ctypes
import gc
import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, BinaryIO

from commands.black_box import BlackBox
from commands.folders import find_files, find_versions
from commands.outbox import Outbox
from graph.cache import Result
from graph.catalogue import socket_descriptions
from graph.context import Artifact, CancelToken
from graph.engine import Engine
from graph.errors import Problem, WorkflowError
from graph.events import Event
from graph.execution import Listener
from graph.keys import FreshKey, cache_keys
from graph.packs import PackReport
from graph.registry import Registry
from graph.workflow import Workflow
from graph.workflow_reader import from_json
from server import frames

_MODEL_CODE = {
    "diffusion": ("loading", "text_encoding", "sample", "vae", "pixels"),
    "diffusers": ("UNet2DConditionModel", "AutoencoderKL"),
    "transformers": ("CLIPTextModel", "CLIPTokenizer"),
}
"""What the first run would otherwise wait for: these packages load their parts when they are asked for them."""
_PR_SET_PDEATHSIG = 1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("--nodes-module", action="append", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--black-box", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--bare", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Work until the server is gone."""
    heard, said = _take_pipes()
    _die_with_the_server()
    outbox = Outbox(said)
    desk = _Desk(outbox, BlackBox(arguments.black_box) if arguments.black_box else None)
    threading.Thread(target=desk.listen, args=(heard,), name="jacquard-inbox", daemon=True).start()
    outbox.say(type="status", message="Loading the nodes.")
    registry, packs = _load_nodes(arguments)
    reports = [{"name": pack.name, "node_ids": list(pack.node_ids), "error": pack.error} for pack in packs]
    outbox.say(
        type="catalogue", nodes=registry.catalogue(), packs=reports, sockets=socket_descriptions(registry)
    )  # fmt: skip
    device = "" if arguments.bare else _load_model_code(outbox)
    files = find_files(arguments.data_dir, arguments.models_dir)
    with Engine(registry, files, versions=find_versions()) as engine:
        outbox.say(type="ready", device=device)
        gc.freeze()  # what was loaded stays: no collection needs to look at a million objects of libraries again
        desk.work(engine)
    return 0


class _Desk:
    """Jobs in, one at a time; a cancel reaches the job that it is for, also before it has begun."""

    def __init__(self, outbox: Outbox, black_box: BlackBox | None) -> None:
        self._outbox = outbox
        self._black_box = black_box
        self._jobs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._tokens: dict[str, CancelToken] = {}

    def listen(self, heard: BinaryIO) -> None:
        """Take what the server says, until it says nothing more."""
        while (message := frames.read_blocking(heard)) is not None:
            if message.type == "run":
                self._tokens[message.data["run"]] = CancelToken()
                self._jobs.put(message.data)
            elif message.type == "cancel" and (token := self._tokens.get(message.data["run"])):
                token.cancel()
        os._exit(0)

    def work(self, engine: Engine) -> None:
        """Do job after job; never returns."""
        while True:
            job = self._jobs.get()
            token = self._tokens[job["run"]]
            try:
                status, problems = _do(job, engine, self._listen_to_run, token)
            except WorkflowError as error:
                status, problems = "refused", [problem.as_json() for problem in error.problems]
            except Exception as error:  # noqa: BLE001 - a fault of ours ends the run, not the worker
                traceback.print_exc()
                problem = Problem("internal", f"{type(error).__name__}: {error}", remedy="look at the server's log")
                status, problems = "failed", [problem.as_json()]
            self._outbox.say(type="done", run=job["run"], status=status, problems=problems)
            del self._tokens[job["run"]]

    def _listen_to_run(self, event: Event) -> None:
        if self._black_box is not None:
            self._black_box.listen(event)
        self._outbox.listen(event)


def _do(
    job: dict[str, Any], engine: Engine, listener: Listener, token: CancelToken
) -> tuple[str, list[dict[str, Any]]]:
    workflow = from_json(job["workflow"])
    if job["done"]:
        _remember_what_was_done(job, workflow, engine)
    outcome = engine.run(
        workflow, job["targets"], listener=listener, token=token, previews=True, run_id=job["run"]
    )  # fmt: skip
    return outcome.status, [problem.as_json() for problem in outcome.problems]


def _remember_what_was_done(job: dict[str, Any], workflow: Workflow, engine: Engine) -> None:
    """Side effects of an earlier attempt are not done again: their artifacts are put where the engine looks first."""
    graph = engine.check(workflow, job["targets"])
    keys = cache_keys(graph, engine.files)
    for node, made in job["done"].items():
        call = graph.calls.get(node)
        if call is not None and not isinstance(keys[node], FreshKey) and not call.type.outputs:
            artifacts = tuple(Artifact(item["folder"], item["name"], item["media"]) for item in made)
            engine.cache.put(keys[node], Result((), artifacts))


def _load_nodes(arguments: argparse.Namespace) -> tuple[Registry, list[PackReport]]:
    packs: list[PackReport] = []
    if arguments.bare:
        registry = Registry()
    else:
        from commands.installation import find_installation

        installation = find_installation(arguments.data_dir, arguments.models_dir)
        registry, packs = installation.registry, list(installation.packs)
    for name in arguments.nodes_module:
        registry.add_module(importlib.import_module(name))
    return registry, packs


def _load_model_code(outbox: Outbox) -> str:
    outbox.say(type="status", message="Loading torch and the model code.")
    try:
        import torch

        for package, parts in _MODEL_CODE.items():
            for part in parts:
                getattr(importlib.import_module(package), part)
    except Exception:  # noqa: BLE001 - nodes without a model run all the same; the others will say what is missing
        traceback.print_exc()
        return ""
    if torch.cuda.is_available():
        return f"cuda ({torch.cuda.get_device_name()})"
    return "mps" if torch.backends.mps.is_available() else f"cpu ({torch.get_num_threads()} threads)"


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Our ends of the pipes, kept away from nodes: what they print goes to standard error, what they read is empty."""
    heard = os.fdopen(os.dup(0), "rb")
    said = os.fdopen(os.dup(1), "wb", buffering=2**16)
    with Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return heard, said


def _die_with_the_server() -> None:
    """Ctrl+C reaches the whole terminal, but the server decides. A server that is killed takes its worker along."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
