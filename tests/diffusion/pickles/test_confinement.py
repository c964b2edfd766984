"""What a process that opens a pickle cannot do any more, tried in a process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.process


def told_by(code: str, *arguments: str) -> str:
    begin = "import sys, pathlib; from diffusion.pickles import confinement as c\n"
    done = subprocess.run([sys.executable, "-c", begin + code, *arguments], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a limit of Linux")
def test_more_memory_than_allowed_is_not_given() -> None:
    code = "assert c.limit_memory(64 << 20) == ''\nb = bytearray(32 << 20)\nprint('some')\nb = bytearray(256 << 20)\n"
    done = told_by(f"try:\n    exec({code!r})\nexcept MemoryError:\n    print('no more')")
    assert done.splitlines() == ["some", "no more"]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="a network of its own is Linux's")
def test_there_is_no_network_or_it_is_said_why_not() -> None:
    done = told_by(
        "import socket\nlistener = socket.create_server(('127.0.0.1', 0))\nport = listener.getsockname()[1]\n"
        "why = c.give_up_network()\n"
        "try:\n    socket.create_connection(('127.0.0.1', port), timeout=1)\n    print('reached', why)\n"
        "except OSError:\n    print('cut off')"
    )
    assert done == "cut off" or done.startswith("reached the system")


@pytest.mark.parametrize(
    "attempt",
    [
        "__import__('socket').socket()",
        "__import__('os').system('true')",
        "__import__('subprocess').run(['true'])",
        "open(sys.argv[2], 'w')",
        "pathlib.Path(sys.argv[2]).write_text('x')",
        "__import__('os').open(sys.argv[2], 1)",
        "__import__('os').remove(sys.argv[2])",
        "__import__('shutil').rmtree(sys.argv[2])",
    ],
)
def test_no_program_no_socket_and_no_other_file(tmp_path: Path, attempt: str) -> None:
    (tmp_path / "other").write_text("kept")
    code = f"c.refuse_the_rest([pathlib.Path(sys.argv[1])])\nopen(sys.argv[1], 'w').write('x')\n{attempt}"
    done = told_by(code, str(tmp_path / "mine"), str(tmp_path / "other"))
    assert "refused while a pickle is open" in done
    assert (tmp_path / "mine").read_text() == "x"
    assert (tmp_path / "other").read_text() == "kept"
