"""Acts as another user than root, whom no rights stop: tests of rights mean nothing otherwise."""

from __future__ import annotations

import os
import tempfile
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

NOBODY = 65534


def checkout_for_all() -> None:
    """Skip a test whose other user reads the checkout, where that lies in a folder that only root may enter."""
    here = Path(__file__).resolve()
    if os.geteuid() == 0 and not all(folder.stat().st_mode & 0o001 for folder in here.parents):
        pytest.skip("the checkout lies where no other user may look")


@contextmanager
def folder_for_all() -> Iterator[Path]:
    """A folder that another user may enter and write into, unlike those of pytest when it runs as root."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o777)
        yield folder
        for path in folder.rglob("*"):  # so that it can be removed
            if path.is_dir() and not path.is_symlink():
                path.chmod(0o777)


def as_other_user(act: Callable[[], int | None]) -> tuple[int, str]:
    """Do something in a child process that is not root; returns its exit code and what it printed.

    The child may not be able to import anything more: have it done once before, by this process.
    """
    with tempfile.TemporaryFile("w+") as said:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the child touches none of the threads of its parent
            child = os.fork()
        if child == 0:
            _act(act, said)
        _, status = os.waitpid(child, 0)
        said.seek(0)
        return os.waitstatus_to_exitcode(status), said.read()


def _act(act: Callable[[], int | None], said: object) -> None:
    code = 70
    try:
        if os.geteuid() == 0:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        with redirect_stdout(said), redirect_stderr(said):  # type: ignore[type-var]
            try:
                code = act() or 0
            except BaseException:  # noqa: BLE001 - whatever it is, the test is to see it
                traceback.print_exc()
        said.flush()  # type: ignore[attr-defined]
    finally:
        os._exit(code)
