"""A mapped file: its bytes, memory of its own, and letting go of what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch

from diffusion.errors import DiffusionError
from diffusion.stored.mapping import MappedFile

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = bytes(range(256)) * 256


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "a.bin"
    path.write_bytes(CONTENT)
    return path


def test_a_file_is_there_as_bytes_and_writing_does_not_change_it(path: Path) -> None:
    mapped = MappedFile(path, len(CONTENT))
    view = mapped.bytes[256:512]
    assert bytes(view.numpy()) == bytes(range(256))
    view.zero_()
    assert path.read_bytes() == CONTENT


def test_a_view_outlives_what_made_it(path: Path) -> None:
    view = MappedFile(path, len(CONTENT)).bytes[:256]
    assert bytes(view.numpy()) == bytes(range(256))


def test_what_was_let_go_is_read_again_and_a_tensor_that_lies_elsewhere_is_left_alone(path: Path) -> None:
    mapped = MappedFile(path, len(CONTENT))
    mapped.release(mapped.bytes)
    mapped.release(mapped.bytes[100:101])
    mapped.release(torch.zeros(3))
    assert bytes(mapped.bytes.numpy()) == CONTENT


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiffusionError, match="There is no file"):
        MappedFile(tmp_path / "gone", 10)


def test_a_file_that_became_shorter_is_named_before_anybody_reads_what_is_gone(path: Path) -> None:
    mapped = MappedFile(path, len(CONTENT))
    mapped.check()
    with path.open("ab") as file:
        file.write(b"more")
    mapped.check()
    with path.open("rb+") as file:
        file.truncate(len(CONTENT) - 1)
    with pytest.raises(DiffusionError, match=r"a\.bin was cut short"):
        mapped.check()
