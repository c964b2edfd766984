"""Pictures that `--set` is given by their path: taken as they are now, copied once, refused with the reason."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from commands.given_files import take_file
from commands.installation import ROOT
from graph.base.errors import WorkflowError
from graph.files.folders import Files
from tests.support.other_user import as_other_user, folder_for_all


def corner(path: Path) -> Any:
    """The colour of a picture's first pixel."""
    with Image.open(path) as picture:
        return picture.getpixel((0, 0))


def paint(path: Path, colour: tuple[int, int, int]) -> None:
    Image.new("RGB", (3, 3), colour).save(path)


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    """One that saves the opposite of a picture."""
    (tmp_path / "input").mkdir()
    paint(tmp_path / "input" / "cat.png", (255, 0, 0))
    nodes = {
        "1": {"type": "LoadImage", "inputs": {"image": "cat.png"}},
        "2": {"type": "ImageInvert", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["2", "IMAGE"]}, "filename_prefix": "inverted"}},
    }
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps({"jacquard": 1, "nodes": nodes}))
    return file


def test_set_copies_a_picture_given_by_path_into_the_input_folder(
    command: Callable[..., Any], workflow: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "cat.png"
    other.parent.mkdir()
    Image.new("RGB", (3, 3), (0, 255, 0)).save(other)
    answer = command("run", workflow, "--set", f"LoadImage.image={other}", "--set", "3.filename_prefix=green")
    assert corner(tmp_path / "output" / "green_00001_.png") == (255, 0, 255)
    assert corner(tmp_path / "input" / "cat.png") == (255, 0, 0), "the picture of the same name is kept"
    assert (tmp_path / "input" / "cat (1).png").read_bytes() == other.read_bytes()
    assert answer.code == 0


def test_set_takes_the_picture_as_it_is_now_and_copies_equal_bytes_once(
    command: Callable[..., Any], workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    saved = []
    for number, colour in enumerate([(0, 0, 0), (255, 255, 0), (255, 255, 0), (0, 0, 0)]):
        paint(tmp_path / "photo.png", colour)
        assert (
            command("run", workflow, "--set", "LoadImage.image=photo.png", "--set", f"3.filename_prefix={number}").code
            == 0
        )
        saved.append(corner(tmp_path / "output" / f"{number}_00001_.png"))
    assert saved == [(255, 255, 255), (0, 0, 255), (0, 0, 255), (255, 255, 255)]
    assert sorted(path.name for path in (tmp_path / "input").iterdir()) == ["cat.png", "photo (1).png", "photo.png"]


def test_set_takes_the_picture_at_the_path_and_not_a_bundled_one_of_its_name(
    command: Callable[..., Any], workflow: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (bundled,) = (ROOT / "workflows" / "pictures").glob("house-sketch.png")
    for number, text in enumerate(["./house-sketch.png", "house-sketch.png"]):
        paint(tmp_path / "house-sketch.png", (0, 255, number))
        assert (
            command("run", workflow, "--set", f"LoadImage.image={text}", "--set", f"3.filename_prefix=own{number}").code
            == 0
        )
        assert corner(tmp_path / "output" / f"own{number}_00001_.png") == (255, 0, 255 - number)
    assert not (tmp_path / "input" / "house-sketch.png").exists(), "it would stand in for the bundled one elsewhere"
    copies = sorted(path.name for path in (tmp_path / "input").iterdir())
    (tmp_path / "house-sketch.png").write_bytes(bundled.read_bytes())
    assert command("run", workflow, "--set", "LoadImage.image=house-sketch.png").code == 0
    assert sorted(path.name for path in (tmp_path / "input").iterdir()) == copies, "the bundled one is that picture"


def test_set_takes_a_picture_of_the_input_folder_by_its_path_without_copying_it(
    command: Callable[..., Any], workflow: Path, tmp_path: Path
) -> None:
    assert command("run", workflow, "--set", f"LoadImage.image={tmp_path / 'input' / 'cat.png'}").code == 0
    assert [path.name for path in (tmp_path / "input").iterdir()] == ["cat.png"]


@pytest.mark.parametrize(
    ("name", "copy"),
    [
        ("a|b.png", "a_b.png"),
        ("IMG 12:30.png", "IMG 12_30.png"),
        (".cat.png", "cat (1).png"),
        ("con.png", "_con.png"),
        ("what?.PNG", "what_.PNG"),
        ("\udce9t\udce9.png", "_t_.png"),
        ("é" * 120 + ".png", "é" * 80 + ".png"),
    ],
)
def test_set_copies_a_picture_of_any_name_under_one_that_every_system_can_hold(
    command: Callable[..., Any], workflow: Path, tmp_path: Path, name: str, copy: str
) -> None:
    paint(tmp_path / "made.png", (1, 2, 3))
    (tmp_path / "made.png").rename(tmp_path / name)
    (tmp_path / "input" / "\udce9.png").write_bytes((tmp_path / name).read_bytes())  # equal, and of no use
    (tmp_path / "input" / "out.png").symlink_to(tmp_path / name)
    for number in ("1", "2"):
        options = ["--set", f"LoadImage.image={tmp_path / name}", "--set", f"3.filename_prefix={number}"]
        assert command("run", workflow, *options).code == 0
        assert corner(tmp_path / "output" / f"{number}_00001_.png") == (254, 253, 252)
    assert {path.name for path in (tmp_path / "input").iterdir()} == {"cat.png", "\udce9.png", "out.png", copy}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("locked/a.png", "permission denied"),
        ("unread.png", "permission denied"),
        ("pipe.png", "it is no file"),
        ("absent.png", "no such file"),
        ("x" * 300, "file name too long"),
        ("new.png", "cannot be copied"),
    ],
)
@pytest.mark.process
def test_a_path_that_set_cannot_take_is_refused_with_the_reason(given: str, why: str) -> None:
    with folder_for_all() as folder:
        files = Files({"input": [folder / "input"]})
        for place in ("input", "locked"):
            (folder / place).mkdir()
        for name in ("locked/a.png", "unread.png", "new.png"):
            paint(folder / name, (1, 2, 3))
        os.mkfifo(folder / "pipe.png")
        (folder / "unread.png").chmod(0)
        (folder / "locked").chmod(0)
        (folder / "input").chmod(0o555)

        def act() -> None:
            with pytest.raises(WorkflowError) as caught:
                take_file(str(folder / given), files)
            print(caught.value.problems[0].message)

        code, said = as_other_user(act)
    assert (code, why in said.lower()) == (0, True), said


def test_a_text_that_leads_to_no_file_may_be_a_name() -> None:
    for text in ("cats/red.png", "x" * 300, "", "a\0b", "~/x.png"):
        assert take_file(text, Files({})) == text
