"""What the nodes of a pack stand on besides their own files: one digest, made when the pack is imported.

It holds the pack's files, the modules beside it that are no library, and the libraries that it imports with all that
these require. What nobody can tell leaves a *doubt*: the results of its nodes are then neither reused nor remembered,
and why is told. So it is when files change after the import, as what ran may be what was imported, or what lies there
now. What every node stands on (`known`) is left to the edition of the cache.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from graph.node_types.digests import digest, encode
from graph.node_types.node_type import NodeType
from graph.packs.file_snapshot import Snapshot, UnknownStateError, drop_stale_bytecode, take
from graph.packs.import_scan import Named, named_modules
from graph.packs.libraries import Libraries, is_of_python

PARENT = "custom_nodes"
"""The package that every pack is a part of, wherever its folder lies."""
PYTHON = f"{sys.implementation.name} {sys.version}"


class PackDependencies:
    """What some node types stand on: a digest of it, which is a part of their recipe."""

    def __init__(self, name: str, scanner: DependencyScanner) -> None:
        self.digest = b""
        self.snapshots: Mapping[str, Snapshot] = {}
        self.scanner = scanner
        self._name = name
        self._unknown_because = ""
        self._checked_generation = scanner.generation

    @property
    def unknown_because(self) -> str:
        """Why it cannot be known to be the same; empty while it can. Files are looked at once a turn of the ground."""
        if self._checked_generation != self.scanner.generation:
            self.check()
        return self._unknown_because

    def check(self) -> None:
        """See whether all is as it was. A doubt stays: what has changed may have been read, though it is put back."""
        self._checked_generation = self.scanner.generation
        if self._unknown_because:
            return
        again = f"after {self._name} was loaded: start Jacquard again to have it as it is now, and remembered"
        for name, snapshot in self.snapshots.items():
            if not snapshot.is_as_it_was():
                self._unknown_because = f"{name or 'files'} changed {again}"
                return
        if self.scanner.libraries.have_changed():
            self._unknown_because = f"libraries were installed or removed {again}"

    def set_unknown(self, why: str) -> None:
        """Nothing tells what this is."""
        self._unknown_because = f"nothing tells whether {self._name} is the same as before: {why}"

    def added_to(self, node_type: NodeType) -> NodeType:
        """The node type as one that stands on this."""
        return replace(node_type, recipe=node_type.recipe + self.digest, dependencies=self)


class DependencyScanner:
    """Works out what packs stand on. One for a process: what many packs share is looked at once.

    `known` are modules that count for every node anyway.
    """

    def __init__(self, known: Collection[str] = (), libraries: Libraries | None = None) -> None:
        self._known = frozenset({*known, __name__.partition(".")[0], PARENT})
        self.libraries = libraries or Libraries(sys.path)
        self.generation = 0
        """Raised when a run begins: everything is looked at again, when it is next asked for."""
        self._beside: dict[Path, tuple[Snapshot, set[str]]] = {}

    def before_import(self, path: Path) -> Snapshot | UnknownStateError:
        """The files of a pack that is about to be imported, as they are now."""
        try:
            found = _take_pack(path)
        except UnknownStateError as error:
            return error
        drop_stale_bytecode(found)
        return found

    def dependencies(
        self, path: Path, before: Snapshot | UnknownStateError, modules: Iterable[ModuleType]
    ) -> PackDependencies:
        """What a pack stands on that has been imported as `modules`; `before` is how its files were before that."""
        found = PackDependencies(f"the pack {path.name.removesuffix('.py')!r}", self)
        try:
            if isinstance(before, UnknownStateError):
                raise before
            names, siblings = _named_by(before, path)
            for module in modules:
                names |= _used_by(module)
            found.snapshots, libraries, absent = self._gather(names, siblings)
            found.snapshots = {"": before, **found.snapshots}
            facts = [(name, snapshot.digest()) for name, snapshot in sorted(found.snapshots.items())]
            needed = [each.identity for each in self.libraries.with_requirements(libraries)]
            found.digest = digest(encode([PYTHON, facts, needed, sorted(absent)]))
            if not all(snapshot.is_as_it_was() for snapshot in found.snapshots.values()):
                raise UnknownStateError("its files changed while it was loaded")
        except UnknownStateError as error:
            found.set_unknown(str(error))
        return found

    def _gather(self, names: set[str], siblings: set[Path]) -> tuple[dict[str, Snapshot], set[str], set[str]]:
        """Snapshots of what lies beside a pack, the libraries, and what is named and not there."""
        snapshots: dict[str, Snapshot] = {}
        libraries: set[str] = set()
        absent: set[str] = set()
        others = [*siblings]
        while others:
            sibling = others.pop()
            if (name := f"the module {sibling.stem}") not in snapshots:
                snapshots[name] = _take_pack(sibling)
                more, beside = _named_by(snapshots[name], sibling)
                names |= more
                others += beside
        pending, seen = [*names], set(self._known)
        while pending:
            top = pending.pop()
            if top in seen or is_of_python(top):
                continue
            seen.add(top)
            places = _places_of(top)
            if not places:
                absent.add(top)
            for number, where in enumerate(places):
                if installed := self.libraries.of_module(top, where.parent):
                    libraries.update(each.name for each in installed)
                    continue
                snapshot, more = self._look_beside(where)
                snapshots[f"the module {top}" + (f" ({number + 1})" if number else "")] = snapshot
                pending += more
        return snapshots, libraries, absent

    def _look_beside(self, where: Path) -> tuple[Snapshot, set[str]]:
        """A module that is no library, and the names that it imports."""
        if where not in self._beside:
            snapshot = take(where)
            self._beside[where] = snapshot, _named_by(snapshot, where)[0]
        return self._beside[where]


def _take_pack(path: Path) -> Snapshot:
    """The files of a pack. Of one that is a file: what lies beside it and is no pack of its own, such as its data."""
    if path.is_dir():
        return take(path)

    def counts(entry: object) -> bool:
        name: str = entry.name  # type: ignore[attr-defined]
        return name == path.name or not (name.startswith(".") or _is_pack(path.parent / name))

    return take(path.parent, counts)


def _is_pack(path: Path) -> bool:
    return not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())


def _named_by(snapshot: Snapshot, path: Path) -> tuple[set[str], set[Path]]:
    """The modules that files name: the names at the top of absolute ones, and other files by relative ones."""
    names: set[str] = set()
    siblings: set[Path] = set()
    for source in snapshot.sources():
        try:
            named = named_modules(source.read_text(encoding="utf-8", errors="replace"))
        except OSError as error:
            raise UnknownStateError(f"{source.name} cannot be read ({error.strerror})") from None
        for each in named:
            top = each.module.partition(".")[0]
            if each.level or top == PARENT:
                siblings |= _siblings(each, source, path)
            else:
                names.add(top)
    return names, siblings


def _siblings(named: Named, source: Path, path: Path) -> set[Path]:
    """What a relative import leads to, or one that begins with the folder that packs lie in; if it is outside."""
    parts = [part for part in named.module.split(".") if part]
    if named.level:
        base = source.parents[named.level - 1]
    else:
        base, parts = path.parent, parts[1:]
    if not parts or not base.is_relative_to(path.parent):
        return set()
    first = [*base.relative_to(path.parent).parts, *parts][0]
    found = (path.parent / f"{first}.py", path.parent / first)
    return {each for each in found if each != path and (each.is_file() or (each / "__init__.py").is_file())}


def _used_by(module: ModuleType) -> set[str]:
    """The modules at the top of what a module has in its namespace: also those that were imported by other means."""
    found = set()
    for value in list(vars(module).values()):
        name = None
        with contextlib.suppress(Exception):  # a thing of the pack's own making may answer as it likes
            name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name in sys.modules:
            found.add(name.partition(".")[0])
    return found - {module.__name__.partition(".")[0], "__main__"}


def _places_of(top: str) -> list[Path]:
    """The files or folders of a module at the top; nothing where there is no such module. Imports nothing.

    Raises `UnknownStateError` for one that is loaded and has no file.
    """
    loaded = sys.modules.get(top)
    try:
        spec = getattr(loaded, "__spec__", None) or (None if loaded else find_spec(top))
    except (ImportError, ValueError, AttributeError):
        spec = None
    found = []
    for place in _named_places(loaded, spec):
        if place.exists():
            found.append(place)
        else:  # perhaps in an archive
            found += [parent for parent in place.parents if parent.is_file()][:1]
    if not found and (loaded is not None or spec is not None):
        raise UnknownStateError(f"nothing tells which code the module {top} is")
    return found


def _named_places(loaded: ModuleType | None, spec: object) -> list[Path]:
    """Where a module says that it lies: the folders of a package, the file of any other."""
    folders = getattr(loaded, "__path__", None) or getattr(spec, "submodule_search_locations", None) or ()
    origin = getattr(loaded, "__file__", None) or getattr(spec, "origin", None)
    names = [*folders] or ([origin] if origin and origin not in ("built-in", "frozen") else [])
    return [Path(str(name)) for name in dict.fromkeys(names)]
