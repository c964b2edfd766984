"""Tries a pack in a process of its own, after a process died while it imported the pack for an unknown reason."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from commands.folders import ROOT
from graph.packs.discovery import Pack
from graph.packs.quarantine import Trial, read_state

_GRACE = 5.0
_MOST_OUTPUT = 8_000


def try_out(pack: Pack, seconds: float) -> Trial:
    """Imports a pack in a separate process and returns how that ended."""
    with tempfile.TemporaryDirectory(prefix="jacquard-") as folder, tempfile.TemporaryFile() as output:
        command = [sys.executable, str(ROOT / "main.py"), "try_pack", str(pack.path), "--notes", folder]
        process = subprocess.Popen(  # noqa: S603 - our own program
            [*command, "--seconds", str(seconds)],
            stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
        )  # fmt: skip
        try:
            code: int | None = process.wait(seconds + min(seconds, _GRACE) + _GRACE if seconds > 0 else None)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _end(process)
        output.seek(0)
        words = output.read()[-_MOST_OUTPUT:].decode("utf-8", "replace")
        left = list(Path(folder).glob("importing-*"))
        trace = "".join(map(_trace, left))
        fault = read_state(Path(folder)).get(str(pack.path), {}).get("fault")
    if code is None:
        trace = trace or "Timeout ("
    return Trial(not left, code, trace, words, fault)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends the process and its children."""
    with contextlib.suppress(OSError):
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _trace(path: Path) -> str:
    with contextlib.suppress(OSError):
        return path.read_bytes().decode("utf-8", "replace").partition("\n")[2]
    return ""
