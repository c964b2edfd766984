"""Why a pack cannot be used, with the place in its files: from an exception, or from the end of a process."""

from __future__ import annotations

import re
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from graph.packs.dependencies import PARENT
from graph.packs.discovery import Pack, shown
from graph.packs.import_guard import PackEndedError, PackTookTooLongError

_HERE = Path(__file__).resolve().parents[2]
DAMAGED = "Damaged: "
"""Prefix of the message in which a process says that a pack damaged it."""
_MOST_WORDS, _MOST_DETAILS = 1_000, 8_000
_ENTRY = re.compile(r'File "([^"\n]+)", line (\d+)')
_FATAL = re.compile(r"(?:Fatal Python error|Windows fatal exception): ([^\n]+)")


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a pack is left out.

    `cause` is for programs: `exception`, `exit` (it ended the process), `crash`, `time`, `damage`, `entry` (the entry
    cannot be a pack). `file`, relative to the folder of packs, and `line` are empty when unknown. `at` is when the
    fault was found, if it is not found again at each start.
    """

    cause: str
    error: str
    details: str = ""
    file: str = ""
    line: int = 0
    at: float = field(default=0.0)


def fault_of_exception(pack: Pack, error: BaseException, seconds: float) -> Fault:
    """Return the fault of an exception during an import, even if the exception itself misbehaves."""
    file, line = _place_of(pack, error)
    details = _plain(_attempt(lambda: "".join(traceback.format_exception(error)), "")[-_MOST_DETAILS:], pack)
    if isinstance(error, PackTookTooLongError):
        return Fault("time", _too_long(seconds), details, file, line, time.time())
    words = _attempt(lambda: str(error), "an error without a readable message")[:_MOST_WORDS]
    kind = _attempt(lambda: str(type(error).__name__), "an exception")
    told = f"{kind}: {words}" if words else kind
    if isinstance(error, PackEndedError):
        return Fault("exit", f"it ends the program when it is imported: {words}", details, file, line)
    if isinstance(error, SystemExit | KeyboardInterrupt | GeneratorExit):
        return Fault("exit", f"it ends the program when it is imported: {told}", details, file, line)
    return Fault("exception", told, details, file, line)


def fault_of(
    pack: Pack, exit_code: int | None, trace: str, output: str = "", seconds: float = 0.0, deaths: int = 0
) -> Fault:
    """Return the fault of a process that ended during an import; `trace` is the output of the fault handler."""
    file, line = _place_in(pack, trace)
    told = (text.strip()[-_MOST_DETAILS // 2 :] for text in (output, trace))
    details = _plain("\n".join(filter(None, told)), pack)
    fatal = _FATAL.search(trace)
    if trace.startswith(DAMAGED):
        return Fault("damage", trace.removeprefix(DAMAGED).strip(), "", file, line, time.time())
    if trace.startswith("Timeout ("):
        return Fault("time", _too_long(seconds), details, file, line, time.time())
    if fatal is not None or (exit_code is not None and exit_code < 0):
        error = f"the process is ended by {_signal(exit_code)} when it is imported"
        if fatal is not None:
            error = f"the process crashes when it is imported ({fatal[1].strip()})"
        return Fault("crash", error, details, file, line, time.time())
    if exit_code is not None:
        error = f"the process ends with exit code {exit_code} when it is imported"
    else:
        error = f"the process ended {deaths} times while it was imported, and gave no reason"
    return Fault("exit", error, details, file, line, time.time())


def _plain(text: str, pack: Pack) -> str:
    """Remove the paths of this machine from a text."""
    places = {str(pack.path.parent): PARENT, str(_HERE): ".", sys.prefix: "<python>", sys.base_prefix: "<python>"}
    for place in sorted(places, key=len, reverse=True):
        text = text.replace(place, places[place])
    return text


def _too_long(seconds: float) -> str:
    return f"it was not imported within {seconds:g} s (JACQUARD_PACK_SECONDS gives it more)"


def _signal(exit_code: int | None) -> str:
    try:
        return signal.Signals(-(exit_code or 0)).name
    except ValueError:
        return f"signal {-(exit_code or 0)}"


def _place_of(pack: Pack, error: BaseException) -> tuple[str, int]:
    if isinstance(error, SyntaxError) and isinstance(error.filename, str):
        found = _inside(pack, error.filename)
        if found:
            return found, error.lineno or 0
    place = ("", 0)
    step = error.__traceback__
    while step is not None:
        found = _inside(pack, step.tb_frame.f_code.co_filename)
        if found:
            place = found, step.tb_lineno
        step = step.tb_next
    return place if place[0] else (_inside(pack, str(pack.source)), 0)


def _place_in(pack: Pack, trace: str) -> tuple[str, int]:
    """Return the innermost place in the pack: the fault handler writes the most recent call first."""
    for path, line in _ENTRY.findall(trace):
        found = _inside(pack, path)
        if found:
            return found, int(line)
    return "", 0


def _inside(pack: Pack, path: str) -> str:
    """Return a file of the pack relative to the folder of packs; '' for other files."""
    for root in dict.fromkeys((pack.path, pack.path.resolve())):
        if Path(path) == root:
            return shown(pack.path.name)
        if Path(path).is_relative_to(root):
            return shown(f"{pack.path.name}/{Path(path).relative_to(root).as_posix()}")
    return ""


def _attempt(tell: Callable[[], str], otherwise: str) -> str:
    try:
        found = tell()
    except BaseException:  # noqa: BLE001 - code of the pack
        return otherwise
    return found.encode("utf-8", "backslashreplace").decode() if isinstance(found, str) else otherwise
