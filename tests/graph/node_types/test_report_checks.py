"""What a node tells of itself is checked where it is told: what passes is plain, whole and bounded."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest

from graph.base.errors import NodeError
from graph.node_types.report_checks import (
    LONGEST_MESSAGE,
    LONGEST_NAME,
    LONGEST_TRACEBACK,
    MOST_PREVIEW_BYTES,
    attribute,
    bounded,
    check_artifact,
    check_progress,
    media_of,
    traceback_of,
    whole_text,
    words,
)

PNG = b"\x89PNG\r\n\x1a\n"
WEBP = b"RIFF\0\0\0\0WEBP"


class UntellableError(Exception):
    """An exception that cannot say what it is."""

    def __str__(self) -> str:
        raise RuntimeError("not even that")

    @property
    def remedy(self) -> str:
        raise RuntimeError("nor this")


def test_a_file_that_a_node_made_is_taken() -> None:
    check_artifact("output", "cats/a b.png", "image/png")
    check_artifact("temp", "a.png", "image/png", "noise level 3")


@pytest.mark.parametrize(
    ("artifact", "what"),
    [
        (("", "a.png", "image/png"), "folder"),
        (("output", 7, "image/png"), "name is int 7"),
        (("output", "a.png", None), "media type is NoneType"),
        (("output", "x" * (LONGEST_NAME + 1), "image/png"), "name"),
        (("output", "half \ud800", "image/png"), "half a character"),
        (("output", "a.png", "image/png", 7), "label is int 7"),
        (("output", "a.png", "image/png", "half \ud800"), "half a character"),
        (("output", "../a.png", "image/png"), "name is not allowed"),
        (("output", "/a.png", "image/png"), "name is not allowed"),
    ],
)
def test_what_cannot_be_a_file_that_a_node_made_is_the_nodes_error(artifact: tuple[object, ...], what: str) -> None:
    with pytest.raises(NodeError, match=what) as caught:
        check_artifact(*artifact)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("value", "found"),
    [(3, 3), (0.5, 0.5), (Fraction(1, 2), 0.5), (True, 1.0), (2**60, float(2**60)), (math.inf, 0.0), (math.nan, 0.0)],
)
def test_progress_is_a_finite_number(value: object, found: float) -> None:
    assert check_progress(value, 10, None)[0] == found
    assert check_progress(1, value, None)[1] == found


@pytest.mark.parametrize("value", ["3", None, [], 1j, object()])
def test_what_is_no_number_is_no_progress(value: object) -> None:
    with pytest.raises(NodeError, match="as its value; expected a number"):
        check_progress(value, 10, None)
    with pytest.raises(NodeError, match="as its maximum; expected a number"):
        check_progress(1, value, None)


@pytest.mark.parametrize("preview", [PNG, bytearray(PNG), memoryview(PNG), WEBP, b"\xff\xd8\xff more"])
def test_a_preview_is_the_bytes_of_a_picture(preview: bytes) -> None:
    found = check_progress(1, 2, preview)[2]
    assert found == bytes(preview)
    assert type(found) is bytes


@pytest.mark.parametrize("preview", ["text", object(), b"", b"GIF89a", PNG + bytes(MOST_PREVIEW_BYTES)])
def test_anything_else_is_no_preview(preview: object) -> None:
    with pytest.raises(NodeError, match="preview") as caught:
        check_progress(1, 2, preview)
    assert caught.value.remedy


@pytest.mark.parametrize(
    ("picture", "media"),
    [(PNG, "image/png"), (b"\xff\xd8\xff", "image/jpeg"), (WEBP, "image/webp"), (b"RIFF\0\0\0\0WAVE", ""), (b"", "")],
)
def test_the_kind_of_a_picture_is_told_by_its_first_bytes(picture: bytes, media: str) -> None:
    assert media_of(picture) == media


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("it is torn"), "ValueError: it is torn"),
        (ValueError(), "ValueError"),
        (KeyError("x"), "KeyError: 'x'"),
        (NodeError("it is torn", remedy="mend it"), "it is torn"),
        (NodeError("half \ud800"), "half \ufffd"),
        (UntellableError(), "UntellableError"),
    ],
)
def test_what_an_exception_says(error: Exception, said: str) -> None:
    assert words(error) == said


def test_what_is_said_is_bounded() -> None:
    assert len(words(ValueError("x" * 10_000))) == LONGEST_MESSAGE
    assert bounded("abcdefghij", 10) == "abcdefghij"
    assert bounded("abcdefghijk", 10) == "abcdef ..."


def test_an_attribute_is_text_and_empty_where_it_cannot_be_told() -> None:
    assert attribute(NodeError("x", remedy="mend it"), "remedy") == "mend it"
    assert attribute(ValueError("x"), "remedy") == ""
    assert attribute(UntellableError(), "remedy") == ""
    assert len(attribute(NodeError("x", remedy="y" * 5_000), "remedy")) == LONGEST_NAME


def test_the_end_of_a_long_traceback_is_told() -> None:
    def deeper(level: int) -> None:
        if level:
            deeper(level - 1)
        raise ValueError("x" * 30_000 + " the end")

    with pytest.raises(ValueError) as caught:
        deeper(3)
    told = traceback_of(caught.value)
    assert len(told) == LONGEST_TRACEBACK
    assert told.rstrip().endswith("the end")
    assert traceback_of(None) == ""


def test_half_a_character_gets_a_mark_and_whole_ones_stay() -> None:
    assert whole_text("ä \U0001f408 a") == "ä \U0001f408 a"
    assert whole_text("\ud83d\udc08 \ud800") == "\U0001f408 \ufffd"
