"""Digests of literals, code and files, which cache keys are made of.

Every encoding is tagged with its type, so that 1, 1.0, True, "1", [1] and {"1": 1} all differ, and is the same in
every process. Values that cannot be encoded raise `TypeError`: unknown means "do not reuse", never "assume equal".
"""

from __future__ import annotations

import hashlib
import inspect
import os
import struct
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from graph.files.folders import Files
from graph.files.listing import files_in
from graph.node_types.body import Body

DIGEST_SIZE = 16


def digest(*parts: bytes) -> bytes:
    """Return a 128-bit digest of some byte strings (BLAKE2b, RFC 7693)."""
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_SIZE).digest()


def encode(value: Any) -> bytes:
    """Return bytes that are equal exactly for equal literals of equal type.

    Accepts the types of workflow files (None, bool, int, float, str, list, dict), bytes, tuples and bodies.
    """
    kind = type(value)
    if kind is str:
        text: bytes = value.encode("utf-8", "surrogatepass")
        return b"s%d:" % len(text) + text
    if kind is int:
        return b"i%x;" % value  # hexadecimal: Python writes no decimal of more than 4300 digits
    if kind is float:
        return b"f" + struct.pack(">d", value)
    if kind is bool:
        return b"T" if value else b"F"
    if value is None:
        return b"N"
    if kind is list:
        return b"l%d:" % len(value) + b"".join(map(encode, value))
    if kind is tuple:
        return b"t%d:" % len(value) + b"".join(map(encode, value))
    if kind is bytes:
        return b"b%d:" % len(value) + bytes(value)
    if kind is dict:
        items = sorted(encode(key) + encode(item) for key, item in value.items())
        return b"d%d:" % len(items) + b"".join(items)
    if kind is Body and value.identity:
        return b"w" + bytes(value.identity)
    raise TypeError(f"{kind.__name__} has no identity that a cache key could be made of")


def code_fingerprint(definition: Callable[..., object]) -> str:
    """Return a fingerprint of the source file that defines a function or class.

    Without a file, a function has a fingerprint of its byte code, and a class has none: '' is returned.
    """
    try:
        path = inspect.getsourcefile(definition)
    except TypeError:  # a class whose module has no file
        path = None
    if path and Path(path).is_file():
        return _file_fingerprint(path)
    code = getattr(definition, "__code__", None)
    if code is None:
        return ""
    return digest(code.co_code, repr(code.co_consts).encode(), repr(code.co_names).encode()).hex()


@cache
def _file_fingerprint(path: str) -> str:
    # Read once per process: the imported code runs, not what an editor saved since.
    return digest(Path(path).read_bytes()).hex()


State = tuple[int, int, int]


def file_state(status: os.stat_result) -> State:
    """Return what changes with a file: its size, and the times of its last change of content and of metadata.

    A copy that keeps the modification time of its original has another time of metadata.
    """
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


def file_identity(path: Path) -> tuple[object, ...]:
    """Return what changes with a file, or with any file of a model folder: names and states.

    Raises `OSError` when the path cannot be read.
    """
    if not path.is_dir():
        name = Path(os.path.realpath(path)).name if path.is_symlink() else path.name  # a link may be pointed elsewhere
        return (name, *file_state(path.stat()))
    return tuple((name, *file_identity(item)[1:]) for name, item in files_in(path))


def chosen_file_identity(files: Files, folder: str, name: str) -> tuple[object, ...]:
    """Return what changes with a file that an input chooses: the file, and what a person set against how it looks.

    Raises `OSError` when it cannot be read, and `FileNameError` when it is not there.
    """
    path = files.path(folder, name)
    override = files.kinds.override(path)
    return (*file_identity(path), dict(override)) if override else file_identity(path)
