"""The log of the server names files by the kind of their folder, and addresses as they were asked for."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from commands.server_log import PlaceFormatter
from graph.files.display_names import PlaceNames


def test_what_exceptions_say_is_told_without_places_of_the_machine(tmp_path: Path) -> None:
    formatter = PlaceFormatter(PlaceNames({"output": [tmp_path / "output"]}).shorten)
    path = tmp_path / "output" / "cat.png"
    try:
        path.read_bytes()
    except OSError as error:
        told = [
            logging.LogRecord("jacquard.server", logging.ERROR, "", 0, message, arguments, exc_info)
            for message, arguments, exc_info in (
                ("%s %s: %s", ("GET", "/api/v1/files/output/cat.png", error), None),
                ("%s is set aside", (path,), None),
                ("%s failed", ("/api/v1/runs",), sys.exc_info()),
            )
        ]
    lines = [formatter.format(record) for record in told]
    assert lines[0] == (
        "jacquard.server: GET /api/v1/files/output/cat.png: [Errno 2] No such file or directory: 'output/cat.png'"
    )
    assert lines[1] == "jacquard.server: output/cat.png is set aside"
    assert lines[2].startswith("jacquard.server: /api/v1/runs failed\nTraceback")
    assert all(str(tmp_path) not in line for line in lines)
