"""Thumbnails are made whatever lies where they are kept: a damaged one, a folder, a file in the place of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.storage.picture_threads import PictureThreads
from server.storage.thumbnails import Thumbnails
from tests.support.server_nodes import PNG
from tests.support.serving import asynchronous


@pytest.mark.parametrize("wreck", ["empty", "cut", "bytes", "folder", "a file for the folder"])
@asynchronous
async def test_a_thumbnail_is_given_whatever_lies_in_its_place(tmp_path: Path, wreck: str) -> None:
    picture, folder = tmp_path / "a.png", tmp_path / "thumbnails"
    picture.write_bytes(PNG)
    threads = PictureThreads()
    try:
        whole = await Thumbnails(folder, threads).get(picture, 64)
        (kept,) = folder.glob("*/*.webp")
        data = kept.read_bytes()
        kept.unlink()
        if wreck == "folder":
            (kept / "x").mkdir(parents=True)
        elif wreck == "a file for the folder":
            kept.parent.rmdir()
            folder.rmdir()
            folder.touch()
        else:
            kept.write_bytes({"empty": b"", "cut": data[:-3], "bytes": b"\xff" * 100}[wreck])
        assert await Thumbnails(folder, threads).get(picture, 64) == whole
    finally:
        threads.close()
