"""Files of the user: models, choices of file inputs, uploads."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

File = Annotated[Any, msgspec.Meta(extra_json_schema={"type": "string", "format": "binary"})]
"""Bytes instead of JSON: a part of an upload, or a whole answer."""


class LeftOut(msgspec.Struct, kw_only=True):
    """A file of a folder that cannot be used, and why."""

    name: str
    reason: str


class Choices(msgspec.Struct, kw_only=True):
    """The choices of a file input of a folder."""

    folder: str
    names: list[str]
    left_out: list[LeftOut]


class ModelFile(msgspec.Struct, kw_only=True):
    """A model file."""

    name: str
    bytes: int


class ModelLeftOut(msgspec.Struct, kw_only=True):
    """A file of a model folder that cannot be used, and why."""

    kind: str
    name: str
    reason: str


Models = Annotated[
    dict[str, list[ModelFile]],
    msgspec.Meta(
        extra_json_schema={
            "properties": {"left_out": {"type": "array", "items": {"$ref": "#/components/schemas/ModelLeftOut"}}},
            "required": ["left_out"],
        }
    ),
]
"""The model files by kind, and the files that are left out."""


class Upload(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture to store in the input folder."""

    file: File
    subfolder: str = ""


class Uploaded(msgspec.Struct, kw_only=True):
    """The name of an upload in the input folder."""

    name: str
