"""The header of a weight file, whatever its format. Opens plain files only, and never waits for one."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.weight_files.disguises import LOOK, disguise
from diffusion.weight_files.gguf import MAGIC, read_gguf
from diffusion.weight_files.header import Header, UnreadHeader
from diffusion.weight_files.names import short
from diffusion.weight_files.safetensors import begin_safetensors

if TYPE_CHECKING:
    from io import BufferedReader
    from pathlib import Path

UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".incomplete", ".aria2", ".tmp")
"""What programs put behind the names of files that they are still downloading."""

_HOW = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)


def read_header(path: Path) -> Header:
    """Reads the names, types and shapes of a safetensors or GGUF file, and checks that the file is whole.

    Time and memory are bounded whatever the file says; an honest one takes milliseconds. Raises DiffusionError,
    with what was found and what to do, for a file that cannot be opened, is something else, is damaged, or lies.
    """
    return begin_header(path).read()


def begin_header(path: Path) -> UnreadHeader:
    """The same, read as far as its metadata: whoever knows another file of its likeness need not read on."""
    with open_plain(path) as file:
        size = os.fstat(file.fileno()).st_size
        begin = file.read(LOOK)
        file.seek(0)
        name = short(path)
        if path.suffix.lower() in UNFINISHED:
            raise DiffusionError(
                f"{name} is a download that has not ended.", remedy="Let it end, or download the file again."
            )
        if begin.startswith(MAGIC):
            header = read_gguf(file, size, name)
            return UnreadHeader(size, 0, b"", {}, lambda: header)
        is_safetensors = begin[8:9] == b"{" and int.from_bytes(begin[:8], "little") <= size - 8
        if not is_safetensors and (found := disguise(begin, size)):
            raise DiffusionError(f"{name} holds no weights: this is {found.what}.", remedy=found.remedy)
        return begin_safetensors(file, size, name)


def open_plain(path: Path) -> BufferedReader:
    """Opens a plain file; raises DiffusionError for pipes, devices, folders, and what cannot be opened."""
    try:
        descriptor = os.open(path, _HOW)  # does not wait for the other end of a pipe
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    except FileNotFoundError as error:
        raise DiffusionError(f"There is no file {short(path)}.", remedy="Choose one of those listed.") from error
    except (OSError, ValueError) as error:
        if not path.exists() or path.is_file():
            reason = getattr(error, "strerror", None) or "its name is no name of a file"
            raise DiffusionError(
                f"{short(path)} cannot be opened: {reason}.", remedy="Check the file and who may read it."
            ) from error
    raise DiffusionError(f"{short(path)} is not a plain file.", remedy="Put the file itself there.")
