"""Addresses of files: relative, whatever a name holds, and another one as soon as the file is another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from PIL import Image

from graph.files.folders import Files
from server.storage import artifact_urls


@pytest.fixture
def files(tmp_path: Path) -> Files:
    (tmp_path / "output" / "sub").mkdir(parents=True)
    return Files({"output": [tmp_path / "output"]})


def artifact(name: str, media: str = "image/png") -> dict[str, str]:
    return {"folder": "output", "name": name, "media": media}


@pytest.mark.parametrize(
    ("name", "path"),
    [("a.png", "a.png"), ("sub/a b.png", "sub/a%20b.png"), ("50%?#ä.png", "50%25%3F%23%C3%A4.png")],
)
def test_an_address_is_relative_and_holds_any_name(name: str, path: str) -> None:
    found = artifact_urls.addresses("output", name, "image/png")
    assert found == {
        "url": f"api/v1/files/output/{path}",
        "thumbnail": f"api/v1/thumbnails/output/{path}?size=256",
    }


def test_what_is_no_picture_has_no_thumbnail() -> None:
    assert artifact_urls.addresses("output", "a.json", "application/json", "v")["thumbnail"] is None


def test_a_label_is_handed_on_and_missing_where_there_is_none(files: Files) -> None:
    assert artifact_urls.describe({**artifact("a.png"), "label": "noise level 3"}, files)["label"] == "noise level 3"
    assert "label" not in artifact_urls.describe(artifact("a.png"), files)


def test_a_file_that_was_replaced_has_another_address(files: Files) -> None:
    path = files.root("output") / "a.png"
    path.write_bytes(b"one")
    os.utime(path, (1, 1))
    before = artifact_urls.describe(artifact("a.png"), files)
    assert before == artifact_urls.describe(artifact("a.png"), files)
    assert before["thumbnail"] == before["url"].replace("files", "thumbnails").replace("?", "?size=256&")
    path.write_bytes(b"longer")
    os.utime(path, (1, 1))
    after = artifact_urls.describe(artifact("a.png"), files)
    os.utime(path, (2, 2))
    later = artifact_urls.describe(artifact("a.png"), files)
    assert len({before["url"], after["url"], later["url"]}) == 3


@pytest.mark.parametrize("name", ["gone.png", "../secret.png"])
def test_a_file_that_is_not_there_is_described_without_a_version(files: Files, name: str) -> None:
    assert not artifact_urls.is_there(artifact(name), files)
    assert "?v=" not in artifact_urls.describe(artifact(name), files)["url"]
    assert artifact_urls.measure(artifact(name), files) == {"bytes": 0, "width": None, "height": None}


def test_a_picture_is_measured_and_another_file_weighed(files: Files) -> None:
    root = files.root("output")
    Image.new("RGB", (5, 3)).save(root / "a.png")
    (root / "text.png").write_text("no picture")
    assert artifact_urls.is_there(artifact("a.png"), files)
    size = (root / "a.png").stat().st_size
    assert artifact_urls.measure(artifact("a.png"), files) == {"bytes": size, "width": 5, "height": 3}
    assert artifact_urls.measure(artifact("text.png"), files) == {"bytes": 10, "width": None, "height": None}
