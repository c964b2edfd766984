"""No path of the machine is in what others are told; what is meant can be found all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from graph.files.display_names import PlaceNames

NAMES = PlaceNames(
    {
        "": [Path("/srv/jq"), Path("/srv/jq/custom_nodes")],
        "output": [Path("/srv/jq/output"), Path("/mnt/big disk/out")],
        "python": [Path("/usr/lib/python3.11")],
    }
)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('File "/srv/jq/nodes/save_image.py", line 12', 'File "nodes/save_image.py", line 12'),
        ('File "/srv/jq/custom_nodes/pack/x.py", line 3', 'File "pack/x.py", line 3'),
        ("[Errno 2] No such file: '/srv/jq/output/cat.png'", "[Errno 2] No such file: 'output/cat.png'"),
        ("cannot write /mnt/big disk/out/a b.png", "cannot write output/a b.png"),
        ("/srv/jq/output is full", "output is full"),
        ("/srv/jq is full", ". is full"),
        ('File "/usr/lib/python3.11/json/__init__.py"', 'File "python/json/__init__.py"'),
        ("No such file: '/home/somebody/my secrets/x.png'", "No such file: '.../x.png'"),
        ("see /home/somebody/secrets/x.png, please", "see .../x.png, please"),
        (r"C:\Users\somebody\x.png is gone", r".../x.png is gone"),
        ("/srv/jq2/output/x.png", ".../x.png"),
        ("a cat and/or a dog, 1/2 of it", "a cat and/or a dog, 1/2 of it"),
        ("https://example.org/a/b.html", "https://example.org/a/b.html"),
        ("nothing at all", "nothing at all"),
    ],
)
def test_paths_are_told_by_their_place(text: str, told: str) -> None:
    assert NAMES.shorten(text) == told
    assert NAMES.shorten(told) == told
