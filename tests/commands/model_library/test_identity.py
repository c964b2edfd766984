"""A file is the one of before while its state is; copies of each other have one digest, and descendants do not."""

from __future__ import annotations

import os
import shutil

import pytest

from commands.model_library.identity import content_bytes, content_digest, identity
from tests.support.sparse_files import write_safetensors

SIZE = 3 * 2**20


def model(path, at=0, value=b""):
    """A file with one large tensor, whose bytes at a place are these."""
    content = bytearray(SIZE)
    content[at : at + len(value)] = value
    return write_safetensors(path, {"a.weight": ("U8", (SIZE,))}, values={"a.weight": bytes(content)})


def test_the_identity_changes_with_content_times_place_and_name(tmp_path):
    path = model(tmp_path / "a.safetensors")
    before = identity(path)
    assert identity(path) == before
    os.utime(path, ns=(1, 1))
    touched = identity(path)
    assert touched != before
    path.rename(tmp_path / "b.safetensors")
    assert identity(tmp_path / "b.safetensors") not in (before, touched)
    with pytest.raises(OSError, match=r"a\.safetensors"):
        identity(path)


def test_the_identity_of_a_folder_changes_with_any_of_its_files(tmp_path):
    folder = tmp_path / "model"
    (folder / "unet").mkdir(parents=True)
    (folder / "unet" / "config.json").write_text("{}")
    before = identity(folder)
    assert identity(folder) == before
    (folder / "unet" / "config.json").write_text('{"a": 1}')
    assert identity(folder) != before


def test_a_copy_under_another_name_has_the_same_digest(tmp_path):
    path = model(tmp_path / "a.safetensors")
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(path, tmp_path / "elsewhere" / "b.safetensors")
    assert content_digest(path) == content_digest(tmp_path / "elsewhere" / "b.safetensors")
    assert content_bytes(path) == path.stat().st_size


def test_descendants_with_equal_headers_and_sizes_have_digests_of_their_own(tmp_path):
    digests = {content_digest(model(tmp_path / "a.safetensors"))}
    for number in range(1, 9):  # a span longer than the gap between two samples, as training changes all weights
        changed = model(tmp_path / f"{number}.safetensors", at=number * 300_000, value=bytes([number]) * 220_000)
        digests.add(content_digest(changed))
    assert len(digests) == 9


def test_a_folder_is_told_by_its_settings_and_the_sizes_of_its_files(tmp_path):
    def folder(name, settings, weights):
        (tmp_path / name).mkdir()
        (tmp_path / name / "config.json").write_text(settings)
        (tmp_path / name / "model.safetensors").write_bytes(bytes(weights))
        return content_digest(tmp_path / name)

    first = folder("a", '{"x": 1}', 10)
    assert folder("b", '{"x": 1}', 10) == first
    assert len({first, folder("c", '{"x": 2}', 10), folder("d", '{"x": 1}', 11)}) == 3
    assert content_bytes(tmp_path / "a") == 18
