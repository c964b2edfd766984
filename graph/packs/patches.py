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
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

_HOUSE = ("graph", "nodes", "server", "commands", "diffusion")
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
_KNOWN = {"inspect.getfile": "torch."}
"""What well-known libraries replace when they are imported; that is not undone."""
_CODE = (
    types.FunctionType, types.BuiltinFunctionType, type, types.ModuleType, property, classmethod, staticmethod,
    types.MethodDescriptorType, types.WrapperDescriptorType, types.GetSetDescriptorType, types.MethodType,
)  # fmt: skip
_kinds: dict[type, bool] = {}
"""Whether a type is among those: cached, because every start checks ten thousand values of a hundred types."""
_GONE = object()
_STATE_OF_MODULES = frozenset({"__spec__", "__loader__", "__builtins__"})


class Patches:
    """The code of the program, as recorded."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._places: list[tuple[str, Any, dict[str, Any]]] = []
        self._bodies: list[tuple[str, types.FunctionType, tuple[Any, ...]]] = []
        self._constants: list[tuple[str, Any, Any]] = []
        self._broken: dict[str, Any] = {}
        self._builtins = {name: value for name, value in vars(builtins).items() if name != "_"}
        self._copy_builtins = vars(builtins).copy
        self._restore_builtins = partial(vars(builtins).update, self._builtins)

    def look(self) -> None:
        """Record modules that were loaded since the last time."""
        for name, module in _modules():
            if name not in self._seen:
                self._seen.add(name)
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
            now = vars(owner)
            for key, value in before.items():
                new = now.get(key, _GONE)
                if new is value:
                    continue
                if _is_known(f"{name}.{key}", new):
                    before[key] = new
                elif _attempt(partial(setattr, owner, key, value)):
                    found.append(f"{name}.{key}")
        for name, function, body in self._bodies:
            if _body(function) != body:
                function.__code__, function.__defaults__, function.__kwdefaults__ = body
                found.append(name)
        for name, value, content in self._constants:
            if value != content:
                _refill(value, content)
                found.append(name)
        return found

    def _look_at(self, name: str, module: types.ModuleType) -> None:
        code = {key: value for key, value in _code_in(module) if key not in _STATE_OF_MODULES}
        constants: dict[str, Any] = {}
        if name.partition(".")[0] in _HOUSE:
            constants = {key: value for key, value in vars(module).items() if key.isupper()}
        self._places.append((name, module, {**code, **constants}))
        for key, value in constants.items():
            if type(value) in (dict, list, set):
                self._constants.append((f"{name}.{key}", value, value.copy()))
        for key, value in code.items():
            if isinstance(value, types.FunctionType) and value.__module__ == name:
                self._bodies.append((f"{name}.{key}", value, _body(value)))
            elif isinstance(value, type) and value.__module__ == name:
                methods = dict(_code_in(value))
                self._places.append((f"{name}.{key}", value, methods))
                self._bodies += [
                    (f"{name}.{key}.{each}", what, _body(what))
                    for each, what in methods.items()
                    if isinstance(what, types.FunctionType)
                ]


def _refill(value: Any, content: Any) -> None:
    value.clear()
    value.extend(content) if isinstance(value, list) else value.update(content)


def _modules() -> Iterator[tuple[str, types.ModuleType]]:
    for name, module in list(sys.modules.items()):
        vital = isinstance(name, str) and (name in _VITAL or name.partition(".")[0] in _HOUSE)
        if vital and isinstance(module, types.ModuleType):
            yield name, module


def _code_in(owner: Any) -> Iterator[tuple[str, Any]]:
    for key, value in vars(owner).items():
        kind = type(value)
        is_code = _kinds.get(kind)
        if is_code is None:
            is_code = _kinds[kind] = issubclass(kind, _CODE)
        if is_code:
            yield key, value


def _is_known(name: str, new: object) -> bool:
    library = _KNOWN.get(name)
    return library is not None and str(getattr(new, "__module__", "")).startswith(library)


def _body(function: types.FunctionType) -> tuple[Any, ...]:
    return function.__code__, function.__defaults__, function.__kwdefaults__


def _attempt(act: Callable[[], object]) -> bool:
    try:
        act()
    except (AttributeError, TypeError):
        return False  # an immutable type, so it cannot have been changed either
    return True
