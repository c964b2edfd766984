"""Files of the user over the API: inside their folders, never as a page, in ranges, small."""

from __future__ import annotations

import io
import os
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from PIL import Image

import pictures
from tests.support.colour_profiles import P3_LIKE
from tests.support.server_nodes import PNG
from tests.support.serving import Answer, Server, asynchronous

HOSTILE = [
    "..", "../data/token", "../../etc/passwd", "a/../../data/token", "/etc/passwd", "//etc/passwd", "~/x", "C:/x",
    "C:\\x",
    "\\\\server\\share", "..\\data\\token", "a\0b", "a\nb", "con", "NUL.png", "com1.txt", "lpt9", "a.", "a ",
    "..%2fdata%2ftoken",
    "%2e%2e/data/token", ".hidden", "a/.hidden", "link/secret", "x" * 5000, "．．/token", "a:b", "a|b", "a*",
]  # fmt: skip


def get(server: Server, path: str, **headers: str) -> Answer:
    given = {"Authorization": f"Bearer {server.token}", **{name.replace("_", "-"): v for name, v in headers.items()}}
    return server.ask("GET", path, headers=given)


@pytest.fixture(scope="module")
def output(server: Server) -> Path:
    folder = server.folder / "output"
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (600, 300), "red").save(folder / "red.png")
    (folder / "page.html").write_text("<script>alert(1)</script>")
    (folder / "drawing.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (folder / "not.png").write_text("<script>alert(1)</script>")
    (folder / ".hidden").write_text("secret")
    (folder / "link").symlink_to(server.folder / "data")
    return folder


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("kind", ["files", "thumbnails"])
def test_no_name_leads_out_of_its_folder(server: Server, output: Path, kind: str, name: str) -> None:
    answers = [get(server, f"/api/v1/{kind}/output/{quote(name, safe='')}")]
    if name.isascii() and name.isprintable() and " " not in name:
        answers.append(get(server, f"/api/v1/{kind}/output/{name}"))
    for answer in answers:
        assert answer.status in (400, 404)
        assert server.token.encode() not in answer.body


@pytest.mark.parametrize("folder", ["data", "..", "checkpoints", "%2e%2e", "outputs"])
def test_only_picture_folders_are_served(server: Server, folder: str) -> None:
    assert get(server, f"/api/v1/files/{folder}/token").status in (400, 404)


def test_pictures_are_shown_and_everything_else_is_a_download(server: Server, output: Path) -> None:
    picture = get(server, "/api/v1/files/output/red.png")
    assert (picture.status, picture.headers["content-type"]) == (200, "image/png")
    assert "content-disposition" not in picture.headers
    for name in ("page.html", "drawing.svg"):
        answer = get(server, f"/api/v1/files/output/{name}")
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"] == "attachment"
        assert "sandbox" in answer.headers["content-security-policy"]


def test_ranges_and_etags_work(server: Server, output: Path) -> None:
    whole = get(server, "/api/v1/files/output/red.png")
    part = get(server, "/api/v1/files/output/red.png", Range="bytes=10-19")
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert get(server, "/api/v1/files/output/red.png", Range="bytes=99999999-").status == 416
    assert get(server, "/api/v1/files/output/red.png", If_None_Match=whole.headers["etag"]).status == 304
    assert "immutable" not in whole.headers["cache-control"]


@pytest.mark.parametrize("kind", ["files", "thumbnails"])
def test_an_answer_is_kept_for_good_only_under_the_version_that_the_file_has(
    server: Server, output: Path, kind: str
) -> None:
    file = output / "kept.png"

    def answer(version: str) -> Answer:
        return get(server, f"/api/v1/{kind}/output/kept.png?v={version}")

    Image.new("RGB", (4, 4), "red").save(file)
    status = file.stat()
    version = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    assert "immutable" in answer(version).headers["cache-control"]
    for other in ("1", "", version + "0"):
        assert answer(other).headers["cache-control"] == "private, no-cache"
    # another picture of the same moment; of the same size it would take another moment
    Image.new("RGB", (64, 64), "blue").save(file)
    os.utime(file, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert answer(version).headers["cache-control"] == "private, no-cache"


def test_a_thumbnail_fits_into_its_size_and_is_made_once(server: Server, output: Path) -> None:
    answer = get(server, "/api/v1/thumbnails/output/red.png?size=128")
    with Image.open(io.BytesIO(answer.body)) as small:
        assert (small.format, small.size) == ("WEBP", (128, 64))
    kept = list((server.folder / "data" / "thumbnails").rglob("*.webp"))
    again = get(server, "/api/v1/thumbnails/output/red.png?size=128")
    assert again.body == answer.body
    assert list((server.folder / "data" / "thumbnails").rglob("*.webp")) == kept
    assert get(server, "/api/v1/thumbnails/output/red.png?size=128", If_None_Match=answer.headers["etag"]).status == 304
    assert get(server, "/api/v1/thumbnails/output/red.png?size=x").status == 400


def test_a_thumbnail_of_a_deep_picture_or_one_with_a_damaged_exif_shows_what_is_loaded(
    server: Server, output: Path
) -> None:
    ramp = np.linspace(0, 65_535, 64, dtype=np.uint16).repeat(64).reshape(64, 64)
    Image.fromarray(ramp).save(output / "deep.png")
    Image.fromarray(ramp.astype(np.float32) / 65_535).save(output / "float.tiff")
    Image.linear_gradient("L").save(output / "exif.png", exif=b"II*\0damaged")
    wide = Image.new("RGB", (64, 64), (200, 40, 40))
    wide.save(output / "wide.png", icc_profile=P3_LIKE)
    for name in ("deep.png", "float.tiff", "exif.png", "wide.png"):
        answer = get(server, f"/api/v1/thumbnails/output/{name}?size=32")
        assert answer.status == 200, name
        with Image.open(io.BytesIO(answer.body)) as small:
            shown = np.asarray(small.convert("RGB"), dtype=float).mean((0, 1))
        (loaded,) = pictures.reading.read(output / name).frames
        assert np.abs(shown - np.asarray(loaded, dtype=float).mean((0, 1))).max() < 5, name


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="has no pipes among its files")
def test_nobody_waits_for_a_pipe(server: Server, output: Path) -> None:
    os.mkfifo(output / "pipe.png")
    for kind in ("files", "thumbnails"):
        assert get(server, f"/api/v1/{kind}/output/pipe.png").status == 404


def test_what_is_no_picture_has_no_thumbnail(server: Server, output: Path) -> None:
    for name in ("not.png", "page.html", "drawing.svg"):
        assert get(server, f"/api/v1/thumbnails/output/{name}").status == 415
    assert get(server, "/api/v1/thumbnails/output/none.png").status == 404


ODD = [
    "12:30.png", "what?.png", "a|b.png", "~x.png", "a\\b.png", 'say "hi".png', "con.png", "trail./x.png",
    "blank /y.png", "new\nline.png", "100%.png", "a%2Fb.png", "a#b.png", "ü 猫.png",
]  # fmt: skip


def test_whatever_the_list_of_choices_offers_is_served_and_shown_small(server: Server) -> None:
    folder = server.folder / "input"
    for name in ODD:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (9, 9), "red").save(folder / name)
    offered = get(server, "/api/v1/choices/input").json["names"]
    assert set(ODD) <= set(offered)
    for name in offered:
        place = "/".join(quote(part, safe="") for part in name.split("/"))
        assert get(server, f"/api/v1/files/input/{place}").headers["content-type"].startswith("image/"), name
        assert get(server, f"/api/v1/thumbnails/input/{place}").status == 200, name


@asynchronous
async def test_pictures_become_artifacts_and_outputs(server: Server) -> None:
    async with server.client() as client, client.watch() as watch:
        run = await client.submit({"1": {"type": "Save", "inputs": {"value": 5}}})
        ended = await watch.run(run["id"])
        (artifact,) = ended["artifacts"]["1"]
        output = await watch.until(
            lambda message: message["type"] == "output" and message["output"]["run"] == run["id"]
        )
        assert output["output"]["name"] == artifact["name"]
        assert (output["output"]["width"], output["output"]["height"]) == (1, 1)
        listed = (await client.call("GET", "/outputs?limit=1"))["outputs"]
        assert listed[0]["url"] == artifact["url"]
        older = (await client.call("GET", f"/outputs?before={listed[0]['id']}"))["outputs"]
        assert all(other["id"] < listed[0]["id"] for other in older)
        async with client.session.get(artifact["url"]) as response:
            assert await response.read() == PNG
        again = await client.submit({"1": {"type": "Save", "inputs": {"value": 5}}})
        assert (await watch.run(again["id"]))["artifacts"] == ended["artifacts"]
        assert (await client.call("GET", "/outputs?limit=1"))["outputs"][0]["id"] == listed[0]["id"]
