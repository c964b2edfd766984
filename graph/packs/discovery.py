"""The packs in a folder, without importing them. Each entry is checked by itself and gets a unique module name.

Also the identity of a pack, which changes when the pack or the installed libraries change.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.node_types.digests import digest
from graph.packs.dependencies import PARENT

_PLAIN = re.compile(r"[\w-]+")
_NODE = re.compile(r"""@(?:\w+\.)*node\(\s*["']([^"'\n]{1,200})["']""")
_MOST_ENTRIES = 20_000
_LARGEST_SOURCE = 2**20


@dataclass(frozen=True, slots=True)
class Pack:
    """An entry that is a pack, or was meant to be one: `problem` says why it cannot be."""

    name: str
    path: Path
    module: str
    problem: str = ""

    @property
    def source(self) -> Path:
        """The file that an import of the pack executes."""
        return self.path / "__init__.py" if self.path.is_dir() else self.path


def find_packs(folder: Path) -> list[Pack]:
    """Return the packs of a folder in alphabetical order, without `_name`, `.name` and other entries."""
    try:
        names = sorted(path.name for path in folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        return [Pack(folder.name, folder, "", f"the folder of the packs cannot be read: {_words(error)}")]
    looked_at = (_look_at(folder, name, names) for name in names if not name.startswith(("_", ".")))
    return [pack for pack in looked_at if pack is not None]


def pack_identity(pack: Pack) -> str:
    """Return an identity of a pack and of the installed libraries, of names, sizes and times; reads no content.

    Python's caches and hidden entries do not count. Of an unreadable entry only the name counts.
    """
    libraries = [place for place in dict.fromkeys(sys.path) if place.endswith(("site-packages", "dist-packages"))]
    parts = [sys.version, *(f"{place} {_time_of(Path(place))}" for place in libraries)]  # installing changes the time
    parts += _entries(pack.path) if pack.path.is_dir() else [_entry(pack.path)]
    return digest("\n".join(parts).encode("utf-8", "surrogatepass")).hex()


def nodes_in_source(pack: Pack) -> tuple[str, ...]:
    """Return the ids of the nodes in a pack's source text, for a pack that cannot be imported."""
    found: dict[str, None] = {}
    for path in _sources(pack):
        try:
            if path.stat().st_size <= _LARGEST_SOURCE and path.is_file():
                found.update(dict.fromkeys(_NODE.findall(path.read_text("utf-8", "replace"))))
        except OSError:
            continue
    return tuple(found)


def shown(name: str) -> str:
    """Return a name that can be displayed, with control characters and undecodable bytes escaped."""
    return "".join(item if item.isprintable() else item.encode("unicode_escape").decode() for item in name)


def _look_at(folder: Path, entry: str, beside: list[str]) -> Pack | None:
    path = folder / entry
    name = entry.removesuffix(".py")
    try:
        if stat.S_ISDIR(path.stat().st_mode):
            if "__init__.py" not in {item.name for item in path.iterdir()}:  # raises if listing is not allowed
                return None
            return Pack(shown(entry), path, _module(entry), _fault_of(path / "__init__.py"))
    except OSError as error:
        return Pack(shown(name), path, "", _why_not(error))
    if not entry.endswith(".py"):
        return None
    if name in beside and (folder / name / "__init__.py").exists():
        problem = f"the folder {shown(name)}/ beside it is a pack of the same name; rename one of them"
        return Pack(shown(entry), path, "", problem)
    return Pack(shown(name), path, _module(name), _fault_of(path))


def _fault_of(source: Path) -> str:
    """Return why a file cannot be opened, or ''. Anything but a plain file might block the reader."""
    try:
        if not stat.S_ISREG(source.stat().st_mode):
            return f"{shown(source.name)} is no plain file"
    except OSError as error:
        return _why_not(error)
    return "" if os.access(source, os.R_OK) else "it cannot be read: Permission denied"


def _why_not(error: OSError) -> str:
    if isinstance(error, FileNotFoundError):
        return "it is a link to something that is not there"
    return f"it cannot be read: {_words(error)}"


def _module(name: str) -> str:
    """Return a module name without dots: packs `a.b` and `a.c` would otherwise be parts of a pack `a`."""
    if _PLAIN.fullmatch(name):
        return f"{PARENT}.{name}"
    mark = digest(name.encode("utf-8", "surrogatepass")).hex()[:8]
    return f"{PARENT}.{re.sub(r'[^0-9A-Za-z_]', '_', name)[:60]}_{mark}"


def _sources(pack: Pack) -> list[Path]:
    if not pack.path.is_dir():
        return [pack.path]
    return [path for path in _walk(pack.path) if path.suffix == ".py"]


def _entries(folder: Path) -> list[str]:
    return sorted(f"{path.relative_to(folder)} {_entry(path)}" for path in _walk(folder))


def _entry(path: Path) -> str:
    try:
        status = path.stat()
    except OSError:
        return path.name
    return f"{path.name} {status.st_size} {status.st_mtime_ns}"


def _walk(folder: Path) -> Iterator[Path]:
    """Yield the readable files of a pack, up to a maximum; does not follow links to folders."""
    left = _MOST_ENTRIES
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name != "__pycache__")
        for name in sorted(files):
            if left <= 0:
                return
            left -= 1
            if not name.endswith(".pyc"):
                yield Path(place, name)


def _time_of(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _words(error: OSError) -> str:
    return error.strerror or type(error).__name__
