"""`serve`: the editor and the API, on this machine. This is what happens without a command."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
import webbrowser
from dataclasses import replace
from pathlib import Path

from aiohttp import web

from commands.folders import MODEL_KINDS, ROOT, find_files, find_versions
from graph import __version__
from server.application import make_application
from server.connections import Reception
from server.data_folder import FolderInUseError, open_data_folder, read_token
from server.database import DatabaseUnusableError
from server.descriptors import most_connections, raise_limit
from server.limits import Limits
from server.listening import CannotListenError, allowed_hosts, is_loopback, open_sockets
from server.settings import DEFAULT_PORT, Settings

EXIT_CANNOT = 2
_SHORTEST_TOKEN = 16
_SHOWN = {"localhost": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - how one gets there from here


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add(
        "--listen",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="where to listen (default: 127.0.0.1, this machine only)",
    )
    add("--port", type=int, default=DEFAULT_PORT, help=f"the port (default: {DEFAULT_PORT}; 0 takes a free one)")
    add("--token", help="the token to ask for; needed to listen elsewhere than on this machine (or JACQUARD_TOKEN)")
    add("--allow-host", action="append", default=[], metavar="NAME", help="answer to this host name, too")
    add("--cache-memory", type=float, metavar="GB", help="how much memory remembered results may take")
    add("--no-browser", action="store_true", help="do not open the page in a browser")
    add("--cancel-grace", type=float, default=10.0, metavar="SECONDS", help=argparse.SUPPRESS)
    add("--patience", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    add("--nodes-module", action="append", default=[], help=argparse.SUPPRESS)
    add("--bare", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Serve until asked to stop; returns the exit code."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it names cookies and headers; `server` says what matters
    try:
        return _serve(arguments)
    except (CannotListenError, FolderInUseError, DatabaseUnusableError, OSError) as error:
        print(f"Jacquard did not start. {error}", file=sys.stderr)
        return EXIT_CANNOT


def _serve(arguments: argparse.Namespace) -> int:
    private = is_loopback(arguments.listen)
    token = arguments.token or os.environ.get("JACQUARD_TOKEN", "")
    if not private and len(token) < _SHORTEST_TOKEN:
        raise CannotListenError(
            f"Other machines could reach {arguments.listen}: choose a token of at least {_SHORTEST_TOKEN} characters "
            "with --token or JACQUARD_TOKEN."
        )
    data = arguments.data_dir.resolve() if arguments.data_dir else ROOT
    models = arguments.models_dir.resolve() if arguments.models_dir else None
    folder = data / "data"
    with open_data_folder(folder):
        sockets = open_sockets(arguments.listen, arguments.port)
        port = sockets[0].getsockname()[1]
        settings = Settings(
            data=folder,
            files=find_files(data, models),
            worker_command=_worker_command(arguments),
            token=token or read_token(folder),
            model_kinds=MODEL_KINDS,
            templates=ROOT / "workflows",
            page=ROOT / "web" / "dist",
            versions=find_versions(),
            allowed_hosts=allowed_hosts(arguments.listen, port, arguments.allow_host),
            any_address=arguments.listen in ("0.0.0.0", "::"),  # noqa: S104 - asked for
            port=port,
            hand_out_token=private and not token,
            cancel_grace=arguments.cancel_grace,
            limits=_limits(arguments.patience),
        )
        shown = _SHOWN.get(arguments.listen, arguments.listen)
        address = f"http://{f'[{shown}]' if ':' in shown else shown}:{port}/"
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(settings, sockets, address, browser=not arguments.no_browser and private))
    return 0


async def _run(settings: Settings, sockets: list, address: str, *, browser: bool) -> None:  # type: ignore[type-arg]
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(name, stop.set)
    runner = web.AppRunner(make_application(settings), access_log=None, shutdown_timeout=2)
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it was set up
    reception = Reception(runner.server, settings.limits)
    for opened in sockets:
        await reception.listen(opened)
    gc.freeze()  # what was loaded stays: a collection needs to look at what requests and runs leave only
    print(f"Jacquard {__version__} is at {address}  (Ctrl+C stops it)", flush=True)
    if browser and _is_desktop():
        await asyncio.to_thread(webbrowser.open, address)
    try:
        await stop.wait()
    finally:
        reception.close()
        await runner.cleanup()


def _limits(patience: float | None) -> Limits:
    limits = Limits()
    most = most_connections(raise_limit(), limits.most)
    limits = replace(limits, most=most, strangers=min(limits.strangers, most // 2))
    if patience is None:
        return limits
    return replace(limits, head=patience, mute=patience, body=patience, unread=patience)


def _worker_command(arguments: argparse.Namespace) -> list[str]:
    command = [sys.executable, str(ROOT / "main.py"), "worker"]
    for flag, value in (("--data-dir", arguments.data_dir), ("--models-dir", arguments.models_dir)):
        command += [flag, str(Path(value).resolve())] if value else []
    if arguments.cache_memory is not None:
        command += ["--cache-memory", str(arguments.cache_memory)]
    for module in arguments.nodes_module:
        command += ["--nodes-module", module]
    return [*command, *(["--bare"] if arguments.bare else [])]


def _is_desktop() -> bool:
    """Whether someone sits in front of this machine, as far as one can tell."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("CI"):
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
