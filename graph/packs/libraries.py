"""Installed distributions: their modules, versions and requirements.

Read from the metadata folders of installers (`name-version.dist-info`); nothing is imported. An "editable" installation
says nothing about its code.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graph.node_types.digests import digest, file_state

_REQUIRES = re.compile(rb"^Requires-Dist:\s*([A-Za-z0-9][A-Za-z0-9._-]*)([^\n]*)", re.MULTILINE)
_OUTSIDE = re.compile(rb"^\.\.[^\n]*\n", re.MULTILINE)
_TOP = re.compile(rb"^([^/,\n.]+)", re.MULTILINE)
_METADATA = (".dist-info", ".egg-info")
_INSTALLED = ("site-packages", "dist-packages")


def plain_name(name: str) -> str:
    """Return the normalized name of a distribution: `Foo.Bar_baz` and `foo-bar-baz` are the same."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Distribution:
    """The metadata of an installed distribution."""

    name: str
    version: str
    folder: Path

    @cached_property
    def identity(self) -> bytes:
        """A digest of the version and of the installer's list of files with their hashes."""
        own = self._read("RECORD")
        if b"\n.." in own or own[:2] == b"..":
            own = _OUTSIDE.sub(b"", own)  # scripts contain the path of the environment
        return digest(self.name.encode(), b"\0", self.version.encode(), b"\0", own)

    @cached_property
    def modules(self) -> frozenset[str]:
        """The top-level modules that it installed."""
        tops = self._read("top_level.txt").split() or _TOP.findall(self._read("RECORD"))
        return frozenset(top.decode("utf-8", "replace") for top in tops)

    @cached_property
    def requires(self) -> frozenset[str]:
        """The distributions that it requires."""
        head = (self._read("METADATA") or self._read("PKG-INFO")).split(b"\n\n", 1)[0]
        return frozenset(plain_name(name.decode()) for name, rest in _REQUIRES.findall(head) if b"extra" not in rest)

    @cached_property
    def is_elsewhere(self) -> bool:
        """Whether its modules are elsewhere, where they may be edited."""
        if self.folder.parent.name not in _INSTALLED:
            return True
        return b'"editable": true' in self._read("direct_url.json").replace(b'"editable":true', b'"editable": true')

    def state(self) -> object:
        """Return what changes when it is installed again."""
        for name in ("RECORD", "METADATA", "PKG-INFO"):
            with contextlib.suppress(OSError):
                return file_state((self.folder / name).stat())
        return None

    def _read(self, name: str) -> bytes:
        try:
            return (self.folder / name).read_bytes()
        except OSError:
            return b""


class Libraries:
    """The distributions on a search path, as first seen."""

    def __init__(self, places: Sequence[str]) -> None:
        self._places = [Path(place) for place in dict.fromkeys(places) if place]
        self._times = self._look()
        found = self._list()
        self.by_name: dict[str, Distribution] = {}
        for each in found:
            self.by_name.setdefault(each.name, each)  # like Python, the first one on the path
        self._states = _states_of(found)

    def of_module(self, top: str, where: Path) -> list[Distribution]:
        """Return the distributions that installed a module into its folder."""
        beside = [found for found in self.by_name.values() if found.folder.parent == where and not found.is_elsewhere]
        likely = [found for found in beside if found.name == plain_name(top) and top in found.modules]
        return likely or [found for found in beside if top in found.modules]

    def with_requirements(self, names: Iterable[str]) -> list[Distribution]:
        """Return distributions with all their installed requirements."""
        found: dict[str, Distribution] = {}
        pending = [plain_name(name) for name in names]
        while pending:
            name = pending.pop()
            if name not in found and (distribution := self.by_name.get(name)) is not None:
                found[name] = distribution
                pending += distribution.requires
        return [found[name] for name in sorted(found)]

    def have_changed(self) -> bool:
        """Return whether anything was installed, removed or replaced; usually reads only the times of a few folders."""
        times = self._look()
        if times == self._times:
            return False
        if _states_of(self._list()) != self._states:
            return True
        self._times = times  # something else was added or removed there
        return False

    def _look(self) -> list[int]:
        return [_time_of(place) for place in self._places]

    def _list(self) -> list[Distribution]:
        return [each for place in self._places for each in _distributions_in(place)]


def _states_of(distributions: Iterable[Distribution]) -> list[tuple[Path, object]]:
    return [(each.folder, each.state()) for each in distributions]


def _distributions_in(place: Path) -> list[Distribution]:
    try:
        with os.scandir(place) as found_there:
            entries = sorted(entry.name for entry in found_there if entry.name.endswith(_METADATA))
    except OSError:
        return []
    found = []
    for entry in entries:
        name, _, version = entry.rpartition(".")[0].partition("-")
        found.append(Distribution(plain_name(name), version.split("-py", 1)[0], place / entry))
    return found


def is_of_python(top: str) -> bool:
    """Return whether a module is part of Python."""
    return top in sys.stdlib_module_names or top in sys.builtin_module_names


def _time_of(place: Path) -> int:
    try:
        return place.stat().st_mtime_ns if place.is_dir() else 0
    except OSError:  # nothing can be imported from there either
        return 0
