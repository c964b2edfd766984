"""Folders with pictures, values and prompts are their owner's alone, and a core of the server is not written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from graph.files.folders import write_atomically
from graph.packs.quarantine import PackNotes
from server.storage.data_folder import DataFolder
from server.storage.private_folders import close_folders
from tests.server.conftest import MakeServer
from tests.support.serving import ROOT, asynchronous

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
KINDS = ("cache", "input", "output", "temp")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_made_is_private_whatever_the_umask(make_server: MakeServer, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        server = make_server().start()

        @asynchronous
        async def save() -> None:
            async with server.client() as client, client.watch() as watch:
                run = await client.submit({"1": {"type": "Save"}})
                assert (await watch.run(run["id"]))["status"] == "finished"

        save()
        for kind in ("data", *KINDS):
            assert mode(tmp_path / kind) == 0o700, kind
    finally:
        os.umask(before)


def test_folders_that_are_made_on_the_way_to_a_file_are_private(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        write_atomically(tmp_path / "data" / "thumbnails" / "ab" / "cat.png", b"")
        with PackNotes(tmp_path / "command" / "data" / "packs").opened([]):
            pass
        DataFolder(tmp_path / "new" / "data").close()
    finally:
        os.umask(before)
    for folder in ("data", "data/thumbnails", "data/thumbnails/ab", "command/data", "command/data/packs", "new/data"):
        assert mode(tmp_path / folder) == 0o700, folder
    assert mode(tmp_path / "new") == 0o755


def test_what_another_umask_leaves_open_is_closed_where_that_is_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "output").mkdir()
        assert close_folders({"output": tmp_path / "output"}, tmp_path / "data")
    finally:
        os.umask(before)
    assert mode(tmp_path / "output") == 0o700


def test_folders_of_an_earlier_version_are_closed_once_and_what_a_person_arranged_is_left(tmp_path: Path) -> None:
    folders = {kind: tmp_path / kind for kind in KINDS}
    rights = {"cache": 0o755, "input": 0o777, "output": 0o755, "temp": 0o2750}
    for kind, path in folders.items():
        path.mkdir()
        path.chmod(rights[kind])
    data = tmp_path / "data"
    told = close_folders(folders, data)
    assert [sentence.split()[2] for sentence in told] == ["cache/", "output/"]
    assert {kind: mode(path) for kind, path in folders.items()} == {**rights, "cache": 0o700, "output": 0o700}
    folders["output"].chmod(0o755)
    assert close_folders(folders, data) == []
    assert mode(folders["output"]) == 0o755


def test_a_link_is_left_as_it_is(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o755)
    (tmp_path / "output").symlink_to(shared)
    assert close_folders({"output": tmp_path / "output"}, tmp_path / "data") == []
    assert mode(shared) == 0o755


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")
@pytest.mark.process
def test_a_core_is_not_written(tmp_path: Path) -> None:
    code = (
        "import ctypes, resource, server.storage.private_folders as p; p.write_no_core(); "
        "print(resource.getrlimit(resource.RLIMIT_CORE)[0], ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout.split() == ["0", "0"]


@pytest.mark.skipif(sys.platform != "linux", reason="as Linux has it")
def test_a_server_writes_none(make_server: MakeServer) -> None:
    server = make_server().start()
    for pid in (server.pid, server.worker_pid()):
        (line,) = [line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core file" in line]
        assert line.split()[4] == "0"
