"""What the results of a pack's nodes depend on besides inputs: one digest, made when the pack is imported.

It covers the pack's files, modules beside it that are no library, and the libraries that it imports with all their
requirements. Where this is unknown, results of the pack's nodes are neither reused nor stored, and the reason is
reported. It becomes unknown when files change after the import, because either version may have run. What every node
depends on (`known`) is part of the cache's code version instead.
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
from graph.packs.import_scan import ImportedModule, named_modules
from graph.packs.libraries import Libraries, is_of_python

PARENT = "custom_nodes"
"""The package that every pack is a part of, wherever its folder is."""
PYTHON = f"{sys.implementation.name} {sys.version}"


class PackDependencies:
    """The dependencies of some node types: a digest, which becomes part of their recipe."""

    def __init__(self, name: str, scanner: DependencyScanner) -> None:
        self.digest = b""
        self.snapshots: Mapping[str, Snapshot] = {}
        self.scanner = scanner
        self._name = name
        self._unknown_because = ""
        self._checked_generation = scanner.generation

    @property
    def unknown_because(self) -> str:
        """Why they are unknown; empty while they are known. Checks the files once per generation of the scanner."""
        if self._checked_generation != self.scanner.generation:
            self.check()
        return self._unknown_because

    def check(self) -> None:
        """Check whether everything is unchanged. Unknown stays unknown: a restored file may have been read before."""
        self._checked_generation = self.scanner.generation
        if self._unknown_because:
            return
        again = f"after {self._name} was loaded: restart Jacquard to use it as it is now, with caching"
        for name, snapshot in self.snapshots.items():
            if not snapshot.is_as_it_was():
                self._unknown_because = f"{name or 'files'} changed {again}"
                return
        if self.scanner.libraries.have_changed():
            self._unknown_because = f"libraries were installed or removed {again}"

    def set_unknown(self, why: str) -> None:
        """Set that the dependencies are unknown."""
        self._unknown_because = f"it is unknown whether {self._name} is unchanged: {why}"

    def added_to(self, node_type: NodeType) -> NodeType:
        """Return the node type with these dependencies."""
        return replace(node_type, recipe=node_type.recipe + self.digest, dependencies=self)


class DependencyScanner:
    """Finds the dependencies of packs. One per process: what several packs share is scanned once.

    `known` are modules that every result depends on anyway.
    """

    def __init__(self, known: Collection[str] = (), libraries: Libraries | None = None) -> None:
        self._known = frozenset({*known, __name__.partition(".")[0], PARENT})
        self.libraries = libraries or Libraries(sys.path)
        self.generation = 0
        """Raised when a run begins: everything is checked again when it is next needed."""
        self._beside: dict[Path, tuple[Snapshot, set[str]]] = {}

    def before_import(self, path: Path) -> Snapshot | UnknownStateError:
        """Record the files of a pack that is about to be imported."""
        try:
            found = _take_pack(path)
        except UnknownStateError as error:
            return error
        drop_stale_bytecode(found)
        return found

    def dependencies(
        self, path: Path, before: Snapshot | UnknownStateError, modules: Iterable[ModuleType]
    ) -> PackDependencies:
        """Return the dependencies of a pack imported as `modules`; `before` is the state of its files before that."""
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
                raise UnknownStateError("its files changed while it was being loaded")
        except UnknownStateError as error:
            found.set_unknown(str(error))
        return found

    def _gather(self, names: set[str], siblings: set[Path]) -> tuple[dict[str, Snapshot], set[str], set[str]]:
        """Return snapshots of modules beside a pack, the libraries, and the names of missing modules."""
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
        """Return the snapshot of a module that is no library, and the modules that it imports."""
        if where not in self._beside:
            snapshot = take(where)
            self._beside[where] = snapshot, _named_by(snapshot, where)[0]
        return self._beside[where]


def _take_pack(path: Path) -> Snapshot:
    """Record the files of a pack. For a single-file pack, other files beside it count, too, such as its data."""
    if path.is_dir():
        return take(path)

    def counts(entry: object) -> bool:
        name: str = entry.name  # type: ignore[attr-defined]
        return name == path.name or not (name.startswith(".") or _is_pack(path.parent / name))

    return take(path.parent, counts)


def _is_pack(path: Path) -> bool:
    return not path.name.startswith("_") and (path.suffix == ".py" or (path / "__init__.py").is_file())


def _named_by(snapshot: Snapshot, path: Path) -> tuple[set[str], set[Path]]:
    """Return the modules that files import: top-level names of absolute imports, and files of relative ones."""
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


def _siblings(named: ImportedModule, source: Path, path: Path) -> set[Path]:
    """Return the files outside the pack that a relative import, or one from the packs' folder, leads to."""
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
    """Return the top-level modules of the objects in a module's namespace, however they were imported."""
    found = set()
    for value in list(vars(module).values()):
        name = None
        with contextlib.suppress(Exception):  # an object of the pack may raise anything
            name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str) and name in sys.modules:
            found.add(name.partition(".")[0])
    return found - {module.__name__.partition(".")[0], "__main__"}


def _places_of(top: str) -> list[Path]:
    """Return the files or folders of a top-level module; nothing if it does not exist. Imports nothing.

    Raises `UnknownStateError` for a loaded module without a file.
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
        raise UnknownStateError(f"it is unknown which code the module {top} is")
    return found


def _named_places(loaded: ModuleType | None, spec: object) -> list[Path]:
    """Return where a module says it is: the folders of a package, the file of any other module."""
    folders = getattr(loaded, "__path__", None) or getattr(spec, "submodule_search_locations", None) or ()
    origin = getattr(loaded, "__file__", None) or getattr(spec, "origin", None)
    names = [*folders] or ([origin] if origin and origin not in ("built-in", "frozen") else [])
    return [Path(str(name)) for name in dict.fromkeys(names)]
