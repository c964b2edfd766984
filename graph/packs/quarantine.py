"""Notes on disk about packs that end or block the process, so that these are not imported again and again.

A folder contains `importing-*`, one file for each process that is importing packs: the current pack, and the output of
Python's fault handler if the process crashed or took too long; and `packs.json`: which packs are left out and why, and
which nodes each pack had when it was last imported. A process locks its note, so a note without a lock is left from a
process that ended. Unless the fault handler recorded the cause, the pack is then imported in a trial process. A pack
that is left out is tried again when its files or the libraries change.

If the folder cannot be written, packs are imported without notes.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from graph.base.file_lock import lock
from graph.files.folders import make_private, write_atomically
from graph.packs.discovery import Pack, pack_identity
from graph.packs.faults import DAMAGED, Fault, fault_of

_MOST_DEATHS = 3
_STATE = "packs.json"


@dataclass(frozen=True, slots=True)
class Trial:
    """How a trial process ended; `trace` is the output of the fault handler.

    `came_back`: the import ended, with or without an error; then the exit code does not matter.
    """

    came_back: bool
    exit_code: int | None
    trace: str = ""
    output: str = ""
    fault: dict[str, Any] | None = None
    """What the trial process itself noted about the pack."""


TryOut = Callable[[Pack, float], Trial]
"""Imports a pack in a trial process, within some seconds."""


class PackNotes:
    """The notes in a folder, for a process that is about to import packs."""

    def __init__(self, folder: Path | None, try_out: TryOut | None = None, seconds: float = 60.0) -> None:
        self.seconds = seconds
        self.on_trial: Callable[[str], None] = lambda _: None
        """Called with a sentence before a trial, which may take a while."""
        self._folder = folder or Path(os.devnull)
        self._try_out = try_out
        self._note: IO[bytes] | None = None
        self._path = self._folder
        self._packs: dict[str, dict[str, Any]] = {}
        self._identities: dict[str, str] = {}

    @contextlib.contextmanager
    def opened(self, packs: Sequence[Pack]) -> Iterator[None]:
        """Examine notes of ended processes, and open the note of this one."""
        try:
            self._open(packs)
        except OSError:
            self._note = None
            self._packs = read_state(self._folder)  # known faults count, though none can be added
        try:
            yield
        finally:
            self._close()

    @property
    def descriptor(self) -> int | None:
        """The file descriptor for the fault handler."""
        return None if self._note is None else self._note.fileno()

    def fault_of(self, pack: Pack) -> Fault | None:
        """Return why a pack must not be imported in its current state, or None."""
        known = self._packs.get(str(pack.path), {})
        if "fault" not in known or known.get("identity") != self._identity(pack):
            return None
        return Fault(**known["fault"])

    def nodes_of(self, pack: Pack) -> tuple[str, ...]:
        """Return the nodes that a pack had when it was last imported."""
        return tuple(self._packs.get(str(pack.path), {}).get("node_ids", ()))

    def begin(self, pack: Pack) -> None:
        """Note that the import of a pack begins; the note survives the process."""
        if self._note is not None:
            facts = {"path": str(pack.path), "identity": self._identity(pack), "at": time.time()}
            self._write(json.dumps(facts).encode() + b"\n")

    def report_damage(self, pack: Pack, words: str) -> None:
        """Note that the pack damaged this process, in any way that still works."""
        if self._note is not None:
            with contextlib.suppress(OSError, ValueError):
                self._note.write(f"{DAMAGED}{words}\n".encode("utf-8", "backslashreplace"))
        with contextlib.suppress(Exception):
            self.leave_out(pack, Fault("damage", words, at=time.time()))

    def end(self, pack: Pack, node_ids: Sequence[str] | None = None) -> None:
        """Note that the import ended, with `node_ids` successfully.

        The note stays until the next import, or the end of all imports: consequences may show only now.
        """
        known = self._packs.get(str(pack.path), {})
        if node_ids is not None and (known.get("node_ids") != list(node_ids) or len(known) > 1):
            self._change(pack, {"node_ids": list(node_ids)})

    def leave_out(self, pack: Pack, fault: Fault) -> None:
        """Leave out the pack as long as it does not change."""
        self._change(pack, {**self._kept(pack), "identity": self._identity(pack), "fault": asdict(fault)})

    def withdraw(self) -> None:
        """Remove the note: the process is about to end, and no pack is the cause."""
        with contextlib.suppress(OSError):
            if self._note is not None:
                self._path.unlink(missing_ok=True)

    def _identity(self, pack: Pack) -> str:
        if pack.name not in self._identities:
            self._identities[pack.name] = pack_identity(pack)
        return self._identities[pack.name]

    def _kept(self, pack: Pack) -> dict[str, Any]:
        known = self._packs.get(str(pack.path), {})
        return {"node_ids": known["node_ids"]} if "node_ids" in known else {}

    def _write(self, text: bytes) -> None:
        if self._note is not None:
            with contextlib.suppress(OSError, ValueError):
                self._note.seek(0)
                self._note.truncate()
                self._note.write(text)  # unbuffered: it survives the process

    def _change(self, pack: Pack, facts: dict[str, Any]) -> None:
        self._packs[str(pack.path)] = facts
        with contextlib.suppress(OSError), self._alone():
            self._save({**read_state(self._folder), str(pack.path): facts})

    def _save(self, packs: dict[str, Any]) -> None:
        text = json.dumps({"packs": packs}, indent=1).encode()
        write_atomically(self._folder / _STATE, text, overwrite=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Lock the notes; the process that finds an old note examines it for all."""
        with (self._folder / "lock").open("ab") as file:
            lock(file, wait=True)
            yield

    def _open(self, packs: Sequence[Pack]) -> None:
        make_private(self._folder)
        if any(self._folder.glob("importing-*")):
            with self._alone():
                self._packs = read_state(self._folder)
                for left in sorted(self._folder.glob("importing-*")):
                    self._look_into(left, {str(pack.path): pack for pack in packs})
        self._packs = read_state(self._folder)
        handle, name = tempfile.mkstemp(prefix=f"importing-{os.getpid()}-", dir=self._folder)
        self._path = Path(name)
        self._note = os.fdopen(handle, "r+b", buffering=0)
        lock(self._note, wait=False)

    def _look_into(self, left: Path, packs: dict[str, Pack]) -> None:
        """Examine the note of an ended process, and remove it."""
        try:
            file = left.open("r+b")
        except FileNotFoundError:
            return
        with file:
            if not lock(file, wait=False):
                return  # its process is active
            head, _, trace = file.read().decode("utf-8", "replace").partition("\n")
        with contextlib.suppress(ValueError, KeyError, TypeError):
            facts = json.loads(head)
            pack = packs.get(facts["path"])
            if pack is not None and facts["identity"] == self._identity(pack):
                self._judge(pack, trace)
        left.unlink(missing_ok=True)

    def _judge(self, pack: Pack, trace: str) -> None:
        found = fault_of(pack, None, trace, seconds=self.seconds) if trace.strip() else None
        if found is None and self._try_out is not None:
            self.on_trial(f"Finding out what the pack {pack.name} does when it is imported.")
            trial = self._try_out(pack, self.seconds)
            if trial.fault is not None:
                found = Fault(**trial.fault)
            elif not trial.came_back:
                found = fault_of(pack, trial.exit_code, trial.trace, trial.output, self.seconds)
        known = {**self._kept(pack), "identity": self._identity(pack)}
        if found is None:
            # Something else may have ended the process, but hardly several times.
            before = self._packs.get(str(pack.path), {})
            deaths = 1 + (before.get("deaths", 0) if before.get("identity") == known["identity"] else 0)
            known["deaths"] = deaths
            if deaths >= _MOST_DEATHS:
                found = fault_of(pack, None, "", deaths=deaths)
        if found is not None:
            known["fault"] = asdict(found)
        self._packs[str(pack.path)] = known
        self._save(self._packs)

    def _close(self) -> None:
        if self._note is not None:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                self._note.close()
            self._note = None


def read_state(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the notes about each pack, by path; nothing when they cannot be read."""
    try:
        packs = json.loads((folder / _STATE).read_bytes())["packs"]
        return {path: dict(facts) for path, facts in packs.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def try_again(folder: Path) -> None:
    """Forget why packs were left out: the next process imports them again."""
    packs = read_state(folder)
    for facts in packs.values():
        for name in ("fault", "deaths", "identity"):
            facts.pop(name, None)
    if packs:
        write_atomically(folder / _STATE, json.dumps({"packs": packs}, indent=1).encode(), overwrite=True)
