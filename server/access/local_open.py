"""Lets a user of this machine open a running server: a file in the data folder has its address and a secret.

Whoever can read the data folder gets access. The browser is given a file of that folder instead of the address: every
user of the machine can see command lines, and the address contains a launch code. Imports only the standard library, so
that any Python can run `main.py open`.
"""

from __future__ import annotations

import contextlib
import html
import http.client
import json
import os
import sys
import webbrowser
from pathlib import Path
from urllib.parse import urlsplit

from graph.files.folders import write_atomically
from server.access.launch import launch_address

ANNOUNCED = "open.json"
_SECONDS = 10.0
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Jacquard</title>
<meta http-equiv="refresh" content="0;url={0}"><p><a href="{0}">Open Jacquard</a></p></html>
"""


class NotRunningError(RuntimeError):
    """No server uses this folder, or it does not answer; the message says what to do."""


def announce(folder: Path, address: str, opener: str) -> None:
    """Writes the file with the address of the server and the secret for launch codes."""
    write_atomically(folder / ANNOUNCED, announcement(address, opener), overwrite=True, mode=0o600)


def announcement(address: str, opener: str) -> bytes:
    """Returns the content of that file."""
    return json.dumps({"address": address, "opener": opener}).encode()


def withdraw(folder: Path) -> None:
    """Removes the file; called when the server ends."""
    for name in (ANNOUNCED, "open.html"):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def ask_for_code(folder: Path) -> tuple[str, str]:
    """Returns the address of the running server and a new launch code. Raises `NotRunningError`."""
    try:
        kept = json.loads((folder / ANNOUNCED).read_text("utf-8"))
        address, opener = str(kept["address"]), str(kept["opener"])
    except FileNotFoundError:
        raise NotRunningError(
            f"No Jacquard runs with the folder {folder}. Start it with 'python main.py'; "
            "if it was started with --data-dir, give 'open' the same."
        ) from None
    except PermissionError:
        raise NotRunningError(
            f"Only who may read the folder {folder} can open this Jacquard: ask the user who started it."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotRunningError(f"{folder / ANNOUNCED} cannot be read ({error}): start Jacquard again.") from None
    return address, _ask(address, opener)


def open_in_browser(folder: Path, address: str, code: str) -> None:
    """Opens the editor in the browser of this machine."""
    file = folder / "open.html"
    page = _PAGE.format(html.escape(launch_address(address, code)))
    write_atomically(file, page.encode(), overwrite=True, mode=0o600)
    webbrowser.open(file.resolve().as_uri())


def is_desktop() -> bool:
    """Whether this machine seems to have a desktop with a user."""
    if os.environ.get("SSH_CONNECTION") or os.environ.get("CI"):
        return False
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def _ask(address: str, opener: str) -> str:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 80, timeout=_SECONDS)
    try:
        headers = {"Authorization": f"Bearer {opener}", "Content-Length": "0"}
        connection.request("POST", "/launch", headers=headers)
        response = connection.getresponse()
        answer = json.loads(response.read(65536))
        if response.status == 201:
            return str(answer["code"])
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        pass
    finally:
        connection.close()
    raise NotRunningError(f"Jacquard does not answer at {address}. Start it again with 'python main.py'.")
