"""Model files: what each is, what goes with it, under which terms, or why it cannot be used."""

from __future__ import annotations

import msgspec


class ModelLicence(msgspec.Struct, kw_only=True, frozen=True):
    """The terms of the original weights, with the page that says so."""

    name: str
    source: str
    limits: str
    """What to know before using pictures; empty where there is nothing."""


class ModelNeed(msgspec.Struct, kw_only=True, frozen=True):
    """What a model needs beside itself."""

    kind: str
    role: str
    names: list[str]
    """What such files are usually called, without suffix."""
    there: list[str]
    """The files here that fit, as folder/name."""


class ModelInfo(msgspec.Struct, kw_only=True):
    """A model file, or a folder that is one model."""

    folder: str
    name: str
    bytes: int
    kind: str
    """Empty until its header was read."""
    family: str = ""
    variant: str = ""
    what: str = ""
    """What it is, for persons: Flux.1 schnell."""
    precision: str = ""
    format: str = ""
    parts: list[str] = []
    """What is inside, by roles: denoiser, vae, clip_l."""
    needs: list[ModelNeed] = []
    licence: ModelLicence | None = None
    problem: str = ""
    """Why it cannot be used; empty if it can."""
    remedy: str = ""
    belongs: str = ""
    """The folder that nodes look for it in, where it lies in another one."""
    bundled: bool = False
    """It comes with Jacquard."""
    override: dict[str, str] = {}
    """What a person set against what it looks like."""


class ModelFolder(msgspec.Struct, kw_only=True, frozen=True):
    """A folder kind of models."""

    kind: str
    place: str
    """Where files of this kind go."""
    holds: str
    """What they are, for persons; empty for folders that no node reads yet."""


class ModelFamily(msgspec.Struct, kw_only=True, frozen=True):
    """A family that models may be of."""

    id: str
    name: str
    variants: dict[str, str]
    usable: bool


class ModelLeftOut(msgspec.Struct, kw_only=True, frozen=True):
    """A file of a model folder that cannot be looked at, and why."""

    folder: str
    name: str
    reason: str


class ModelReading(msgspec.Struct, kw_only=True, frozen=True):
    """How many headers were read, of how many new files."""

    read: int
    of: int


class Models(msgspec.Struct, kw_only=True):
    """The model files of an installation."""

    reading: ModelReading
    folders: list[ModelFolder]
    kinds: dict[str, str]
    """The kinds of files by id, with their names for persons."""
    families: list[ModelFamily]
    models: list[ModelInfo]
    left_out: list[ModelLeftOut]
    problems: list[str]
    """What is wrong with the settings of folders."""


class ModelAnswer(msgspec.Struct, kw_only=True):
    """One model file."""

    model: ModelInfo


class ModelOverride(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a model file is, against what it looks like; empty fields count as it looks, all empty ones forget it."""

    folder: str
    name: str
    kind: str = ""
    family: str = ""
    variant: str = ""
    """Of the family that is given with it; empty for the plain one."""


class WantedModel(msgspec.Struct, kw_only=True, frozen=True):
    """A kind of model file that a workflow names for an input: what its `models` hold."""

    kind: str
    family: str
    variants: tuple[str, ...] = ("",)
    """Of denoisers and checkpoints: which will do; "" is the plain one."""
    role: str = ""
    """Of text encoders."""
    such_as: tuple[str, ...] = ()
