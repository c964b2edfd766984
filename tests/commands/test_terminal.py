"""What strangers wrote - titles, file names, prompts - on consoles of all encodings: shown or replaced, never fatal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from commands.installation import ROOT
from commands.terminal import visible

TITLE = "Photo 📷 [red]\u202eüß"
WORKFLOW = {
    "jacquard": 1,
    "nodes": {
        "1": {"type": "LoadImage", "title": TITLE, "inputs": {"image": "cat.png"}},
        "2": {"type": "ImageInvert", "title": "not needed 🐈", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["1", "IMAGE"]}, "filename_prefix": "猫"}},
    },
}
ENCODINGS = ["ascii", "cp1252", "cp437", "utf-8"]


@pytest.fixture
def workflow(tmp_path: Path) -> Path:
    (tmp_path / "input").mkdir()
    Image.new("RGB", (8, 6), (255, 0, 0)).save(tmp_path / "input" / "cat.png")
    file = tmp_path / "kätzchen 🐈 [bold].json"
    file.write_text(json.dumps(WORKFLOW), encoding="utf-8")
    return file


def call(workflow: Path, encoding: str, *arguments: str, code: int = 0) -> tuple[str, str]:
    """What a command that ended so printed on a console with this encoding: (standard output, standard error)."""
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, str(ROOT / "main.py"), *arguments, "--data-dir", str(workflow.parent)]
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == code, done.stderr.decode(errors="replace")
    return done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.process
def test_a_title_that_the_console_cannot_show_ends_no_run_and_no_repeat(workflow: Path, encoding: str) -> None:
    out, err = call(workflow, encoding, "run", str(workflow), "--repeat", "2", "--explain")
    assert out.count("Picture:") == 2
    assert "Traceback" not in err
    for sign in ("📷", "ü"):
        shown = sign.encode(encoding, "backslashreplace").decode(encoding)
        assert f"{shown}" in out


@pytest.mark.parametrize("encoding", ["cp437"])
@pytest.mark.parametrize("arguments", [("check",), ("cache", "explain")])
@pytest.mark.process
def test_the_other_commands_replace_what_the_console_cannot_show(
    workflow: Path, encoding: str, arguments: tuple[str, ...]
) -> None:
    out, _ = call(workflow, encoding, *arguments, str(workflow))
    assert "not needed" in out if arguments == ("check",) else r"[red]\u202e" in out


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
@pytest.mark.process
def test_json_says_the_same_in_every_encoding(workflow: Path, encoding: str) -> None:
    out, _ = call(workflow, encoding, "run", str(workflow), "--json")
    last = json.loads(out.splitlines()[-1])
    assert [Path(name).name for name in last["files"]] == ["猫_00001_.png"]


@pytest.mark.process
def test_what_would_steer_a_terminal_is_written_out(workflow: Path) -> None:
    out, err = call(workflow, "utf-8", "run", str(workflow))
    assert r"Photo 📷 [red]\u202eüß (1)" in out
    assert "\u202e" not in out + err


@pytest.mark.process
def test_what_is_refused_is_named_without_being_obeyed(workflow: Path) -> None:
    changed = {**WORKFLOW, "title": "Photo \x1b[2J"}
    workflow.write_text(json.dumps(changed), encoding="utf-8")
    _, err = call(workflow, "utf-8", "check", str(workflow), code=2)
    assert r"\x1b[2J" in err
    assert "\x1b" not in err


@pytest.mark.process
def test_words_in_brackets_are_no_markup_and_paths_are_whole(workflow: Path) -> None:
    out, _ = call(workflow, "utf-8", "check", str(workflow))
    assert str(workflow) in out


@pytest.mark.parametrize(
    ("text", "shown"), [("a\tb\nc", "a\tb\nc"), ("\x07\x9b\u2066", r"\x07\x9b\u2066"), ("🐈", "🐈")]
)
def test_only_what_steers_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.process
def test_a_reader_that_has_read_enough_ends_the_program_without_a_traceback() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "nodes"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.skipif(os.name == "nt", reason="has no shell that closes streams")
@pytest.mark.parametrize("closed", [">&-", "2>&- <&-"])
@pytest.mark.process
def test_a_stream_that_the_caller_has_closed_ends_no_run(workflow: Path, closed: str) -> None:
    """As programs do that start others in the background."""
    command = [sys.executable, str(ROOT / "main.py"), "run", str(workflow), "--data-dir", str(workflow.parent)]
    done = subprocess.run(["/bin/sh", "-c", f'exec "$@" {closed}', "sh", *command], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"Traceback" not in done.stderr
    assert len(list((workflow.parent / "output").glob("*.png"))) == 1
