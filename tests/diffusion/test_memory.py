"""A value that is larger than the memory that is left is refused before it is made, with both sizes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from diffusion import batches, latents, memory, pixels, vae
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Callable

    from diffusion.models import Checkpoint

PICTURE = torch.zeros(1, 8, 8, 3)
LATENT: dict[str, Any] = {"samples": torch.zeros(1, 4, 8, 8)}
HUGE = torch.zeros(1, 1, 1, 3).expand(4096, 4096, 4096, 3)
"""A picture batch that says to be 768 GiB and is 12 bytes."""

MAKERS: dict[str, Callable[[], object]] = {
    "an empty canvas": lambda: latents.empty(16384, 16384, 4096),
    "a repeated batch": lambda: batches.repeat(HUGE[:1], 4096),
    "a repeated latent": lambda: batches.repeat_latent({"samples": HUGE.movedim(-1, 1)}, 64),
    "a joined batch": lambda: batches.join([HUGE, HUGE]),
    "two joined batches": lambda: pixels.join_batch(HUGE, HUGE),
    "a resized batch": lambda: pixels.resize(HUGE[:, :8, :8], 16384, 16384),
    "a picture with borders": lambda: pixels.pad_for_outpaint(HUGE[:, :8, :8], (8000, 8000, 8000, 8000), 0),
    "a scaled latent": lambda: latents.upscale({"samples": HUGE[:, :8, :8].movedim(-1, 1)}, "area", 16384, 16384),
    "a latent scaled by a factor": lambda: latents.upscale_by({"samples": HUGE.movedim(-1, 1)}, "area", 8),
}


@pytest.mark.parametrize("maker", MAKERS)
def test_what_makes_a_value_larger_than_the_memory_that_is_left_refuses(maker: str) -> None:
    with pytest.raises(DiffusionError, match=r"would take [\d,.]+ GiB of memory; [\d,.]+ [GM]iB are left") as caught:
        MAKERS[maker]()
    assert caught.value.input
    assert caught.value.remedy


@pytest.mark.long
def test_a_latent_that_is_too_large_to_decode_is_refused(checkpoint: Checkpoint) -> None:
    channels = checkpoint.vae.latent_format.channels
    samples = torch.zeros(1, channels, 1, 1).expand(1, channels, 8192, 8192)
    with pytest.raises(DiffusionError, match="GiB of memory"):
        vae.decode(checkpoint.vae, samples)


@pytest.mark.network
def test_the_vae_is_asked_for_the_room_that_it_needs_itself(
    checkpoint: Checkpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    wide = checkpoint.vae.model.config.block_out_channels[0]
    monkeypatch.setattr(memory, "SMALL_BYTES", 0)
    monkeypatch.setattr(memory, "memory_left", lambda: 2 * wide * 16 * 16 * 4 - 1)
    with pytest.raises(DiffusionError, match="The VAE's work on a picture of 16 x 16 pixels"):
        vae.encode(checkpoint.vae, torch.zeros(1, 16, 16, 3))


def test_what_fits_is_made_without_a_look_when_it_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def never() -> int:
        raise AssertionError("the system was asked")

    monkeypatch.setattr(memory, "memory_left", never)
    assert batches.repeat(PICTURE, 3).shape == (3, 8, 8, 3)
    assert latents.empty(512, 512)["samples"].shape == (1, 4, 64, 64)


def test_where_nobody_says_how_much_is_left_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "memory_left", lambda: None)
    memory.check_room("a world", (10**6, 10**6, 10**6), remedy="")


def test_the_limit_of_a_container_counts_when_it_is_lower(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    group = {"memory.max": "3000\n", "memory.current": "1000\n", "memory.stat": "anon 1\ninactive_file 200\n"}
    for name, text in group.items():
        (tmp_path / name).write_text(text)
    (tmp_path / "meminfo").write_text("MemTotal: 9 kB\nMemAvailable:   100 kB\nSwapFree: 2 kB\n")
    monkeypatch.setattr(memory, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr(memory, "MEMORY_INFO", tmp_path / "meminfo")
    assert memory.memory_left() == 2200
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.memory_left() == 102 * 1024
    (tmp_path / "meminfo").unlink()
    assert memory.memory_left() is None
