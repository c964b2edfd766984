"""What nobody reads of a file is told by its header; of real files that is nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from diffusion.model_files.unread import unread
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain

if TYPE_CHECKING:
    from pathlib import Path

STRANGE = {"extra.weight": (4, 4)}


@pytest.mark.parametrize(
    ("file", "kind", "family"),
    [
        ("sd15", "checkpoint", "sd1"),
        ("sd21", "checkpoint", "sd2"),
        ("sd35-medium", "denoiser", "sd3"),
        ("flux1-schnell", "denoiser", "flux"),
        ("vae-sd", "vae", ""),
    ],
)
def test_of_a_real_file_everything_is_read_or_expected_and_what_was_added_is_told(
    file: str, kind: str, family: str, tmp_path: Path
) -> None:
    plain = write_plain(tmp_path / "plain.safetensors", shapes(file))
    assert unread(plain, kind, family) == []
    more = write_plain(tmp_path / "more.safetensors", {**shapes(file), **STRANGE})
    assert unread(more, kind, family) == [*STRANGE]


def test_what_cannot_be_read_or_is_something_else_has_nothing_to_tell(tmp_path: Path) -> None:
    strange = write_plain(tmp_path / "strange.safetensors", STRANGE)
    for kind, family in (("vae", ""), ("checkpoint", "sd1"), ("checkpoint", "unknown"), ("lora", "sd1")):
        assert unread(strange, kind, family) == ([*STRANGE] if (kind, family) == ("checkpoint", "sd1") else [])
    assert unread(tmp_path / "gone.safetensors", "vae", "") == []
    assert unread(tmp_path, "checkpoint", "sd1") == []
