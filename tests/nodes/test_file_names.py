"""What `%...%` in a prefix stands for, and which prefixes lead where."""

from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from graph.api import NodeError
from nodes.file_names import expand, place

NOW = datetime(2026, 3, 7, 4, 5, 9, tzinfo=UTC)
WORKFLOW = {
    "nodes": {
        "1": {"type": "KSampler", "inputs": {"seed": 77, "model": {"from": ["4", "MODEL"]}}},
        "2": {"type": "CLIPTextEncode", "title": "What to paint", "inputs": {"text": "a cat: 2/3?"}},
        "3": {"type": "@up", "title": "Larger", "inputs": {"times": 3}},
    },
    "subworkflows": {
        "up": {
            "inputs": [{"name": "times", "to": [["1", "scale_by"]]}],
            "nodes": {
                "1": {"type": "ImageScaleBy", "inputs": {"scale_by": 2, "upscale_method": "lanczos"}},
                "2": {"type": "KSampler", "inputs": {"seed": 78}},
            },
        }
    },
}


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("cat", "cat"),
        ("%year%-%month%-%day%", "2026-03-07"),
        ("%hour%%minute%%second%", "040509"),
        ("%width%x%height%", "640x480"),
        ("%date:yyyy-MM-dd%/cat", "2026-03-07/cat"),
        ("%date:yy.M.d hh-mm-ss%", "26.3.7 04-05-09"),
        ("%date:hh:mm%", "04_05"),
        ("%date:yyyy/MM%", "2026_03"),
        ("%KSampler.seed%", "77"),
        ("%What to paint.text%", "a cat_ 2_3_"),
        ("%KSampler.model%", "%KSampler.model%"),
        ("%Larger.times%", "3"),
        ("%ImageScaleBy.upscale_method%", "lanczos"),
        ("%ImageScaleBy.scale_by%", "%ImageScaleBy.scale_by%"),
        ("%Nothing.seed%", "%Nothing.seed%"),
        ("%batch_num%", "%batch_num%"),
        ("100%", "100%"),
        ("%unknown%", "%unknown%"),
    ],
)
def test_words(prefix, expected):
    assert expand(prefix, size=(640, 480), now=NOW, workflow=WORKFLOW) == expected


def test_a_prefix_may_name_folders():
    assert place("cats/red/cat") == (PurePosixPath("cats/red"), "cat")
    assert place("cat") == (PurePosixPath(), "cat")
    assert place(" cat ") == (PurePosixPath(), "cat")


@pytest.mark.parametrize(
    "prefix",
    [
        "",
        " ",
        "/etc/cat",
        "../cat",
        "a/../../cat",
        "C:/cat",
        "a\\b",
        "~/cat",
        "con",
        "a\0b",
        "cats/",
        "a:b",
        "x" * 201,
        "a. /b",
    ],
)
def test_a_prefix_that_leads_elsewhere_is_refused_with_advice(prefix):
    with pytest.raises(NodeError) as caught:
        place(prefix)
    assert caught.value.input == "filename_prefix"
    assert caught.value.remedy
