"""Where the name of a picture leads, and the words that the picture itself fills in."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from graph.api import NodeError
from nodes.file_names import place, warning

NOW = datetime(2026, 3, 7, 4, 5, 9, tzinfo=UTC)


def put(prefix, **words):
    return place(
        prefix, size=(640, 480), number=3, now=NOW, words={name.replace("_", "."): words[name] for name in words}
    )


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("cats/red/cat", (PurePosixPath("cats/red"), "cat")),
        ("cat", (PurePosixPath(), "cat")),
        ("%width%x%height%/%batch_num%", (PurePosixPath("640x480"), "3")),
        ("%A.b% %date:yyyy%", (PurePosixPath(), "7 2026")),
        ("cats/%A.b%.", (PurePosixPath("cats"), "7")),
    ],
)
def test_a_prefix_may_name_folders_and_hold_words(prefix, expected):
    assert put(prefix, A_b=7) == expected


@pytest.mark.parametrize("prefix", ["", "../cat", "a\\b", "cats/", ".x"])
def test_a_prefix_that_can_never_be_saved_is_refused_with_advice(prefix):
    with pytest.raises(NodeError) as caught:
        put(prefix)
    assert caught.value.input == "filename_prefix"
    assert caught.value.remedy


def test_a_value_of_the_workflow_does_not_stand_in_for_what_the_picture_says():
    assert place("%width%", size=(1, 2), number=0, now=NOW, words={"width": "no"}) == (PurePosixPath(), "1")


def test_words_that_nothing_is_known_for_are_told():
    assert warning("%A.b% %C.d% 100% wool", {"A.b": 1}) == (
        "%C.d% stays as it is in the file name, because the name was not known before the run"
    )
    assert warning("%A.b% %width% 100% wool", {"A.b": 1}) == ""
