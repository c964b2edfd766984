"""Finds and undoes code that a pack replaced in other modules.

Covers functions, methods and classes of the engine and of vital libraries, and constants of the engine. The state is
recorded before packs are imported and compared after each import. Replaced and removed objects are restored and
reported, because they would affect every other node. Added ones are harmless. Values that are no code are handled in
`process_state`.
"""

from __future__ import annotations

import builtins
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from operator import attrgetter, is_
from typing import Any

_HOUSE = frozenset({"graph", "nodes", "server", "commands", "diffusion"})
_VITAL = frozenset(
    """
    builtins abc ast asyncio atexit base64 codecs collections concurrent.futures.thread contextlib copy ctypes
    dataclasses enum errno fcntl functools gc hashlib heapq importlib importlib._bootstrap
    importlib._bootstrap_external importlib.metadata importlib.util inspect io itertools json json.decoder
    json.encoder linecache locale logging marshal math mmap operator os os.path pathlib pickle posix posixpath
    queue random re secrets select selectors shutil signal socket sqlite3 stat string struct subprocess sys
    tempfile threading _thread time traceback types unicodedata urllib.parse uuid warnings weakref zlib
    asyncio.base_events asyncio.events asyncio.runners asyncio.tasks asyncio.futures asyncio.locks
    """.split()  # noqa: SIM905 - one word a line would fill a page
)
_KNOWN = {
    "inspect.getfile": ("torch.",),
    "logging.Logger.warning_advice": ("transformers.", "diffusers."),  # each brings its own, whichever is first
}
"""What well-known libraries replace when they are imported; that is not undone."""
_CODE = (
    types.FunctionType, types.BuiltinFunctionType, type, types.ModuleType, property, classmethod, staticmethod,
    types.MethodDescriptorType, types.WrapperDescriptorType, types.GetSetDescriptorType, types.MethodType,
)  # fmt: skip
_FUNCTION = types.FunctionType
_BODY = tuple(map(attrgetter, ("__code__", "__defaults__", "__kwdefaults__")))
_GONE = object()
_STATE_OF_MODULES = frozenset({"__spec__", "__loader__", "__builtins__"})


class Patches:
    """The code of the program, as recorded.

    All names of a module are recorded, and only those that changed are asked whether they are code: thousands are
    compared for each pack, and hardly ever has one changed.
    """

    def __init__(self) -> None:
        self._seen: set[object] = set()
        self._places: list[tuple[str, Any, dict[str, Any]]] = []
        self._functions: list[types.FunctionType] = []
        self._bodies: tuple[list[Any], ...] = ([], [], [])
        self._constants: list[tuple[str, Any, Any]] = []
        self._broken: dict[str, Any] = {}
        self._builtins = {name: value for name, value in vars(builtins).items() if name != "_"}
        self._copy_builtins = vars(builtins).copy
        self._restore_builtins = partial(vars(builtins).update, self._builtins)

    def look(self) -> None:
        """Record modules that were loaded since the last time."""
        for name, module in list(sys.modules.items()):
            if name in self._seen:
                continue
            self._seen.add(name)
            vital = isinstance(name, str) and (name in _VITAL or name.partition(".")[0] in _HOUSE)
            if vital and isinstance(module, types.ModuleType):
                self._look_at(name, module)

    def restore_builtins(self) -> None:
        """Restore built-in names first: without `isinstance` nothing else can be restored."""
        self._broken = self._copy_builtins()
        self._restore_builtins()

    def put_back(self) -> list[str]:
        """Undo replacements since the last record; return their names."""
        broken, self._broken = self._broken, {}
        found = [
            f"builtins.{name}"
            for name, value in self._builtins.items()
            if broken and broken.get(name, _GONE) is not value
        ]
        for name, owner, before in self._places:
            if not _begins_with(vars(owner), before):
                found += _put_back(name, owner, before)
        if any(list(map(part, self._functions)) != before for part, before in zip(_BODY, self._bodies, strict=True)):
            names = self._names_of_functions()
            for function, *body in zip(self._functions, *self._bodies, strict=True):
                if [part(function) for part in _BODY] != body:
                    function.__code__, function.__defaults__, function.__kwdefaults__ = body
                    found.append(names.get(id(function), function.__qualname__))
        for name, value, content in self._constants:
            if value != content:
                _refill(value, content)
                found.append(name)
        return found

    def _look_at(self, name: str, module: types.ModuleType) -> None:
        names = vars(module).copy()
        self._places.append((name, module, names))
        if name.partition(".")[0] in _HOUSE:
            self._constants += [
                (f"{name}.{key}", value, value.copy())
                for key, value in names.items()
                if type(value) in (dict, list, set) and key.isupper()
            ]
        functions = [value for value in names.values() if type(value) is _FUNCTION and value.__module__ == name]
        for value in names.values():
            if isinstance(value, type) and value.__module__ == name:
                methods = vars(value).copy()
                self._places.append((f"{name}.{value.__qualname__}", value, methods))
                functions += [each for each in methods.values() if type(each) is _FUNCTION]
        self._functions += functions
        for part, bodies in zip(_BODY, self._bodies, strict=True):
            bodies += map(part, functions)

    def _names_of_functions(self) -> dict[int, str]:
        """Return the names of the recorded functions by their identity."""
        names: dict[int, str] = {}
        for place, owner, before in self._places:
            for key, value in before.items():
                if type(value) is _FUNCTION and (isinstance(owner, type) or value.__module__ == place):
                    names.setdefault(id(value), f"{place}.{key}")
        return names


def _begins_with(now: Mapping[str, Any], before: Mapping[str, Any]) -> bool:
    """Return whether a namespace is as before, but for names that were added to its end: without a look-up of each."""
    return len(before) <= len(now) and all(map(is_, before, now)) and all(map(is_, before.values(), now.values()))


def _put_back(place: str, owner: Any, before: dict[str, Any]) -> Iterator[str]:
    holds_constants = isinstance(owner, types.ModuleType) and place.partition(".")[0] in _HOUSE
    for key, value in before.items():
        new = vars(owner).get(key, _GONE)
        if new is value or not (_is_code(key, value) or (holds_constants and key.isupper())):
            continue
        if _is_known(f"{place}.{key}", new):
            before[key] = new
        elif _attempt(partial(setattr, owner, key, value)):
            yield f"{place}.{key}"


def _is_code(key: str, value: object) -> bool:
    return isinstance(value, _CODE) and key not in _STATE_OF_MODULES


def _refill(value: Any, content: Any) -> None:
    value.clear()
    value.extend(content) if isinstance(value, list) else value.update(content)


def _is_known(name: str, new: object) -> bool:
    return str(getattr(new, "__module__", "")).startswith(_KNOWN.get(name, ()))


def _attempt(act: Callable[[], object]) -> bool:
    try:
        act()
    except (AttributeError, TypeError):
        return False  # an immutable type, so it cannot have been changed either
    return True
