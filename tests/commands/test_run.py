"""`run`, `check`, `nodes` and `models` on small workflows that need no model."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from commands.installation import ROOT, find_installation
from tests.support.bad_packs import write_packs

WORKFLOW: dict[str, Any] = {
    "jacquard": 1,
    "nodes": {
        "1": {"type": "LoadImage", "title": "My picture", "inputs": {"image": "cat.png"}},
        "2": {"type": "ImageInvert", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["2", "IMAGE"]}, "filename_prefix": "inverted"}},
        "4": {"type": "ImageScale", "inputs": {}},
    },
}


def corner(path: Path) -> Any:
    """The colour of a picture's first pixel."""
    with Image.open(path) as picture:
        return picture.getpixel((0, 0))


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    (tmp_path / "input").mkdir()
    Image.new("RGB", (8, 6), (255, 0, 0)).save(tmp_path / "input" / "cat.png")
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(WORKFLOW))
    return file


def test_run_saves_the_picture_and_says_where(command: Callable[..., Any], workflow: Path, tmp_path: Path) -> None:
    answer = command("run", workflow)
    path = tmp_path / "output" / "inverted_00001_.png"
    assert answer.code == 0
    assert str(path) in answer.out
    assert "ran" in answer.out
    assert "My picture (1)" in answer.out
    assert corner(path) == (0, 255, 255)


def test_run_writes_to_the_output_folder_that_is_given(command: Callable[..., Any], workflow: Path) -> None:
    there = workflow.parent / "elsewhere"
    answer = command("run", workflow, "--output", there)
    assert [item.name for item in there.iterdir()] == ["inverted_00001_.png"]
    assert answer.pictures == []


def test_another_process_remembers_what_was_done_and_a_change_never_overwrites(
    command: Callable[..., Any], workflow: Path, tmp_path: Path
) -> None:
    command("run", workflow)
    again = command("run", workflow, "--explain")
    assert [item.name for item in again.pictures] == ["inverted_00001_.png"]
    assert "its result is remembered" in again.out
    Image.new("RGB", (8, 6), (0, 255, 0)).save(tmp_path / "input" / "cat.png")
    changed = command("run", workflow, "--explain")
    assert {item.name for item in changed.pictures} == {"inverted_00001_.png", "inverted_00002_.png"}
    assert "changed" in changed.out


def test_repeating_in_one_process_reuses_everything(command: Callable[..., Any], workflow: Path) -> None:
    answer = command("run", workflow, "--repeat", "2", "--json")
    first, second = (line for line in answer.lines if "status" in line and "event" not in line)
    assert first["ran"] == ["1", "2", "3"]
    assert second["ran"] == []
    assert second["files"] == first["files"]
    assert len(answer.pictures) == 1


def test_set_finds_a_node_by_its_title(command: Callable[..., Any], workflow: Path) -> None:
    assert command("run", workflow, "--set", "My picture.image=dog.png").code == 2
    assert command("run", workflow, "--set", "My picture.image=cat.png").code == 0


def test_json_is_one_object_a_line_with_events_in_order_and_the_result_last(
    command: Callable[..., Any], workflow: Path, tmp_path: Path
) -> None:
    lines = command("run", workflow, "--json").lines
    *events, result = lines
    assert [line["number"] for line in events] == list(range(1, len(events) + 1))
    assert (events[0]["event"], events[-1]["event"]) == ("run_started", "run_finished")
    assert result["status"] == "finished"
    assert result["files"] == [str(tmp_path / "output" / "inverted_00001_.png")]


def test_reads_a_workflow_from_standard_input(
    command: Callable[..., Any], workflow: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(workflow.read_bytes())))
    assert command("run", "-").code == 0


def test_target_runs_one_node_and_what_it_needs(command: Callable[..., Any], workflow: Path) -> None:
    answer = command("run", workflow, "--target", "2", "--json")
    assert answer.lines[-1]["ran"] == ["1", "2"]
    assert answer.pictures == []


def test_check_says_what_would_run_and_what_no_target_needs(command: Callable[..., Any], workflow: Path) -> None:
    answer = command("check", workflow)
    assert answer.code == 0
    assert "3 nodes would run" in answer.out
    assert "ImageScale (4)" in answer.out


def test_nodes_lists_every_node_type(command: Callable[..., Any]) -> None:
    assert {"KSampler", "LoadImage"} <= {item["id"] for item in command("nodes", "--json").lines[0]}
    assert "KSampler" in command("nodes").out


def test_nodes_tells_about_one(command: Callable[..., Any]) -> None:
    assert "denoise" in command("nodes", "KSampler").out
    unknown = command("nodes", "KSamplr")
    assert (unknown.code, "Did you mean KSampler?" in unknown.err) == (2, True)


def test_models_lists_the_bundled_model_and_says_where_to_put_more(command: Callable[..., Any], tmp_path: Path) -> None:
    answer = command("models", "--models-dir", tmp_path / "models")
    assert "picturebook" in answer.out
    assert str(tmp_path / "models" / "loras") in answer.out
    (found,) = command("models", "--json").lines
    assert found["models"][0]["name"] == "picturebook"


def test_a_broken_pack_is_named_and_stops_nothing(command: Callable[..., Any], workflow: Path, tmp_path: Path) -> None:
    write_packs(tmp_path / "custom_nodes", {"broken": "raise RuntimeError('half a pack')"})
    answer = command("run", workflow)
    assert answer.code == 0
    assert "broken" in answer.err
    assert "half a pack" in answer.err


def test_unless_another_folder_is_given_the_packs_of_the_checkout_are_loaded(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    write_packs(tmp_path / "custom_nodes", {"broken": "raise RuntimeError('half a pack')"})
    monkeypatch.setattr("commands.installation.ROOT", tmp_path)
    assert [pack.name for pack in find_installation(tmp_path).packs] == ["broken"]


WARNS = """
from graph.api import NodeContext, node

@node("Uneasy", category="test", side_effect=True)
def uneasy(*, context: NodeContext) -> None:
    '''Work, with a word.'''
    context.warn("the [mask] is empty")
"""


def test_a_warning_is_printed_with_the_name_of_its_node_and_is_in_the_json(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    write_packs(tmp_path / "custom_nodes", {"warns": WARNS})
    workflow = tmp_path / "workflow.json"
    workflow.write_text(json.dumps({"jacquard": 1, "nodes": {"1": {"type": "Uneasy", "title": "My node"}}}))
    answer = command("run", workflow, "--repeat", "2")
    assert answer.code == 0
    assert answer.err.count("warning  My node (1): the [mask] is empty") == 2
    *events, result = command("run", workflow, "--json").lines
    told = [event["warnings"] for event in events if event["event"] == "node_warned"]
    assert (told, result["warnings"]) == ([[{"message": "the [mask] is empty"}]], {"1": ["the [mask] is empty"]})


WAITS = """
from pathlib import Path
from graph.api import NodeContext, node

@node("WaitForever", category="test", side_effect=True, cache=False)
def wait_forever(*, context: NodeContext) -> None:
    '''Wait until cancelled.'''
    print("waiting", flush=True)
    while True:
        context.progress(1, 2)
"""


@pytest.mark.skipif(os.name != "posix", reason="sends SIGINT")
@pytest.mark.process
def test_ctrl_c_cancels_the_run_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "waits.py").write_text(WAITS)
    file = tmp_path / "workflow.json"
    file.write_text('{"jacquard": 1, "nodes": {"1": {"type": "WaitForever"}}}')
    process = subprocess.Popen(
        [sys.executable, "main.py", "run", str(file), "--packs-dir", str(tmp_path), "--data-dir", str(tmp_path)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stderr is not None
    assert process.stderr.readline().strip() == "waiting"
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Cancelled." in err


@pytest.mark.parametrize("on_error", ["stop", "skip"])
def test_a_picture_of_a_folder_that_cannot_be_read_is_told_and_the_others_are_saved(
    command: Callable[..., Any], tmp_path: Path, on_error: str
) -> None:
    folder = tmp_path / "input" / "album"
    folder.mkdir(parents=True)
    for name, colour in (("a.png", "red"), ("c.png", "blue")):
        Image.new("RGB", (8, 6), colour).save(folder / name)
    (folder / "b.png").write_text("no picture")
    nodes = {
        "1": {"type": "LoadImagesFromFolder", "inputs": {"folder": "album", "on_error": on_error}},
        "2": {"type": "SaveImage", "inputs": {"images": {"from": ["1", "IMAGE"]}}},
    }
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps({"jacquard": 1, "nodes": nodes}))
    answer = command("run", file)
    assert answer.code == (0 if on_error == "skip" else 1)
    assert "b.png cannot be used" in answer.err
    assert "Traceback" not in answer.err
    assert len(answer.pictures) >= (2 if on_error == "skip" else 1)


def test_no_path_of_the_machine_is_in_what_a_picture_carries(
    command: Callable[..., Any], workflow: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "mine.png"
    other.parent.mkdir()
    Image.new("RGB", (3, 3)).save(other)
    output = tmp_path / "somewhere"
    answer = command("run", workflow, "--set", f"LoadImage.image={other}", "--output", output)
    assert answer.code == 0
    (picture,) = output.iterdir()
    for path in (tmp_path, ROOT, Path.home()):
        assert str(path).encode() not in picture.read_bytes()
    assert b"mine.png" in picture.read_bytes()
