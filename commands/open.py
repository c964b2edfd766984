"""`open`: prints a new address that signs a browser in to the running server. Needs read access to its data folder."""

from __future__ import annotations

import argparse
import sys

from commands.folders import ROOT
from server.access.launch import launch_address
from server.access.local_open import NotRunningError, ask_for_code, is_desktop, open_in_browser

EXIT_CANNOT = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    add = parser.add_argument
    add(
        "--at",
        metavar="ADDRESS",
        help="where your browser reaches it, when it goes through a proxy: https://box.example/jacquard/",
    )
    add("--no-browser", action="store_true", help="only print the address")


def run(arguments: argparse.Namespace) -> int:
    """Prints the address and opens it; returns the exit code."""
    folder = (arguments.data_dir.resolve() if arguments.data_dir else ROOT) / "data"
    try:
        address, code = ask_for_code(folder)
    except NotRunningError as error:
        print(error, file=sys.stderr)
        return EXIT_CANNOT
    address = _as_folder(arguments.at) if arguments.at else address
    print(f"{launch_address(address, code)}\nIt is good once, for ten minutes.", flush=True)
    if not arguments.no_browser and is_desktop():
        try:
            open_in_browser(folder, address, code)
        except OSError as error:
            print(f"The browser could not be opened ({error.strerror}): open the address yourself.", file=sys.stderr)
    return 0


def _as_folder(address: str) -> str:
    plain = address.split("#")[0]
    return plain if plain.endswith(("/", "/login")) else f"{plain}/"
