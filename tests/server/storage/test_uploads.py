"""Uploads: pictures only, whatever they call themselves; under a quota; with names that are safe and never taken."""

from __future__ import annotations

import asyncio
import io
import re
import struct
import threading
import zlib
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from PIL import Image

from server.errors import ApiError
from server.storage.picture_threads import PictureThreads
from server.storage.uploads import Upload, plain_stem
from tests.support.films import tiff
from tests.support.serving import Client, Server, asynchronous


def png(width: int = 3, height: int = 2, color: str = "blue") -> bytes:
    written = io.BytesIO()
    Image.new("RGB", (width, height), color).save(written, "PNG")
    return written.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def bomb(width: int, height: int) -> bytes:
    """A few bytes that claim to be a huge picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


def text_bomb() -> bytes:
    """A picture with a text chunk that unpacks to a gigabyte."""
    packed = zlib.compress(bytes(2**20), 9)
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(bytes(2**20)) for _ in range(200)) + packer.flush()
    picture = png()
    return picture[:33] + chunk(b"zTXt", b"key\0\0" + packed) + picture[33:]


async def upload(client: Client, data: bytes | io.BytesIO, name: str, expect: int = 201, **fields: str) -> Any:
    form = aiohttp.FormData()
    for key, value in fields.items():
        form.add_field(key, value)
    form.add_field("file", data, filename=name)
    return await client.call("POST", "/uploads", expect, data=form)


@asynchronous
async def test_the_same_bytes_give_the_same_name_and_others_another(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        assert await upload(client, png(), "cat.png") == {"name": "cat.png"}
        assert await upload(client, png(), "dog.jpeg") == {"name": "cat.png"}
        assert await upload(client, png(4), "cat.png") == {"name": "cat (1).png"}
        assert await upload(client, png(5), "cat.html", subfolder="pasted") == {"name": "pasted/cat.png"}
        assert (await watch.until(lambda m: m["type"] == "choices"))["folder"] == "input"
        names = (await client.call("GET", "/choices/input"))["names"]
        assert {"cat.png", "cat (1).png", "pasted/cat.png"} <= set(names)
    assert not list((server.folder / "input").glob(".upload*"))


@asynchronous
async def test_what_is_no_picture_or_a_bomb_is_refused_and_leaves_nothing(server: Server) -> None:
    written = io.BytesIO()
    Image.effect_noise((50, 50), 90).save(written, "PNG")
    whole = written.getvalue()
    before = sorted((server.folder / "input").rglob("*"))
    async with server.client() as client:
        for data in (
            b"", b"GIF89a", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"%PDF-1.4", bomb(60_000, 60_000),
            bomb(20_000, 20_000), text_bomb(), whole[:60], whole[:-200], b"\x89PNG\r\n\x1a\n" + b"A" * 500,
        ):  # fmt: skip
            answer = await upload(client, data, "x.png", 415)
            assert answer["error"]["code"] == "not_a_picture"
        form = aiohttp.FormData({"other": "x"})
        form.add_field("more", b"x", filename="x.png")
        await client.call("POST", "/uploads", 400, data=form)
        await client.call("POST", "/uploads", 415, json={"file": "x"})
    assert sorted((server.folder / "input").rglob("*")) == before


@asynchronous
async def test_subfolders_do_not_lead_out(server: Server) -> None:
    async with server.client() as client:
        for subfolder in ("../x", "a/../../x", "C:/x", "a\\b", ".hidden", "con", "a\0b", "a/.git"):
            await upload(client, png(7), "x.png", 400, subfolder=subfolder)
    assert not (server.folder / "x").exists()


def test_bytes_beyond_the_quota_are_refused_while_they_come(tmp_path: Path) -> None:
    with pytest.raises(ApiError) as refused, Upload(tmp_path, limit=1000) as taken:
        taken.write(bytes(900))
        taken.write(bytes(200))
    assert refused.value.status == 413
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "called",
    ["../../x.png", "C:\\x\\cat.png", "con.png", ".png", "", "a\0b.png", "x" * 400 + ".png", "<b>.png", "a/b/c",
    "ü ö.png",
     "cat.tar.png", "..", "name.", " .png", "‮gnp.exe.png"],
)  # fmt: skip
def test_every_name_becomes_a_plain_one(called: str) -> None:
    stem = plain_stem(called)
    assert re.fullmatch(r"[\w\- ().,+=@!]{1,80}", stem)
    assert not stem.startswith(".")


def test_a_long_name_in_any_writing_fits_the_disk_together_with_its_number() -> None:
    assert len((plain_stem("猫" * 300 + ".png") + " (9999).avif").encode()) < 255


@asynchronous
async def test_equal_bytes_are_found_only_under_a_name_that_is_offered(server: Server) -> None:
    folder = server.folder / "input"
    data = png(11, 7)
    (folder / "notes.txt").write_bytes(data)
    (folder / "gone.png").symlink_to("nowhere.png")
    (folder.parent / "outside.png").write_bytes(data)
    (folder / "outside.png").symlink_to(folder.parent / "outside.png")
    async with server.client() as client:
        assert await upload(client, data, "seven.png") == {"name": "seven.png"}


@asynchronous
async def test_a_folder_that_is_there_takes_uploads_whatever_its_name_is_and_a_new_one_has_a_plain_name(
    server: Server,
) -> None:
    (server.folder / "input" / "12:30").mkdir()
    async with server.client() as client:
        assert await upload(client, png(9), "nine.png", subfolder="12:30") == {"name": "12:30/nine.png"}
        answer = await upload(client, png(8), "eight.png", 400, subfolder="12:31")
    assert answer["error"]["remedy"] == "use a name such as '12_31'"


@asynchronous
async def test_six_files_of_very_many_pages_keep_nobody_waiting(server: Server) -> None:
    data = tiff(200_000)
    async with server.client() as client, asyncio.TaskGroup() as group:
        answers = [group.create_task(upload(client, io.BytesIO(data), f"{number}.tiff", 415)) for number in range(6)]
        await client.call("GET", "/runs?status=queued")
        await client.call("GET", "/choices/input")
    for answer in answers:
        assert "more than 10,000 frames" in answer.result()["error"]["message"]


@asynchronous
async def test_pictures_that_take_long_leave_the_threads_of_others_alone() -> None:
    threads, gate = PictureThreads(), threading.Event()
    slow = [asyncio.create_task(threads.do(gate.wait)) for _ in range(40)]
    assert await asyncio.to_thread(lambda: "an answer") == "an answer"
    assert not any(task.done() for task in slow)
    gate.set()
    await asyncio.wait(slow)
    threads.close()
