"""Opening a pickled weight file with torch's weights-only unpickler.

Names in a pickle that the unpickler does not know are of two kinds. Most belong to what a training program wrote beside
the weights (its callbacks, its optimizer); an inert object takes their place, and they are listed. Some are of no use
to any weight file and of much use to an attacker; a file that has one of them is refused whole.
"""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path
from typing import Any

import torch

from diffusion.errors import DiffusionError

_HARMFUL = frozenset({
    "__builtin__", "asyncio", "bdb", "builtins", "code", "codeop", "commands", "ctypes", "functools", "http",
    "importlib", "io", "marshal", "multiprocessing", "nt", "ntpath", "operator", "os", "pathlib", "pdb", "pickle",
    "pip", "pkgutil", "platform", "posix", "posixpath", "pty", "pydoc", "requests", "runpy", "shutil", "signal",
    "site", "smtplib", "socket", "ssl", "subprocess", "sys", "tempfile", "threading", "timeit", "types", "urllib",
    "webbrowser", "zipimport",
})  # fmt: skip
_HARMLESS = frozenset({
    "builtins.dict", "builtins.list", "builtins.set", "builtins.tuple", "builtins.int", "builtins.float",
    "builtins.str", "builtins.bool", "builtins.object", "builtins.complex", "builtins.bytearray",
    "builtins.frozenset", "builtins.slice", "builtins.range", "builtins.print", "pathlib.Path",
    "pathlib.PosixPath", "pathlib.WindowsPath", "pathlib.PurePath", "functools.partial",
})  # fmt: skip
"""Names of harmful modules that training programs do write, and that an inert object stands for as well."""
_ELSEWHERE = "Do not use this file. Get the model as a safetensors file, from its author's own page."


class Dropped:
    """Stands for an object of a class that is not loaded: takes everything, keeps nothing, does nothing."""

    def __new__(cls, *_: object, **__: object) -> Dropped:
        """An object, whatever it is made with."""
        return super().__new__(cls)

    def __setstate__(self, state: object) -> None:
        """Keeps nothing of it."""


def unpickle(path: Path) -> tuple[Any, list[str]]:
    """What a pickled weight file holds, and the names in it that were not loaded.

    Raises DiffusionError for a file that names what no weight file needs, and for one that cannot be read.
    """
    check_archive(path)
    try:
        names = sorted(torch.serialization.get_unsafe_globals_in_checkpoint(path))
    except (pickle.UnpicklingError, RuntimeError, ValueError, EOFError, KeyError, OSError, AttributeError) as error:
        names = _names_of_legacy(path, error)
    refuse_harmful(names, path.name)
    stand_ins = [(type("Dropped", (Dropped,), {}), name) for name in names]
    try:
        with torch.serialization.safe_globals(stand_ins):
            mapped = zipfile.is_zipfile(path)
            return torch.load(path, map_location="cpu", weights_only=True, mmap=mapped), names
    except MemoryError:
        raise
    except Exception as error:  # the unpickler of a damaged file raises nearly anything
        raise DiffusionError(
            f"{path.name} cannot be read as weights: {_first_line(error)}", remedy="Copy or download it again."
        ) from error


def check_archive(path: Path) -> None:
    """Raises DiffusionError for an archive that unpacks to more than it is: torch stores tensors as they are."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        unpacked = sum(item.file_size for item in archive.infolist())
    size = path.stat().st_size
    if unpacked > size:
        raise DiffusionError(
            f"{path.name} would unpack to {unpacked:,} bytes and has {size:,}; torch never writes such a file.",
            remedy=_ELSEWHERE,
        )


def refuse_harmful(names: list[str], file_name: str) -> None:
    """Raises DiffusionError when one of the names is of no use to a weight file and of much use to an attacker."""
    plain = [name.replace("__builtin__", "builtins") for name in names]  # as Python 2 spells it, and old protocols
    harmful = [name for name in plain if name.split(".")[0] in _HARMFUL and name not in _HARMLESS]
    if harmful:
        raise DiffusionError(
            f"{file_name} names {', '.join(harmful[:5])}, which no weight file needs. It was made to run something on "
            "the computer of whoever opens it.",
            remedy=_ELSEWHERE,
        )


def _names_of_legacy(path: Path, error: Exception) -> list[str]:
    """The names in a file of torch before 1.6: a row of pickles and the tensors behind them. Reads no tensor."""
    import pickletools

    found: set[str] = set()
    try:
        with path.open("rb") as file:
            for _ in range(5):  # magic number, version, system, the object, the keys of its tensors
                strings: list[str] = []
                for opcode, argument, _place in pickletools.genops(file):
                    if opcode.name == "GLOBAL":
                        found.add(str(argument).replace(" ", "."))
                    elif opcode.name in ("SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8", "UNICODE"):
                        strings = [*strings[-1:], str(argument)]
                    elif opcode.name == "STACK_GLOBAL" and len(strings) == 2:
                        found.add(".".join(strings))
    except (ValueError, EOFError) as broken:
        raise DiffusionError(
            f"{path.name} is no pickled weight file: {_first_line(error)}",
            remedy="Only .ckpt, .pt, .pth and .bin files that torch has written can be converted.",
        ) from broken
    known = torch._weights_only_unpickler._get_allowed_globals()
    return sorted(name for name in found if name not in known)


def _first_line(error: BaseException) -> str:
    """What an error says, in one line; torch begins with advice that is not for the person who converts a file."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    reason = next((line for line in lines if "WeightsUnpickler error" in line), lines[0])
    return reason.split("WeightsUnpickler error:")[-1].split("Please use")[0].strip()[:300]
