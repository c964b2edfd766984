"""`serve`: serves the editor and the API on this machine. The default command."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from socket import socket
from urllib.parse import urlsplit

from aiohttp import web

from commands.extra_paths import ExtraPaths, as_notice
from commands.folders import ROOT, find_extra_paths, find_place_names, find_versions
from commands.model_library.opening import open_places
from commands.server_log import configure_log
from graph import __version__
from server.access.credentials import KEYS, AccessKeys
from server.access.launch import launch_address
from server.access.local_open import ANNOUNCED, announce, announcement, is_desktop, open_in_browser, withdraw
from server.access.origins import WrongNameError, allowed_hosts, allowed_origins
from server.application import make_application
from server.http.connections import ConnectionLimiter
from server.http.descriptors import most_connections, raise_limit
from server.http.listening import (
    CannotListenError,
    answers_any_address,
    is_loopback,
    open_sockets,
    reachable,
    read_addresses,
    read_port,
)
from server.limits import Limits
from server.settings import DEFAULT_PORT, Settings
from server.storage.data_folder import SHORTEST_TOKEN, DataFolder, FolderInUseError, is_long_enough, read_token
from server.storage.database_file import DatabaseUnusableError
from server.storage.private_folders import close_folders, write_no_core

EXIT_CANNOT = 2
_HERE = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add(
        "--listen",
        action="append",
        metavar="ADDRESS",
        help=f"where to listen (default: {_HERE}, this machine only); several with commas between them",
    )
    add("--port", default=str(DEFAULT_PORT), help=f"the port (default: {DEFAULT_PORT}; 0 takes a free one)")
    add("--token", help="the token to ask for; needed to listen elsewhere than on this machine (or JACQUARD_TOKEN)")
    add("--new-token", action="store_true", help="draw the token of the data folder anew, and sign everyone out")
    add("--allow-host", action="append", default=[], metavar="NAME", help="answer to this host name, too")
    add("--cache-memory", type=float, metavar="GB", help="how much memory remembered results may take")
    add("--no-browser", action="store_true", help="do not open the page in a browser")
    add("--cancel-grace", type=float, default=10.0, metavar="SECONDS", help=argparse.SUPPRESS)
    add("--patience", type=float, metavar="SECONDS", help=argparse.SUPPRESS)
    add("--nodes-module", action="append", default=[], help=argparse.SUPPRESS)
    add("--bare", action="store_true", help=argparse.SUPPRESS)


def run(arguments: argparse.Namespace) -> int:
    """Serves until it is asked to stop; returns the exit code."""
    extra = find_extra_paths(arguments.models_dir, arguments.extra_model_paths)
    configure_log(find_place_names(arguments.data_dir, arguments.models_dir, extra).shorten)
    logging.getLogger("aiohttp").setLevel(logging.CRITICAL)  # it logs cookies and headers; `server` logs what matters
    try:
        return _serve(arguments, extra)
    except (CannotListenError, WrongNameError, FolderInUseError, DatabaseUnusableError, OSError) as error:
        print(f"Jacquard did not start. {error}", file=sys.stderr)
        return EXIT_CANNOT


def _serve(arguments: argparse.Namespace, extra: ExtraPaths) -> int:
    addresses, port = read_addresses(arguments.listen or [_HERE]), read_port(arguments.port)
    chosen = _chosen_token(arguments, addresses)
    allowed_hosts(addresses, port, arguments.allow_host)  # refuses invalid names before anything is opened
    data = arguments.data_dir.resolve() if arguments.data_dir else ROOT
    models = arguments.models_dir.resolve() if arguments.models_dir else None
    folder = data / "data"
    write_no_core()
    with DataFolder(folder) as data_folder:
        for sentence in close_folders(
            {kind: data / kind for kind in ("cache", "input", "output", "temp", "unfinished")}, folder
        ):
            print(sentence, file=sys.stderr)
        sockets = open_sockets(addresses, port)
        port = sockets[0].getsockname()[1]
        drawn, notice = ("", "") if chosen else _drawn_token(folder, anew=arguments.new_token)
        for problem in extra.problems:
            print(problem, file=sys.stderr)
        place_names = find_place_names(data, models, extra)
        problems = list(map(place_names.shorten, extra.problems))  # for clients
        notices = {"token": notice, "model_paths": as_notice(problems)}
        places = open_places(data, models, extra=extra)
        settings = Settings(
            data=folder,
            files=places.files,
            worker_command=worker_command(arguments),
            token=chosen or drawn,
            token_is_drawn=not chosen,
            notices={code: text for code, text in notices.items() if text},
            models=places.listing(problems),
            templates=ROOT / "workflows",
            page=ROOT / "web" / "dist",
            versions=find_versions(),
            allowed_hosts=allowed_hosts(addresses, port, arguments.allow_host),
            allowed_origins=allowed_origins(addresses, port, arguments.allow_host),
            any_address=answers_any_address(sockets),
            port=port,
            cancel_grace=arguments.cancel_grace,
            reclaim_folder=data_folder.reclaim,
            place_names=place_names,
            limits=_limits(arguments.patience),
        )
        address = f"http://{reachable(addresses)}:{port}/"
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(_run(settings, data_folder, sockets, address, browser=not arguments.no_browser))
    return 0


def _chosen_token(arguments: argparse.Namespace, addresses: Sequence[str]) -> str:
    """Returns the token that the user chose, or an empty text. Refuses one that could be guessed, and a missing one if
    other machines can reach the server."""
    given = arguments.token if arguments.token is not None else os.environ.get("JACQUARD_TOKEN") or None
    if given is None:
        if elsewhere := [address for address in addresses if not is_loopback(address)]:
            raise CannotListenError(
                f"Other machines could reach {', '.join(elsewhere)}: choose a token of at least {SHORTEST_TOKEN} "
                "characters with --token or JACQUARD_TOKEN."
            )
        return ""
    token = str(given).strip()
    if not is_long_enough(token) or not token.isprintable():
        raise CannotListenError(
            f"The token is too short, or has characters that cannot be typed: choose a token of one line with at least "
            f"{SHORTEST_TOKEN} characters, not counting blanks, with --token or JACQUARD_TOKEN. "
            "'python -c \"import secrets; print(secrets.token_urlsafe())\"' makes one."
        )
    if arguments.new_token:
        raise CannotListenError("--new-token draws the token of the data folder; leave out --token and JACQUARD_TOKEN.")
    return token


def _drawn_token(folder: Path, *, anew: bool) -> tuple[str, str]:
    """Returns the token of the folder, and a notice about it for the user."""
    token, why = read_token(folder, anew=anew)
    if anew:
        with contextlib.suppress(OSError):  # no session is valid with another token anyway
            (folder / "sessions.json").unlink()
    if anew:
        print(
            f"The token in {folder / 'token'} is a new one, {why}. Programs need the new one, and browsers sign in.",
            file=sys.stderr,
        )
    notice = f"The token is a new one, {why}. Programs need the new one, and browsers sign in." if why else ""
    return token, "" if anew else notice


async def _run(
    settings: Settings, data_folder: DataFolder, sockets: Sequence[socket], address: str, *, browser: bool
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(name, stop.set)
    app = make_application(settings)
    _restore_with_folder(data_folder, app[KEYS], settings, address)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=2)
    await runner.setup()
    assert runner.server is not None  # noqa: S101 - it was set up
    limiter = ConnectionLimiter(runner.server, settings.limits)
    for opened in sockets:
        await limiter.listen(opened)
    gc.freeze()  # loaded modules stay: collections then examine only objects of requests and runs
    try:
        await _print_address(settings.data, address, app[KEYS], browser=browser)
        await stop.wait()
    finally:
        withdraw(settings.data)
        limiter.close()
        await runner.cleanup()


def _restore_with_folder(data_folder: DataFolder, keys: AccessKeys, settings: Settings, address: str) -> None:
    """Registers the files with token, sessions and address, to be restored if the data folder is deleted."""
    if settings.token_is_drawn:
        data_folder.keep("token", settings.token.encode)
    data_folder.keep("sessions.json", keys.sessions.as_file)
    data_folder.keep(ANNOUNCED, lambda: announcement(address, keys.opener))


async def _print_address(folder: Path, address: str, keys: AccessKeys, *, browser: bool) -> None:
    """Prints the address for the user, and opens the page."""
    code = keys.codes.new()
    try:
        announce(folder, address, keys.opener)
    except OSError as error:
        print(f"'python main.py open' will not find this server: {error}", file=sys.stderr)
    print(f"Jacquard {__version__} is at {launch_address(address, code)}  (Ctrl+C stops it)", flush=True)
    print("The address is good once, for ten minutes; 'python main.py open' gives a new one.", flush=True)
    if os.environ.get("SSH_CONNECTION") and address.startswith(f"http://{_HERE}:"):
        port = urlsplit(address).port
        print(
            f"You came by SSH: run 'ssh -L {port}:{_HERE}:{port} ...' on your own machine, then open the address there."
        )
        sys.stdout.flush()
    if browser and is_desktop():
        with contextlib.suppress(OSError):
            await asyncio.to_thread(open_in_browser, folder, address, code)


def _limits(patience: float | None) -> Limits:
    limits = Limits()
    most = most_connections(raise_limit(), limits.max_connections)
    limits = replace(limits, max_connections=most, max_unauthenticated=min(limits.max_unauthenticated, most // 2))
    if patience is None:
        return limits
    return replace(
        limits, header_seconds=patience, idle_seconds=patience, body_seconds=patience, unread_seconds=patience
    )


def worker_command(arguments: argparse.Namespace) -> list[str]:
    """Returns the command that starts a worker with the same folders and options."""
    command = [sys.executable, str(ROOT / "main.py"), "worker"]
    for flag, value in (
        ("--data-dir", arguments.data_dir),
        ("--models-dir", arguments.models_dir),
        ("--packs-dir", arguments.packs_dir),
    ):
        command += [flag, str(Path(value).resolve())] if value else []
    if arguments.cache_memory is not None:
        command += ["--cache-memory", str(arguments.cache_memory)]
    for module in arguments.nodes_module:
        command += ["--nodes-module", module]
    for file in arguments.extra_model_paths or ():
        command += ["--extra-model-paths", str(file.resolve())]
    return [*command, *(["--bare"] if arguments.bare else [])]
