"""What is wrong with a pack, in words and with the place in its files, without a path of this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from graph.packs.discovery import Pack
from graph.packs.faults import DAMAGED, Fault, fault_of, fault_of_exception
from graph.packs.import_guard import PackEndedError, PackTookTooLongError

HERE = Path(__file__).resolve().parent


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    (tmp_path / "blur").mkdir()
    (tmp_path / "blur" / "__init__.py").write_text("from . import inner\n")
    (tmp_path / "blur" / "inner.py").write_text("import json\n\njson.loads('{')\n")
    return Pack("blur", tmp_path / "blur", "custom_nodes.blur")


def fault_of_code(pack: Pack, file: str, text: str) -> Fault:
    """The fault of running some code as if it was a file of the pack."""
    with pytest.raises(BaseException) as caught:
        exec(compile(text, str(pack.path / file), "exec"), {})  # noqa: S102 - the code of a test
    return fault_of_exception(pack, caught.value, 60.0)


def test_the_innermost_place_in_the_pack_is_told_though_a_library_raised(pack: Pack) -> None:
    fault = fault_of_code(pack, "inner.py", (pack.path / "inner.py").read_text())
    assert (fault.cause, fault.file, fault.line) == ("exception", "blur/inner.py", 3)
    assert fault.error.startswith("JSONDecodeError: Expecting property name")


def test_an_error_of_syntax_is_where_the_text_is_wrong(pack: Pack) -> None:
    fault = fault_of_code(pack, "inner.py", "x = 1\ndef broken(:\n")
    assert fault.error.startswith("SyntaxError")
    assert (fault.file, fault.line) == ("blur/inner.py", 2)


def test_an_error_from_nowhere_is_told_of_the_pack(pack: Pack) -> None:
    fault = fault_of_exception(pack, ValueError("no device"), 60.0)
    assert (fault.error, fault.file, fault.line) == ("ValueError: no device", "blur/__init__.py", 0)


def test_no_path_of_this_machine_is_in_the_details(pack: Pack) -> None:
    fault = fault_of_code(pack, "inner.py", (pack.path / "inner.py").read_text())
    assert str(pack.path.parent) not in fault.details
    assert sys.base_prefix not in fault.details
    assert "custom_nodes/blur/inner.py" in fault.details


@pytest.mark.parametrize(
    ("error", "cause", "words"),
    [
        (SystemExit("needs another version"), "exit", "ends the program when it is imported: SystemExit: needs"),
        (KeyboardInterrupt(), "exit", "ends the program when it is imported: KeyboardInterrupt"),
        (PackEndedError("os._exit(3)"), "exit", "ends the program when it is imported: os._exit(3)"),
        (PackTookTooLongError(), "time", "not imported within 60 s"),
        (ValueError(), "exception", "ValueError"),
        (ValueError("x" * 5_000), "exception", "ValueError: " + "x" * 1_000),
    ],
)
def test_each_way_to_end_has_a_cause(pack: Pack, error: BaseException, cause: str, words: str) -> None:
    fault = fault_of_exception(pack, error, 60.0)
    assert fault.cause == cause
    assert words in fault.error
    assert len(fault.error) < 1_100


def test_an_exception_that_cannot_be_told_is_told(pack: Pack) -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise SystemExit("not even that")

    assert fault_of_exception(pack, OddError(), 60.0).error == "OddError: an error without a readable message"
    assert "\ud800" not in fault_of_exception(pack, ValueError("\ud800"), 60.0).error


def trace(pack: Pack, head: str = "Fatal Python error: Segmentation fault") -> str:
    inner = pack.path / "inner.py"
    return f'{head}\n\nCurrent thread:\n  File "{inner}", line 3 in <module>\n  File "/usr/lib/x.py", line 9 in load\n'


def test_a_crash_is_told_with_what_the_fault_handler_wrote(pack: Pack) -> None:
    fault = fault_of(pack, -11, trace(pack), "some output")
    assert (fault.cause, fault.file, fault.line) == ("crash", "blur/inner.py", 3)
    assert fault.error == "the process crashes when it is imported (Segmentation fault)"
    assert fault.details.startswith("some output\nFatal Python error")
    assert fault.at > 0


@pytest.mark.parametrize(
    ("exit_code", "text", "deaths", "cause", "words"),
    [
        (-9, "", 0, "crash", "the process is ended by SIGKILL"),
        (-200, "", 0, "crash", "signal 200"),
        (3, "", 0, "exit", "the process ends with exit code 3"),
        (0, "", 0, "exit", "the process ends with exit code 0"),
        (None, "", 3, "exit", "the process ended 3 times while it was imported"),
        (1, "Timeout (0:01:05)!\n", 0, "time", "not imported within 60 s"),
        (1, f"{DAMAGED}it closed everything\n", 0, "damage", "it closed everything"),
    ],
)
def test_each_end_of_a_process_has_a_cause(
    pack: Pack, exit_code: int | None, text: str, deaths: int, cause: str, words: str
) -> None:
    fault = fault_of(pack, exit_code, text, seconds=60.0, deaths=deaths)
    assert fault.cause == cause
    assert words in fault.error
