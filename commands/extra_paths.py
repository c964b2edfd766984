"""`extra_model_paths.yaml`: other folders with models, in the format that the programs of this field share.

A section names folders by kind, relative to its `base_path`; `is_default: true` puts them before Jacquard's own:

    another_program:
        base_path: ~/another-program
        checkpoints: models/Stable-diffusion
        loras: |
            models/Lora
            models/LyCORIS

An entry that cannot be used is named, with its section, and takes nothing else away. Makes no folder and opens none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from graph.base.plain_files import open_plain

FILE_NAME = "extra_model_paths.yaml"
_MOST_BYTES = 2**20
_FORMER_NAMES = {
    "clip": "text_encoders",
    "unet": "diffusion_models",
    "t2i_adapter": "controlnet",
    "stable_diffusion": "checkpoints",
    "lora": "loras",
    "lycoris": "loras",
    "esrgan": "upscale_models",
    "realesrgan": "upscale_models",
    "swinir": "upscale_models",
    "embedding": "embeddings",
    "hypernetwork": "hypernetworks",
}
"""Other names of folder kinds, in earlier versions and in other programs."""
_OF_OTHER_THINGS = {"configs", "datasets", "fonts"}
"""What such files also name, and holds no models."""
_RESERVED = {"input", "output", "temp", "custom_nodes"}
_UNSET = re.compile(r"\$(?:\w+|\{[^}]*\})|%\w+%")


@dataclass(frozen=True, slots=True)
class ExtraPaths:
    """Folders by kind: those that come before Jacquard's own, and those that come after; and what could not be used."""

    before: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    after: Mapping[str, Sequence[Path]] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def read_extra_paths(files: Sequence[Path], *, needed: Sequence[Path] = ()) -> ExtraPaths:
    """Returns what some files name, one after the other; one that is not there is a problem only if it is `needed`."""
    reading = _Reading()
    for file in dict.fromkeys([*files, *needed]):
        if file in needed or os.path.lexists(file):
            reading.read(file)
    return ExtraPaths(reading.before, reading.after, tuple(reading.problems))


def plain_kind(name: str) -> str:
    """Returns the folder kind that a name means, such as 'diffusion_models' for 'unet' and 'loras' for 'Lora'."""
    plain = name.strip().lower().replace("-", "_").replace(" ", "_")
    return _FORMER_NAMES.get(plain, plain)


def as_notice(problems: Sequence[str]) -> str:
    """Returns problems as a notice of one or two sentences; '' without any."""
    more = f" {len(problems) - 1} more: 'python main.py models' lists them." if len(problems) > 1 else ""
    return f"{problems[0]}{more}" if problems else ""


class _Reading:
    """The folders and problems that were found so far."""

    def __init__(self) -> None:
        self.before: dict[str, list[Path]] = {}
        self.after: dict[str, list[Path]] = {}
        self.problems: list[str] = []

    def read(self, file: Path) -> None:
        try:
            found = _parse(file)
        except OSError as error:
            self.problems.append(f"{file} cannot be read: {error.strerror or error}.")
        except ValueError as error:
            self.problems.append(f"{file} is left out: {error}.")
        else:
            for section, entries in found.items():
                for problem in self._take(entries, file):
                    self.problems.append(f"{file}, section {str(section)!r}: {problem}.")

    def _take(self, entries: Any, file: Path) -> Iterator[str]:
        """Takes the folders of a section; yields what is wrong with it."""
        if not isinstance(entries, dict):
            yield "it is no list of folders by kind; write 'checkpoints: path' below it"
            return
        base = file.absolute().parent
        given = entries.get("base_path")
        if isinstance(given, str) and given.strip():
            expanded = os.path.expandvars(os.path.expanduser(given.strip()))  # noqa: PTH111 - both, in this order
            if unset := _UNSET.search(expanded):
                yield f"{unset[0]} in its base_path is not set, so its folders are left out"
                return
            base = base / expanded
            if not _is_folder(base):
                yield f"there is no folder {base}, its base_path; its models are listed once it is there"
        elif given is not None:
            yield f"base_path is {given!r}; expected a folder, so the paths are relative to the folder of the file"
        first = entries.get("is_default", False)
        if not isinstance(first, bool):
            yield f"is_default is {first!r}; expected true or false, so its folders come last"
        kinds = {name: value for name, value in entries.items() if name not in ("base_path", "is_default")}
        if not kinds:
            yield "it names no folder; write 'checkpoints: path' below it"
        for name, value in kinds.items():
            yield from self._take_kind(name, value, base, self.before if first is True else self.after)

    def _take_kind(self, name: Any, value: Any, base: Path, into: dict[str, list[Path]]) -> Iterator[str]:
        kind = plain_kind(str(name))
        if kind in _OF_OTHER_THINGS or value is None:
            return
        if kind in _RESERVED or not re.fullmatch(r"\w{1,100}", kind):
            yield f"{name!r} is no kind of model folder"
            return
        paths = value.splitlines() if isinstance(value, str) else value
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            yield f"{name} is {value!r:.60}; expected a path, or several, one a line"
            return
        for path in (base / line.strip() for line in paths if line.strip()):
            if os.path.exists(path) and not _is_folder(path):  # noqa: PTH110 - a `Path` may raise here
                yield f"{path}, named for {name}, is no folder"
            elif path not in into.setdefault(kind, []):
                into[kind].append(path)
                if _is_folder(base) and not _is_folder(path):
                    yield f"there is no folder {path}, named for {name}; its models are listed once it is there"


def _is_folder(path: Path) -> bool:
    return os.path.isdir(path)  # noqa: PTH112 - a `Path` may raise where a folder may not be entered


def _parse(file: Path) -> dict[Any, Any]:
    """Returns the sections of a file. Raises `OSError`, and `ValueError` with what is wrong with it."""
    import yaml  # when there is such a file

    with open_plain(file) as opened:
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise ValueError(f"it has more than {_MOST_BYTES:,} bytes")
    try:
        found = yaml.safe_load(data)
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"it is no YAML; {line}{error.problem}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(
            f"it is no YAML; {str(error).splitlines()[0] if str(error) else type(error).__name__}"
        ) from None
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ValueError("it has no sections; expected a name, and below it 'base_path: ...' and 'checkpoints: ...'")
    return found
