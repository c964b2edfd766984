"""The list of all models, for the command line and the editor, with how far it is.

`listing` never waits for headers: it tells what is known, and reads the others behind it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

from commands.model_library.homes import folder_of, holds, home_of, place_of
from commands.model_library.library import Library, Progress
from commands.model_library.overrides import FIELDS, TooManyOverridesError
from commands.model_library.words import with_article
from graph.files.folders import FileNameError, Files
from graph.files.listing import in_words, size_of
from server.errors import ApiError
from server.shapes.models import (
    ModelFamily,
    ModelFolder,
    ModelInfo,
    ModelLeftOut,
    ModelLicence,
    ModelNeed,
    ModelOverride,
    ModelReading,
    Models,
    WantedModel,
)
from server.shapes.workflows import TemplateNeed

if TYPE_CHECKING:
    from diffusion.model_files.companions import Need
    from diffusion.model_files.model_file import ModelFile

NOTHING_TO_READ = ModelReading(read=0, of=0)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a model lies."""

    folder: str
    name: str
    path: Path


class ModelListing:
    """Lists the models in the folders of some kinds; the `ModelCollection` of the server."""

    def __init__(self, files: Files, library: Library, kinds: Sequence[str], problems: Sequence[str] = ()) -> None:
        self._files = files
        self._library = library
        self._kinds = tuple(kinds)
        self._problems = list(problems)
        self._lock = threading.Lock()
        self._reader: threading.Thread | None = None
        self._reading = NOTHING_TO_READ
        self._closed = False

    def listing(self) -> Models:
        """Returns what is known by now, and goes on reading what is not."""
        places, left_out = self._places()
        found = self._library.known([place.path for place in places])
        unread = [place.path for place, item in zip(places, found, strict=True) if item is None]
        return self._models(places, found, left_out, self._read_behind(unread))

    def complete(self, progress: Progress | None = None) -> Models:
        """Returns everything, once it was read."""
        places, left_out = self._places()
        found = self._library.look([place.path for place in places], progress)
        return self._models(places, found, left_out, NOTHING_TO_READ)

    def of_path(self, path: Path) -> ModelInfo:
        """Returns what any file is, also beside the folders of models."""
        (found,) = self._library.look([path])
        places, _ = self._places()
        place = next((item for item in places if _is_same(item.path, path)), _Place("", str(path), path))
        return self._info(place, found, self._library.override(path), self._partners())

    def supply(self, wanted: WantedModel) -> TemplateNeed:
        """Returns what a kind of file is called, where it goes, and which files are there that would do."""
        from diffusion.families.table import FAMILIES
        from diffusion.model_files.model_file import KINDS

        folder = home_of(wanted.kind)
        family = FAMILIES[wanted.family].name if wanted.family in FAMILIES else wanted.family
        listing, paths = self._files.located(folder)
        found = self._library.known([paths[name] for name in listing.names])
        self._read_behind([paths[name] for name, item in zip(listing.names, found, strict=True) if item is None])
        return TemplateNeed(
            what=f"{KINDS.get(wanted.kind, wanted.kind)} {wanted.role}"
            if wanted.role
            else f"{KINDS.get(wanted.kind, wanted.kind)} of {family}",
            place=place_of(folder),
            such_as=list(wanted.such_as),
            there=[
                name
                for name, item in zip(listing.names, found, strict=True)
                if item is not None and item.is_usable and _is_wanted(item, wanted)
            ],
        )

    def override(self, wanted: ModelOverride) -> ModelInfo:
        """Sets what a file is; raises `ApiError` for one that is not there, and for what no file can be."""
        try:
            path = self._files.path(wanted.folder, wanted.name)
        except FileNameError as error:
            raise ApiError(404, "not_found", f"{error}.", error.remedy) from None
        self.override_path(path, wanted)
        (found,) = self._library.look([path])
        place = _Place(wanted.folder, wanted.name, path)
        return self._info(place, found, self._library.override(path), self._partners())

    def override_path(self, path: Path, wanted: ModelOverride) -> None:
        """Sets what the file or folder at a path is. Raises `ApiError`."""
        values = {name: getattr(wanted, name) for name in FIELDS}
        _check(values)
        try:
            self._library.set_override(path, values)
        except TooManyOverridesError as error:
            raise ApiError(409, "too_many", f"{error}.") from None
        except OSError as error:
            raise ApiError(500, "disk", f"That cannot be kept: {in_words(error)}.", "Look at the disk.") from None

    def kinds(self) -> dict[str, str]:
        """Returns the kinds of files by id, with their names for persons."""
        from diffusion.model_files.model_file import KINDS

        return dict(KINDS)

    def close(self) -> None:
        """Stops reading, and closes the library."""
        self._closed = True
        self._library.close()
        with self._lock:
            reader = self._reader
        if reader is not None:
            reader.join()

    # What lies there

    def _places(self) -> tuple[list[_Place], list[ModelLeftOut]]:
        places: list[_Place] = []
        left_out: list[ModelLeftOut] = []
        for folder in self._kinds:
            listing, paths = self._files.located(folder)
            places += [_Place(folder, name, paths[name]) for name in listing.names]
            left_out += [ModelLeftOut(folder=folder, name=item.name, reason=item.reason) for item in listing.left_out]
        return places, left_out

    def _read_behind(self, paths: Sequence[Path]) -> ModelReading:
        """Reads in a thread what nobody reads yet; returns how far that is."""
        with self._lock:
            if self._reader is not None:
                return self._reading
            if not paths or self._closed:
                return NOTHING_TO_READ
            self._reading = ModelReading(read=0, of=len(paths))
            self._reader = threading.Thread(target=self._read, args=(paths,), name="jacquard-models", daemon=True)
            self._reader.start()
            return self._reading

    def _read(self, paths: Sequence[Path]) -> None:
        def report(read: int, of: int) -> None:
            self._reading = ModelReading(read=read, of=of)

        try:
            self._library.look(paths, report, lambda: self._closed)
        finally:
            with self._lock:
                self._reader = None

    # What it is

    def _models(
        self,
        places: Sequence[_Place],
        found: Sequence[ModelFile | None],
        left_out: list[ModelLeftOut],
        reading: ModelReading,
    ) -> Models:
        partners = _find_partners(places, found)
        overrides = self._library.overrides([place.path for place in places])
        return Models(
            reading=reading,
            folders=[ModelFolder(kind=kind, place=place_of(kind), holds=holds(kind)) for kind in self._kinds],
            kinds=self.kinds(),
            families=_families(),
            models=list(map(self._info, places, found, overrides, repeat(partners))),
            left_out=left_out,
            problems=self._problems,
        )

    def _partners(self) -> Callable[[Need], list[str]]:
        places, _ = self._places()
        return _find_partners(places, self._library.known([place.path for place in places]))

    def _info(
        self,
        place: _Place,
        found: ModelFile | None,
        override: Mapping[str, str],
        partners: Callable[[Need], list[str]],
    ) -> ModelInfo:
        is_bundled = place.path == self._files.bundled.get(place.folder, {}).get(place.name)
        if found is None:
            size = size_of(place.path)
            return ModelInfo(folder=place.folder, name=place.name, bytes=size, kind="", bundled=is_bundled)
        from diffusion.model_files.companions import goes_with

        licence = found.licence
        return ModelInfo(
            folder=place.folder,
            name=place.name,
            bytes=found.size,
            kind=found.kind,
            family=found.family,
            variant=found.variant,
            what=found.name,
            precision=found.precision,
            format=found.format,
            parts=list(found.parts),
            needs=[
                ModelNeed(kind=need.kind, role=need.role, names=list(need.names), there=partners(need))
                for need in goes_with(found)
            ],
            licence=ModelLicence(name=licence.name, source=licence.source, limits=licence.limits) if licence else None,
            problem=found.problem,
            remedy=found.remedy,
            belongs=folder_of(found.kind, place.folder),
            bundled=is_bundled,
            override=dict(override),
        )


def _find_partners(places: Sequence[_Place], found: Sequence[ModelFile | None]) -> Callable[[Need], list[str]]:
    """Returns what tells the files that fit a need, as folder/name."""
    others = [
        (f"{place.folder}/{place.name}", item)
        for place, item in zip(places, found, strict=True)
        if item is not None and item.serves and not folder_of(item.kind, place.folder)
    ]
    known: dict[Need, list[str]] = {}

    def partners(need: Need) -> list[str]:
        if need not in known:
            known[need] = [name for name, item in others if need.fits(item)]
        return known[need]

    return partners


def _is_wanted(found: ModelFile, wanted: WantedModel) -> bool:
    if found.kind != wanted.kind:
        return False
    if found.kind in ("checkpoint", "denoiser"):
        return found.family == wanted.family and found.variant in wanted.variants
    return wanted.family in found.serves and (not wanted.role or wanted.role in found.parts)


def _families() -> list[ModelFamily]:
    """Return each family once: of some there are several rows, for networks of unlike names or for their versions."""
    from diffusion.families.table import FAMILIES
    from diffusion.model_files.known import KNOWN

    found = {
        family.id: ModelFamily(id=family.id, name=family.name, variants=dict(family.variants), usable=True)
        for family in FAMILIES.values()
    }
    for row in KNOWN:
        variants = {item.id: item.name for item in row.variants}
        one = found.setdefault(row.id, ModelFamily(id=row.id, name=row.name, variants={}, usable=False))
        one.variants.update((name, words) for name, words in variants.items() if name not in one.variants)
    return list(found.values())


def _check(values: dict[str, str]) -> None:
    """Raises `ApiError` for what no file can be."""
    from diffusion.model_files.model_file import KINDS

    families = {family.id: family for family in _families()}
    kinds = [kind for kind in KINDS if kind not in ("unknown", "pickle")]
    kind, family, variant = values["kind"], values["family"], values["variant"]
    if kind and kind not in kinds:
        raise _refused(f"No file can be {with_article(repr(kind))}.", f"Use one of {', '.join(kinds)}.")
    if family and family not in families:
        raise _refused(f"There is no family {family!r}.", f"Use one of {', '.join(families)}.")
    variants = families[family].variants if family else {}
    if variant and variant not in variants:
        known = f"Use one of {', '.join(variants)}, or none." if variants else "Leave it out, or say the family."
        raise _refused(f"{family or 'No family'} has no variant {variant!r}.", known)


def _refused(message: str, remedy: str) -> ApiError:
    return ApiError(422, "no_such_model", message, remedy)


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False
