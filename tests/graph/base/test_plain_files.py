"""Only plain files are opened: nothing waits for a pipe, and no device is read."""

import os
import socket
import sys
from pathlib import Path

import pytest

from graph.base.errors import WorkflowError
from graph.base.plain_files import NotPlainError, open_plain, read_plain
from graph.document.reader import read

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="has no pipes among its files")


@pytest.fixture(params=["pipe", "socket", "folder", "device", "link to a pipe"])
def odd(request, tmp_path):
    path = tmp_path / "odd"
    match request.param:
        case "pipe":
            os.mkfifo(path)
        case "socket":
            with socket.socket(socket.AF_UNIX) as made:
                made.bind(str(path))
        case "folder":
            path.mkdir()
        case "device":
            return Path("/dev/zero")
        case _:
            os.mkfifo(tmp_path / "pipe")
            path.symlink_to(tmp_path / "pipe")
    return path


def test_what_is_no_plain_file_is_not_opened(odd):
    with pytest.raises(NotPlainError, match="is not a plain file"):
        open_plain(odd)


def test_a_workflow_that_is_none_is_refused_with_what_to_do(odd):
    with pytest.raises(WorkflowError) as caught:
        read(odd)
    (problem,) = caught.value.problems
    assert problem.code == "file_unreadable"
    assert "standard input" in problem.remedy


def test_a_file_and_a_link_to_one_are_read(tmp_path):
    (tmp_path / "file").write_bytes(b"text")
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert read_plain(tmp_path / "file") == read_plain(tmp_path / "link") == b"text"
    with pytest.raises(FileNotFoundError):
        open_plain(tmp_path / "none")
