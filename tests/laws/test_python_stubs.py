"""What editors and type checkers know of `workflow.py` is what the built-in nodes are: the stub is current."""

from tools.python_stubs import PLACE, current


def test_the_stubs_of_scripts_are_current() -> None:
    assert PLACE.read_text(encoding="utf-8") == current(), "write it anew with 'make types'"
