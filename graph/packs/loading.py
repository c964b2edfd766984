"""Imports packs, which are folders and single files in `custom_nodes/`, and adds their nodes to a registry.

A pack that cannot be imported is reported and left out as a whole; a node whose id is taken, or that cannot be
described, is left out by itself. Neither keeps the other packs or the program from starting: an import is guarded
(`import_guard`), noted before it begins (`quarantine`), and what it changed elsewhere is undone (`patches`,
`process_state`).
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import sys
import threading
import types
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from graph.node_types.catalogue import check_description, restore
from graph.node_types.node_type import NodeType
from graph.node_types.registry import DuplicateNodeError, MissingPack, Registry, describe, node_type_in
from graph.packs.dependencies import PARENT, DependencyScanner, PackDependencies
from graph.packs.discovery import Pack, find_packs, nodes_in_source
from graph.packs.faults import Fault, fault_of_exception
from graph.packs.file_snapshot import Snapshot, UnknownStateError
from graph.packs.import_guard import Guard
from graph.packs.patches import Patches
from graph.packs.process_state import Undo, Watch, surroundings
from graph.packs.quarantine import PackNotes

DEFAULT_SECONDS = 60.0
_MOST_CHANGES, _LONGEST = 8, 500


@dataclass(frozen=True, slots=True)
class PackReport:
    """The outcome of loading one pack. `error` is empty on success; `details` is a traceback.

    `file` (relative to the folder of packs) and `line` are the place of the error, `cause` is one of `Fault`. `missing`
    are the nodes that are not available because of it. `refused` says why single nodes were left out, and `changed`
    what the pack replaced in the program, which was undone.
    """

    name: str
    node_ids: tuple[str, ...] = ()
    error: str = ""
    details: str = ""
    cause: str = ""
    file: str = ""
    line: int = 0
    missing: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """The place of the error, or '': `pack/file.py:12`."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready data."""
        return asdict(self)


class ProcessBrokenError(Exception):
    """A pack damaged this process, which has to end; the next process leaves the pack out."""

    def __init__(self, report: PackReport) -> None:
        super().__init__(f"pack {report.name}: {report.error}")
        self.report = report


def load_packs(
    folder: Path,
    registry: Registry,
    known: Collection[str] = (),
    *,
    only: str | None = None,
    notes: PackNotes | None = None,
    watches: Sequence[Watch] = (),
    vital: Sequence[int] = (),
    on_import: Callable[[str], None] | None = None,
) -> list[PackReport]:
    """Import every pack of a folder in alphabetical order and add its nodes; `_name` and `.name` are left out.

    `known` are the modules that are part of the cache's code version and need no tracking per pack. With `only`, just
    the entry of that name is loaded. `on_import` is called with the name of each pack before it is imported. `watches`
    record further process state before an import. `vital` are file descriptors that the process needs: raises
    `ProcessBrokenError` when a pack closes one.
    """
    folder = folder.absolute()  # packs may change the working folder, and notes use whole paths
    packs = [pack for pack in find_packs(folder) if only in (None, pack.path.name)]
    if not packs:
        return []
    if PARENT not in sys.modules:  # for relative imports of packs; the folder need not be on sys.path
        sys.modules[PARENT] = types.ModuleType(PARENT)
        sys.modules[PARENT].__path__ = [str(folder)]
    notes = notes or PackNotes(None)
    reports = []
    with (
        notes.opened(packs),
        _Loading(registry, notes, DependencyScanner(known), [*watches, surroundings], vital).begun() as loading,
    ):
        for pack in packs:
            fault = Fault("entry", pack.problem) if pack.problem else notes.fault_of(pack)
            if fault is not None:
                reports.append(_left_out(pack, fault, notes))
                continue
            if on_import is not None:
                on_import(pack.name)
            reports.append(loading.load(pack))
    for report in reports:
        registry.note_absent(MissingPack(report.name, report.error, report.place, report.missing))
    return reports


class _Loading:
    """Loads packs one after the other."""

    def __init__(
        self,
        registry: Registry,
        notes: PackNotes,
        scanner: DependencyScanner,
        watches: Sequence[Watch],
        vital: Sequence[int],
    ) -> None:
        self._registry = registry
        self._notes = notes
        self._scanner = scanner
        self._watches = watches
        self._vital = {number: _file_behind(number) for number in vital}
        self._patches = Patches()
        self._guard = Guard(notes.seconds, notes.descriptor)

    @contextlib.contextmanager
    def begun(self) -> Iterator[_Loading]:
        """Enclose the loading of all packs."""
        with self._guard.on_duty():
            yield self

    def load(self, pack: Pack) -> PackReport:
        """Import a pack and add its nodes."""
        before = self._scanner.before_import(pack.path)
        self._notes.begin(pack)
        fault: Fault | None = None
        changed: list[str] = []
        found: list[NodeType] = []
        try:
            with self._guard.around():
                self._patches.look()
                undoes: list[Undo] = [self._patches.put_back, *(watch() for watch in self._watches)]
                self._guard.arm()
                try:
                    _import(pack)
                finally:
                    # No built-in name may be used before these are restored.
                    self._guard.disarm()
                    self._patches.restore_builtins()
                    changed = [words for undo in undoes for words in _attempt(undo)]
                found = list(_node_types(pack))
                if not found:
                    fault = _for_another_program(pack)
        except BaseException as error:  # noqa: BLE001 - whatever an import raises concerns that pack only
            if self._guard.interrupted:
                self._notes.end(pack)
                raise KeyboardInterrupt from None
            fault = fault_of_exception(pack, error, self._notes.seconds)
        if damage := self._damage():
            self._notes.report_damage(pack, damage)
            raise ProcessBrokenError(PackReport(pack.name, (), damage, cause="damage"))
        if fault is not None:
            return self._give_up(pack, fault, changed)
        dependencies = self._dependencies(pack, before)
        added, refused = self._add(found, dependencies)
        self._notes.end(pack, added)
        return PackReport(pack.name, added, refused=refused, changed=_some(changed))

    def _damage(self) -> str:
        """Return how the last import damaged this process; '' if it can go on."""
        if any(_file_behind(number) != file for number, file in self._vital.items()):
            return "it closes descriptors of the program when it is imported"
        try:
            with open(os.devnull, "rb"):  # noqa: PTH123 - an audit hook can forbid it for good
                thread = threading.Thread(target=os.getpid)
            thread.start()
            thread.join()
        except BaseException as error:  # noqa: BLE001 - whatever it is, nothing else would work either
            return f"the program cannot go on after its import ({type(error).__name__}: {error})"[:500]
        return ""

    def _dependencies(self, pack: Pack, before: Snapshot | UnknownStateError) -> PackDependencies:
        modules = [module for _, module in _modules_of(pack)]
        try:
            return self._scanner.dependencies(pack.path, before, modules)
        except Exception as error:  # noqa: BLE001 - objects of the pack may raise anything; its nodes are usable
            unknown = PackDependencies(f"the pack {pack.name!r}", self._scanner)
            unknown.set_unknown(f"{type(error).__name__}: {error}")
            return unknown

    def _give_up(self, pack: Pack, fault: Fault, changed: list[str]) -> PackReport:
        for name in _names_of(pack):
            del sys.modules[name]
        if fault.at:
            self._notes.leave_out(pack, fault)
        self._notes.end(pack)
        return _left_out(pack, fault, self._notes, _some(changed))

    def _add(self, found: list[NodeType], dependencies: PackDependencies) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Add the nodes that can be added; return their ids, and why the others cannot."""
        added: list[str] = []
        refused: list[str] = []
        for node_type in map(dependencies.added_to, dict.fromkeys(found)):
            try:
                described = json.loads(json.dumps(describe(node_type), allow_nan=False, default=str))
                check_description(described)
                restore([described])
                self._registry.add(node_type)
                added.append(node_type.id)
            except DuplicateNodeError as error:
                refused.append(str(error)[:_LONGEST])
            except Exception as error:  # noqa: BLE001 - a bad node must not affect the good ones
                words = f"node {str(node_type.id)!r} cannot be described: {type(error).__name__}: {error}"
                refused.append(words[:_LONGEST])
        return tuple(added), tuple(refused)


def _for_another_program(pack: Pack) -> Fault | None:
    """Return a fault for a pack that has nodes for ComfyUI only. Other packs without nodes are allowed."""
    if not any("NODE_CLASS_MAPPINGS" in vars(module) for _, module in _modules_of(pack)):
        return None
    words = "its nodes are classes for ComfyUI; nodes of Jacquard are functions with @node (docs/writing-nodes.md)"
    return Fault("entry", words, file=f"{pack.path.name}/__init__.py" if pack.path.is_dir() else pack.path.name)


def _left_out(pack: Pack, fault: Fault, notes: PackNotes, changed: tuple[str, ...] = ()) -> PackReport:
    missing = tuple(dict.fromkeys([*notes.nodes_of(pack), *nodes_in_source(pack)]))
    what = fault.error, fault.details, fault.cause, fault.file, fault.line
    return PackReport(pack.name, (), *what, missing=missing, changed=changed)


def _attempt(undo: Undo) -> list[str]:
    try:
        return undo()
    except Exception as error:  # noqa: BLE001 - one failure must not hide the others
        return [f"something that cannot be put back ({type(error).__name__}: {error})"[:_LONGEST]]


def _import(pack: Pack) -> None:
    places = [str(pack.path)] if pack.path.is_dir() else None
    spec = importlib.util.spec_from_file_location(pack.module, pack.source, submodule_search_locations=places)
    if spec is None or spec.loader is None:
        raise ImportError(f"{pack.source} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[pack.module] = module
    spec.loader.exec_module(module)


def _node_types(pack: Pack) -> Iterator[NodeType]:
    """Yield the node types that the modules of a pack define, in the order of the modules."""
    for name, module in _modules_of(pack):
        for value in list(vars(module).values()):
            node_type = node_type_in(value)
            if node_type is not None and node_type.module == name:
                yield node_type


def _modules_of(pack: Pack) -> list[tuple[str, types.ModuleType]]:
    return [(name, module) for name in _names_of(pack) if isinstance(module := sys.modules.get(name), types.ModuleType)]


def _names_of(pack: Pack) -> list[str]:
    """Return the names of the loaded modules of a pack, sorted."""
    inner = f"{pack.module}."
    return sorted(name for name in list(sys.modules) if isinstance(name, str) and f"{name}.".startswith(inner))


def _file_behind(number: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(number)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def _some(changed: list[str]) -> tuple[str, ...]:
    words = list(dict.fromkeys(changed))
    more = len(words) - _MOST_CHANGES
    return (*words[:_MOST_CHANGES], f"{more} others") if more > 0 else tuple(words)
