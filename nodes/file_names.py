"""Names of saved pictures: the words that a picture itself fills in, beside those of the date and of the workflow.

`%width% %height%` are the picture's, `%batch_num%` is its number in the batch. All others are told in
`graph.files.name_patterns`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any

from graph.api import FileNameError, NodeError, filled, unfilled

WORDS = ("width", "height", "batch_num")


def place(
    prefix: str, *, size: tuple[int, int], number: int, now: datetime, words: Mapping[str, Any]
) -> tuple[PurePosixPath, str]:
    """The sub-folder and the beginning of the name that a prefix means for one picture, safe on every operating system.

    `size` is (width, height). Raises `NodeError` for a prefix that can never be saved.
    """
    own = dict(zip(WORDS, (*size, number), strict=True))
    try:
        path = filled(prefix, {**words, **own}, now)
    except FileNameError as error:
        raise NodeError(str(error), input="filename_prefix", remedy=error.remedy) from None
    return path.parent, path.name


def warning(prefix: str, words: Mapping[str, Any]) -> str:
    """What is to be said of words that nothing could be filled in for; '' where there are none.

    That is so only in a name that was worked out in the run: what is written is checked before.
    """
    left = unfilled(prefix, {*words, *WORDS})
    if not left:
        return ""
    return f"{', '.join(left)} stays as it is in the file name, because the name was not known before the run"
