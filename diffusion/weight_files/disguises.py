"""What a file is instead of weights, by its first bytes: people find pages, pointers and pickles under such names."""

from __future__ import annotations

import re
from dataclasses import dataclass

LOOK = 512
"""How many bytes from the beginning are looked at."""

_CONVERT = "Make a safetensors file of it: python main.py convert FILE."


@dataclass(frozen=True)
class Disguise:
    """What the bytes are: `kind` for programs ("pickle", "pointer", "page", "archive", "text", "empty"), `what` as the
    end of the sentence "this is ..." and what a person does about it."""

    kind: str
    what: str
    remedy: str


_KNOWN = (
    (
        rb"version https://git-lfs",
        Disguise(
            "pointer",
            "a pointer of Git LFS, not the file",
            "Get the file itself: run git lfs pull where it comes from, or download it.",
        ),
    ),
    (
        rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|\?xml)",
        Disguise(
            "page",
            "a page of a web site, such as one for signing in",
            "Sign in there, or accept the terms of the model, and download the file again.",
        ),
    ),
    (rb"PK\x03\x04", Disguise("pickle", "a zip archive, as torch writes its pickles", _CONVERT)),
    (rb"\x80[\x02-\x05]", Disguise("pickle", "a pickle, which can run code when it is opened", _CONVERT)),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!|\xfd7zXZ|BZh|\x28\xb5\x2f\xfd", Disguise("archive", "a packed archive", "Unpack it.")),
    (
        rb"\x00{64}",
        Disguise("empty", "nothing but zeros, as of a download that did not end", "Download the file again."),
    ),
    (
        rb"\s*\{\s*\"",
        Disguise("text", "a text in JSON", "Download the file again; it may say why the last time failed."),
    ),
)


def disguise(begin: bytes, size: int) -> Disguise | None:
    """What a file of `size` bytes is that begins like this; None when nothing is known."""
    if size == 0:
        return Disguise("empty", "an empty file", "Download the file again.")
    for pattern, known in _KNOWN:
        if re.match(pattern, begin, re.IGNORECASE):
            return known
    try:
        begin.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if len(begin) >= 8 and not any(byte < 9 for byte in begin):
        return Disguise("text", "a text", "Download the file again; it may say why the last time failed.")
    return None
