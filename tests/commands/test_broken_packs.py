"""Commands with packs that do at import what nobody wants, each called as a program, as a person calls it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import main
from commands.installation import ROOT
from tests.support.bad_packs import DEAF, ENDING, HANGING, NODE, PATCHING, REFUSED, write_packs
from tests.support.other_user import as_other_user, checkout_for_all, folder_for_all

pytestmark = [
    pytest.mark.process,
    pytest.mark.skipif(os.name != "posix", reason="signals and limits of POSIX"),
]
GOOD = NODE.format(id="Good")
NOISY = (
    "import ctypes, os, sys\n"
    "def noise():\n"
    "    print('din of print'); os.system('echo din of a shell'); os.write(1, b'din of a descriptor\\n')\n"
    "    sys.__stdout__.write('din of dunder stdout'); ctypes.CDLL(None).printf(b'din of C')\n"
    "noise()\n"
) + NODE.format(id="Noisy").replace("return text", "noise(); return text")


@dataclass(frozen=True)
class Called:
    """What a program left behind."""

    code: int
    out: str
    err: str


@pytest.fixture
def call(tmp_path: Path) -> Callable[..., Called]:
    """Call `main.py` as a program; its folders are the test's own."""

    def call(*arguments: str, **environment: str) -> Called:
        folders = ["--packs-dir", str(tmp_path / "packs"), "--data-dir", str(tmp_path)]
        done = subprocess.run(
            [sys.executable, str(ROOT / "main.py"), *arguments, *folders],
            capture_output=True, text=True, cwd=ROOT, stdin=subprocess.DEVNULL, timeout=100,
            env={**os.environ, **environment},
        )  # fmt: skip
        return Called(done.returncode, done.stdout, done.stderr)

    return call


def workflow(folder: Path, node: str, **more: Any) -> str:
    file = folder / f"{node}.json"
    file.write_text(json.dumps({"jacquard": 1, "nodes": {"1": {"type": node}}, **more}))
    return str(file)


def test_run_goes_on_without_the_packs_that_fail_hang_or_replace_something(
    call: Callable[..., Called], tmp_path: Path
) -> None:
    patching = {name: text for name, (text, _) in PATCHING.items() if name not in ("leaves_a_thread", "prints")}
    bad = {**REFUSED, "loop": HANGING["loop"], "deadlock": HANGING["deadlock"], "child": HANGING["waits_for_child"]}
    write_packs(tmp_path / "packs", {**{f"a_{name}": text for name, text in {**bad, **patching}.items()}, "z": GOOD})
    answer = call("run", workflow(tmp_path, "Good"), "--json")
    assert answer.code == 0, answer.err
    assert [json.loads(line) for line in answer.out.splitlines()][-1]["status"] == "finished"
    for name in bad:
        assert f"pack a_{name} was left out: " in answer.err
    for name, (_, told) in PATCHING.items():
        if name in patching and told and name != "environment":
            assert f"pack a_{name} changed the program around it" in answer.err


@pytest.mark.parametrize("name", DEAF)
def test_what_goes_on_for_ever_is_ended_and_left_out_by_the_next(
    call: Callable[..., Called], tmp_path: Path, name: str
) -> None:
    write_packs(tmp_path / "packs", {"a_bad": DEAF[name]})
    call("nodes", "KSampler", JACQUARD_PACK_SECONDS="0.5")
    write_packs(tmp_path / "packs", {"b_good": GOOD})
    answer = call("nodes", "Good")
    assert answer.code == 0, answer.err
    assert "pack a_bad was left out: " in answer.err
    assert "it was not imported within " in answer.err


@pytest.mark.parametrize(
    "name", [name for name in ENDING if name not in ("ends_workers_only", "stays_another_program")]
)
def test_what_ends_one_command_is_left_out_by_the_next(call: Callable[..., Called], tmp_path: Path, name: str) -> None:
    write_packs(tmp_path / "packs", {"a_bad": ENDING[name], "b_good": GOOD})
    call("nodes", "Good")
    answer = call("nodes", "Good")
    assert answer.code == 0, answer.err
    assert "pack a_bad was left out: " in answer.err


def test_what_ended_a_run_is_left_out_by_every_command(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"a_bad": ENDING["segfault"], "b_good": GOOD})
    call("run", workflow(tmp_path, "Good"))
    for arguments in (["run", workflow(tmp_path, "Good")], ["check", workflow(tmp_path, "Good")], ["nodes", "Good"]):
        answer = call(*arguments)
        assert answer.code == 0, answer.err
        assert "pack a_bad was left out: " in answer.err


def test_a_pack_that_was_left_out_is_tried_again_when_it_changes(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"pack": ENDING["segfault"] + "\n" + GOOD})
    call("nodes", "Good")
    answer = call("nodes", "Good")
    assert (answer.code, "pack pack was left out: pack.py:1: the process crashes" in answer.err) == (2, True)
    write_packs(tmp_path / "packs", {"pack": GOOD})
    answer = call("nodes", "Good")
    assert (answer.code, answer.err) == (0, "")


def _heed_ctrl_c() -> None:
    """Where a suite is started in the background, shells have Ctrl+C ignored, and programs inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_pack_is_not_blamed_for_the_end_that_somebody_else_made(call: Callable[..., Called], tmp_path: Path) -> None:
    waits = (
        f"import os\nif os.environ.get('WAIT'):\n    os.close(os.open({str(tmp_path / 'began')!r}, os.O_WRONLY))\n"
        f"    open({str(tmp_path / 'end')!r}).read()\n"
    )
    for name in ("began", "end"):
        os.mkfifo(tmp_path / name)
    write_packs(tmp_path / "packs", {"pack": waits + GOOD})
    folders = ["--packs-dir", str(tmp_path / "packs"), "--data-dir", str(tmp_path)]
    for end in (signal.SIGKILL, signal.SIGINT):
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "main.py"), "nodes", *folders],
            env={**os.environ, "WAIT": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=_heed_ctrl_c,
        )  # fmt: skip
        (tmp_path / "began").read_bytes()  # the import is in the middle of it
        process.send_signal(end)
        assert process.wait(60) != 0
        answer = call("nodes", "Good")
        assert answer.code == 0
        told = "Finding out what the pack pack does when it is imported.\n"
        assert answer.err == (told if end is signal.SIGKILL else ""), "Ctrl+C is a person's, and leaves no doubt"


def test_two_processes_do_not_take_each_other_for_dead(call: Callable[..., Called], tmp_path: Path) -> None:
    waits = (
        f"import os\nif os.environ.get('WAIT'):\n    os.close(os.open({str(tmp_path / 'began')!r}, os.O_WRONLY))\n"
        f"    open({str(tmp_path / 'end')!r}).read()\n"
    )
    for name in ("began", "end"):
        os.mkfifo(tmp_path / name)
    write_packs(tmp_path / "packs", {"pack": waits + GOOD})
    folders = ["--packs-dir", str(tmp_path / "packs"), "--data-dir", str(tmp_path)]
    process = subprocess.Popen(
        [sys.executable, str(ROOT / "main.py"), "nodes", "Good", *folders],
        env={**os.environ, "WAIT": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    (tmp_path / "began").read_bytes()
    answer = call("nodes", "Good")
    assert (answer.code, answer.err) == (0, "")
    assert len(list((tmp_path / "data" / "packs").glob("importing-*"))) == 1, "the note of the first is still there"
    (tmp_path / "end").write_bytes(b"")
    assert process.communicate(timeout=60)[1] == b""
    assert process.returncode == 0
    assert list((tmp_path / "data" / "packs").glob("importing-*")) == []


def test_what_packs_and_nodes_print_is_no_part_of_the_answer(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"noisy": NOISY})
    for arguments in (
        ["run", workflow(tmp_path, "Noisy"), "--json"],
        ["check", workflow(tmp_path, "Noisy"), "--json"],
        ["nodes", "--json"],
        ["cache", "explain", workflow(tmp_path, "Noisy"), "--json"],
    ):
        answer = call(*arguments)
        assert answer.code == 0
        for line in answer.out.splitlines():
            json.loads(line)
        assert "din of" not in answer.out
        for source in ("print", "a shell", "a descriptor", "dunder stdout", "C"):
            assert f"din of {source}" in answer.err


def test_a_workflow_is_read_from_standard_input_though_a_pack_asks_for_input(
    call: Callable[..., Called], tmp_path: Path
) -> None:
    write_packs(
        tmp_path / "packs", {"asks": "import sys; sys.stdin.read(); open(0, closefd=False).read()", "good": GOOD}
    )
    done = subprocess.run(
        [sys.executable, str(ROOT / "main.py"), "run", "-", "--packs-dir", str(tmp_path / "packs"),
         "--data-dir", str(tmp_path)],
        input=Path(workflow(tmp_path, "Good")).read_bytes(), capture_output=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_a_command_ends_though_a_pack_left_a_thread(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"thread": PATCHING["leaves_a_thread"][0], "good": GOOD})
    assert call("nodes", "Good").code == 0


def test_check_and_nodes_name_a_broken_pack_with_file_and_line(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"half": NODE.format(id="Half") + "\nimport a_library_that_is_not_there"})
    line = "pack half was left out: half.py:9: ModuleNotFoundError: No module named 'a_library_that_is_not_there'"
    assert line in call("nodes", "KSampler").err
    answer = call("check", workflow(tmp_path, "Half"), "--json")
    assert line in answer.err
    (problem, *_) = json.loads(answer.out)["problems"]
    assert "because pack 'half' was left out (half.py:9: ModuleNotFoundError" in problem["message"]
    answer = call("nodes", "half")
    assert "Traceback" in answer.out


def test_a_workflow_that_names_a_pack_that_was_left_out_is_told_so(call: Callable[..., Called], tmp_path: Path) -> None:
    write_packs(tmp_path / "packs", {"dynamic": "import a_library_that_is_not_there"})
    answer = call("check", workflow(tmp_path, "MadeByDynamic", packs={"dynamic": "1.0"}))
    assert "of the packs that the workflow names pack 'dynamic' was left out" in answer.err.replace("\n", " ")


def test_nodes_that_a_pack_had_are_remembered_when_its_text_does_not_tell(
    call: Callable[..., Called], tmp_path: Path
) -> None:
    text = NODE.replace('"{id}"', "'Dyna' + 'mic'")
    write_packs(tmp_path / "packs", {"dynamic": text})
    assert call("nodes", "Dynamic").code == 0
    write_packs(tmp_path / "packs", {"dynamic": "1 / 0\n" + text})
    answer = call("check", workflow(tmp_path, "Dynamic"))
    assert "because pack 'dynamic' was left out (dynamic.py:1: ZeroDivisionError" in answer.err.replace("\n", " ")


@pytest.mark.skipif(os.geteuid() != 0, reason="takes the rights of another user")
def test_what_cannot_be_read_or_noted_keeps_no_command_from_its_work() -> None:
    checkout_for_all()
    with folder_for_all() as folder:
        packs = write_packs(folder / "packs", {"closed": NODE.format(id="Closed"), "good": GOOD})
        (packs / "locked").mkdir()
        (packs / "locked" / "__init__.py").write_text(NODE.format(id="Locked"))
        command = ["nodes", "Good", "--packs-dir", str(packs), "--data-dir", str(folder)]
        assert main.main(command) == 0  # also makes data/, into which nobody else may write
        (packs / "locked").chmod(0o700)
        (packs / "closed.py").chmod(0o600)
        code, said = as_other_user(lambda: main.main(command))
        assert code == 0, said
        assert "pack closed was left out: it cannot be read: Permission denied" in said
        assert "pack locked was left out: it cannot be read: Permission denied" in said
        packs.chmod(0o700)
        code, said = as_other_user(lambda: main.main(["nodes", "KSampler", *command[2:]]))
        assert code == 0, said
        assert "the folder of the packs cannot be read: Permission denied" in said
