"""What lies where a weight file should: each thing is named for what it is, and nothing makes the reader wait."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path

import pytest

from diffusion.errors import DiffusionError
from diffusion.weight_files.reading import read_header
from tests.support.sparse_files import write_gguf, write_plain


def refused(path: Path, message: str, remedy: str = "") -> None:
    with pytest.raises(DiffusionError, match=message) as caught:
        read_header(path)
    assert remedy in caught.value.remedy
    assert caught.value.remedy


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab\nsize 12345\n"


@pytest.mark.parametrize(
    ("content", "message", "remedy"),
    [
        (b"", "this is an empty file", "Download"),
        (POINTER, "this is a pointer of Git LFS, not the file", "Get the file itself"),
        (
            b"\n <!DOCTYPE html><html><title>Sign in</title>",
            "a page of a web site, such as one for signing in",
            "Sign in",
        ),
        (b"\xef\xbb\xbf<html lang='en'>", "a page of a web site", "Sign in"),
        (b'{"error": "Unauthorized"}', "this is a text in JSON", "Download"),
        (b"Repository not found, or it is gated.", "this is a text", "Download"),
        (b"\x80\x02}q\x00(X\x0a\x00\x00\x00state_dict", "a pickle, which can run code", "main.py convert"),
        (b"\x1f\x8b\x08\x00somewhat packed", "a packed archive", "Unpack"),
        (bytes(100), "nothing but zeros", "Download"),
        (b"\x03\x00\x00\x00\x00\x00\x00\x00", "ends inside its header", "again"),
        (b"\xf1\xf2\xf3", "cut short", "again"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "ends inside its header", "again"),
    ],
)
def test_what_is_no_weight_file_is_named(tmp_path: Path, content: bytes, message: str, remedy: str) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    refused(path, message, remedy)


def test_a_zip_archive_is_taken_for_what_torch_writes(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", b"\x80\x02.")
    refused(path, "a zip archive, as torch writes its pickles", "main.py convert")


@pytest.mark.parametrize("end", [".part", ".crdownload", ".incomplete"])
def test_a_download_that_has_not_ended_is_named(tmp_path: Path, end: str) -> None:
    path = tmp_path / f"model.safetensors{end}"
    path.write_bytes(b"\x10\x27\x00\x00\x00\x00\x00\x00{")
    refused(path, "is a download that has not ended", "Let it end")


def test_a_pipe_a_socket_a_device_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    refused(tmp_path / "pipe.safetensors", "not a plain file")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket.safetensors"))
        refused(tmp_path / "socket.safetensors", "not a plain file")
    refused(Path("/dev/zero"), "not a plain file")
    refused(tmp_path, "not a plain file")


def test_links_are_followed_and_those_to_nowhere_or_in_circles_are_refused(tmp_path: Path) -> None:
    write_plain(tmp_path / "model.safetensors", {"a": (2, 2)})
    (tmp_path / "link.safetensors").symlink_to(tmp_path / "model.safetensors")
    assert list(read_header(tmp_path / "link.safetensors").tensors) == ["a"]
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    refused(tmp_path / "gone", "There is no file")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    refused(tmp_path / "circle", "cannot be opened")
    refused(tmp_path / "nothing", "There is no file")
    refused(Path("a\0b"), "cannot be opened: its name is no name of a file")


def test_the_format_is_told_by_the_bytes_and_not_by_the_suffix(tmp_path: Path) -> None:
    assert read_header(write_gguf(tmp_path / "model.safetensors", {"a": ("F16", (4,))})).format == "gguf"
    assert read_header(write_plain(tmp_path / "model.gguf", {"a": (4,)})).format == "safetensors"


def test_names_of_files_are_printed_without_what_terminals_obey(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[31m\udcff.safetensors"
    path.write_bytes(b"")
    with pytest.raises(DiffusionError) as caught:
        read_header(path)
    assert str(caught.value).isprintable()
    str(caught.value).encode()
