"""Files of the user: choices of file inputs, uploads."""

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


class Upload(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A picture to store in the input folder."""

    file: File
    subfolder: str = ""


class Uploaded(msgspec.Struct, kw_only=True):
    """The name of an upload in the input folder."""

    name: str
