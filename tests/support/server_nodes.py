"""Toy nodes for tests of the server: they wait, fail, die, show and save on demand."""

from __future__ import annotations

import base64
import ctypes
import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

from graph.api import (
    Artifact,
    Each,
    NodeContext,
    NodeError,
    Number,
    NumberedNames,
    Seed,
    Text,
    filled,
    node,
    write_atomically,
)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_numbers = NumberedNames()


@node("Count", category="test")
def count(value: int = 0) -> int:
    """Add one."""
    return value + 1


@node("Numbers", category="test")
def numbers(stop: int) -> Each[int]:
    """A stream of numbers from 0."""
    yield from range(stop)


@node("Keep", category="test", side_effect=True)
def keep(value: int = 0) -> None:
    """Take the end of a chain."""


@node("SaveNamed", category="test", side_effect=True, lane="io", writes="output")
def save_named(name: Annotated[str, Text(file_name=True)] = "named", *, ctx: NodeContext) -> None:
    """Save a picture under a name."""
    place = filled(name, ctx.words, datetime.now().astimezone())
    path = _numbers.write(ctx.files.root("output") / place.parent, place.name, ".png", PNG)
    ctx.show(Artifact("output", (place.parent / path.name).as_posix()))


@node("Bounded", category="test", side_effect=True)
def bounded(steps: Annotated[int, Number(1, 10)] = 1, seed: Annotated[int, Seed()] = 0) -> None:
    """Refuse steps beyond ten."""


@node("WaitForFile", category="test", lane="device", cache=False)
def wait_for_file(path: str, value: int = 0, *, ctx: NodeContext) -> int:
    """Make `path`.started, then wait until there is a file at `path`."""
    write_atomically(Path(f"{path}.started"), b"", overwrite=True)
    while not Path(path).exists():
        ctx.progress(1, 4, lambda: PNG)
        time.sleep(0.005)
    return value


@node("Stubborn", category="test", lane="device", cache=False, side_effect=True)
def stubborn(path: str) -> None:
    """Wait for a file and hear no cancel."""
    write_atomically(Path(f"{path}.started"), b"", overwrite=True)
    while not Path(path).exists():
        time.sleep(0.005)


@node("HoldTheLock", category="test", lane="device", cache=False, side_effect=True)
def hold_the_lock(path: str, seconds: float = 60.0) -> None:
    """Keep the interpreter's lock, as native code does that was written without care."""
    write_atomically(Path(f"{path}.started"), b"", overwrite=True)
    ctypes.PyDLL(None).usleep(int(seconds * 1e6))


@node("Fail", category="test", side_effect=True)
def fail(message: str = "it is broken") -> None:
    """Fail."""
    raise NodeError(message, input="message", remedy="write something else")


@node("HardExit", category="test", side_effect=True)
def hard_exit(code: int = 3, once: str = "") -> None:
    """End the process; only the first time when `once` names a file."""
    if not once or not Path(once).exists():
        if once:
            write_atomically(Path(once), b"")
        if code < 0:
            signal.raise_signal(signal.Signals(-code))
        os._exit(code)


@node("Save", category="test", side_effect=True, lane="io")
def save(value: int = 0, log: str = "", *, ctx: NodeContext) -> None:
    """Save a picture, and write a line about it into a log."""
    path = _numbers.write(ctx.files.root("output"), "toy", ".png", PNG)
    if log:
        with Path(log).open("a") as file:
            file.write(f"{ctx.record.run_id} {value}\n")
    ctx.show(Artifact("output", path.name))


@node("SaveAndDie", category="test", side_effect=True, lane="io")
def save_and_die(once: str, *, ctx: NodeContext) -> None:
    """Save a picture, and end the process before anybody is told, if there is no file `once` yet."""
    data = PNG + ctx.record.run_id.encode()
    path = _numbers.write(ctx.files.root("output"), "toy", ".png", data, names_its_run=True)
    hard_exit(once=once)
    ctx.show(Artifact("output", path.name))


@node("SaveLate", category="test", side_effect=True, lane="io")
def save_late(path: str, value: int = 0, log: str = "", above: int = -1, *, ctx: NodeContext) -> None:
    """Save a picture, but not before there is a file at `path` if its value is above some number."""
    if value > above:
        write_atomically(Path(f"{path}.{value}.held"), b"", overwrite=True)
    while value > above and not Path(path).exists():
        ctx.check_cancelled()
        time.sleep(0.005)
    save(value, log, ctx=ctx)


@node("Chatter", category="test", side_effect=True)
def chatter() -> None:
    """Print to standard output, which the frames must survive."""
    print("hello from a node " * 50)
    os.write(1, b"\x00\x00\x00\x05hello")


@node("Progress", category="test", side_effect=True, cache=False)
def progress(steps: int = 1000, *, ctx: NodeContext) -> None:
    """Tell much progress."""
    for step in range(steps):
        ctx.progress(step + 1, steps, lambda: PNG)


@node("Uneasy", title="Uneasy", category="test")
def uneasy(text: str = "", value: int = 0, *, ctx: NodeContext) -> int:
    """Do the work, and warn of each line of a text."""
    for line in text.splitlines():
        ctx.warn(line)
    return value


class _MuteError(Exception):
    """An exception that cannot be told."""

    def __str__(self) -> str:
        raise RuntimeError("no words")

    @property
    def remedy(self) -> str:
        raise RuntimeError("no remedy")


_WILD = {
    "a text shown": lambda ctx: ctx.show("cat.png"),
    "nothing shown": lambda ctx: ctx.show(None),
    "half a character in a name": lambda ctx: ctx.show(Artifact("output", "\ud83d.png")),
    "half a character in a folder": lambda ctx: ctx.show(Artifact("\ud83d", "a.png")),
    "bytes as a name": lambda ctx: ctx.show(Artifact("output", b"a.png")),  # type: ignore[arg-type]
    "a path as a name": lambda ctx: ctx.show(Artifact("output", Path("a.png"))),  # type: ignore[arg-type]
    "a name that leaves its folder": lambda ctx: ctx.show(Artifact("output", "../a.png")),
    "a number as a media type": lambda ctx: ctx.show(Artifact("output", "a.png", 5)),  # type: ignore[arg-type]
    "a text behind our back": lambda ctx: ctx.artifacts.append("cat.png"),
    "a preview of text": lambda ctx: ctx.report(1, 2, "picture"),
    "a preview that is no picture": lambda ctx: ctx.report(1, 2, b"picture"),
    "a preview that is an object": lambda ctx: ctx.report(1, 2, object()),
    "progress of text": lambda ctx: ctx.progress("half", 2),
    "progress of nothing": lambda ctx: ctx.progress(None, 2),
    "progress of a huge number": lambda ctx: ctx.progress(10**400, 2),
}
_HARMLESS = {
    "progress that is no number": lambda ctx: ctx.progress(float("nan"), float("inf")),
    "a picture in a bytearray": lambda ctx: ctx.report(1, 2, bytearray(PNG)),
}


def _raise(error: BaseException) -> None:
    raise error


_RAISES = {
    "no words": lambda _: _raise(_MuteError()),
    "half a character": lambda _: _raise(ValueError("\ud83d is broken")),
    "many words": lambda _: _raise(ValueError("x" * 20_000_000)),
    "a way out": lambda _: _raise(SystemExit(3)),
    "a key pressed": lambda _: _raise(KeyboardInterrupt()),
}
_TELLS_PATHS = {
    "a file of a folder": lambda ctx: (ctx.files.root("output") / "no such file.png").read_bytes(),
    "a file elsewhere": lambda _: Path("/nowhere/secret/place/file.png").read_bytes(),
    "a file of ours": lambda _: (Path(__file__).parent / "no_such_file.py").read_bytes(),
}
WILD_WAYS = (*_WILD, *_RAISES)
PATH_WAYS = tuple(_TELLS_PATHS)
HARMLESS_WAYS = tuple(_HARMLESS)


@node("Wild", category="test", side_effect=True, cache=False)
def wild(way: str, *, ctx: NodeContext) -> None:
    """Do what no node should."""
    {**_WILD, **_HARMLESS, **_RAISES, **_TELLS_PATHS}[way](ctx)


_HELPER = """
import os, sys, time
if {leaves}: os.setsid()
if {twice} and os.fork(): os._exit(0)
open({path!r}, "w").write(str(os.getpid()))
while True: time.sleep(60)
"""


@node("Helper", category="test", side_effect=True, cache=False)
def helper(path: str, leaves: bool = False, twice: bool = False, dies: bool = False) -> None:
    """Start a process that outlives us, and has our pipes; it may leave our session and family. Then die, or not."""
    if not Path(path).exists():
        subprocess.Popen([sys.executable, "-c", _HELPER.format(leaves=leaves, twice=twice, path=path)])
        while not (Path(path).exists() and Path(path).read_text()):
            time.sleep(0.005)
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)


@node("LastWords", category="test", side_effect=True, cache=False)
def last_words(once: str, lines: int = 0, *, ctx: NodeContext) -> None:
    """Say much, and where files are, and die."""
    if not Path(once).exists():
        write_atomically(Path(once), b"")
        sys.stderr.write("".join(f"line {number}\n" for number in range(lines)))
        print(f"looking at {ctx.files.root('output')}/cat.png and {__file__}", file=sys.stderr, flush=True)
        os._exit(9)


_left_open: list[int] = []


@node("LeaveOpen", category="test", side_effect=True, cache=False)
def leave_open() -> None:
    """Open files until there can be no more, and close none."""
    try:
        while True:
            _left_open.append(os.open(os.devnull, os.O_RDONLY))
    except OSError:
        pass


@node("Untidy", category="test", side_effect=True, cache=False)
def untidy(for_good: bool = False) -> None:
    """Go elsewhere, make files that nobody can read, and none larger than nothing."""
    import resource

    os.chdir("/")
    os.umask(0o777)
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0 if for_good else hard))


@node("Where", category="test", side_effect=True, cache=False)
def where(path: str) -> None:
    """Write the working folder into a new file."""
    with open(path, "x") as file:  # noqa: PTH123 - with the mask of new files
        file.write(str(Path.cwd()))


@node("CloseAll", category="test", side_effect=True, cache=False)
def close_all(once: str) -> None:
    """Close every open file of the process, the pipes to the server among them, and go on."""
    if not Path(once).exists():
        write_atomically(Path(once), b"")
        os.closerange(3, 1000)
        time.sleep(600)
