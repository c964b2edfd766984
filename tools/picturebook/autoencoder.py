"""Train the autoencoder: pictures to 4 channels at an eighth of the size, and back.

    python -m tools.picturebook.autoencoder scratch/picturebook --minutes 20

What makes an AutoencoderKL learn colours in twenty minutes on two cores (22 dB after 80 seconds):
- one norm group and two channels that carry the constants +8 and -8 through the encoder and the decoder: they dominate
  the mean and variance, so the norm scarcely changes with the picture and does not take its colours away;
- every residual block starts as the identity; hidden kernels are trained by Muon;
- half-size crops first, whole pictures for the last third; bfloat16 and channels_last (twice as fast here).

There is no KL term: latents are brought to zero mean and unit variance per channel and get a little noise instead.
The running mean and deviation are kept beside the weights; export.py folds them into the quant convolutions.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from diffusers import AutoencoderKL
from torch import Tensor, nn

from tools.picturebook.dataset import HELD_OUT, load_pictures
from tools.picturebook.muon import Optimisers
from tools.picturebook.report import log

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHANNELS = (16, 32, 64, 128)
LATENT_CHANNELS = 4
ANCHOR = 8.0
NOISE = 0.06
LEARNING_RATE = 3e-3
WARM_UP = 30
SAVE_EVERY = 120.0  # seconds


class Statistics(NamedTuple):
    """Mean and standard deviation of each raw latent channel, (1, 4, 1, 1)."""

    mean: Tensor
    deviation: Tensor


def build() -> AutoencoderKL:
    """Return the untrained model."""
    levels = len(CHANNELS)
    model = AutoencoderKL(
        down_block_types=("DownEncoderBlock2D",) * levels,
        up_block_types=("UpDecoderBlock2D",) * levels,
        block_out_channels=CHANNELS,
        layers_per_block=1,
        latent_channels=LATENT_CHANNELS,
        norm_num_groups=1,
        mid_block_add_attention=False,
        sample_size=128,
        scaling_factor=1.0,
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "conv2." in name:
                parameter.zero_()
            elif parameter.ndim == 4:
                nn.init.normal_(parameter, 0, parameter[0].numel() ** -0.5)
        _anchor(model.encoder)
        _anchor(model.decoder)
    return model


def _anchor(half: nn.Module) -> None:
    half.conv_in.weight[:2] = 0
    half.conv_in.bias[:2] = torch.tensor([ANCHOR, -ANCHOR])
    for name, module in half.named_modules():
        if name.endswith(("conv_shortcut", "samplers.0.conv")):
            middle = module.weight.shape[-1] // 2
            module.weight[:2] = 0
            module.weight[:, :2] = 0
            module.weight[0, 0, middle, middle] = module.weight[1, 1, middle, middle] = 1


def to_tensor(pictures: NDArray[np.uint8]) -> Tensor:
    """Return uint8 (n, h, w, 3) as floats in -1..1, (n, 3, h, w), channels last in memory."""
    x = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float().div_(127.5).sub_(1)
    return x.contiguous(memory_format=torch.channels_last)


def encode(model: AutoencoderKL, x: Tensor) -> Tensor:
    """Return raw latents, before standardisation."""
    return model.quant_conv(model.encoder(x)).float()[:, :LATENT_CHANNELS]


def psnr(pictures: Tensor, rebuilt: Tensor) -> float:
    """Return the mean peak signal-to-noise ratio in dB of pictures in -1..1."""
    error = (pictures - rebuilt.clamp(-1, 1)).square().mean(dim=(1, 2, 3))
    return float((10 * torch.log10(4 / error)).mean())


def _hidden(name: str, parameter: Tensor) -> bool:
    return parameter.ndim == 4 and not any(part in name for part in ("conv_in", "conv_out", "quant"))


class Training:
    """The model, its optimisers and how far they are."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "autoencoder.pt"
        self.pictures = load_pictures(folder)
        self.model = build().to(memory_format=torch.channels_last)
        self.optimisers = Optimisers(self.model, _hidden, LEARNING_RATE)
        shape = (1, LATENT_CHANNELS, 1, 1)
        self.running = Statistics(torch.zeros(shape), torch.ones(shape))
        self.seconds, self.steps = 0.0, 0
        if self.file.exists():
            self._resume()

    def run(self, seconds: float) -> None:
        """Train until `seconds` of training time are used up, those of earlier runs included."""
        saved = last = time.monotonic()
        rng = np.random.default_rng(self.steps)
        while self.seconds < seconds:
            done = self.seconds / seconds
            error = self._step(self._batch(rng, crop=64 if done < 0.65 else 128), done)
            self.steps += 1
            now = time.monotonic()
            self.seconds, last = self.seconds + now - last, now
            if self.steps % 100 == 0:
                log(f"step {self.steps}  {self.seconds:.0f} s  squared error {error:.5f}")
            if now - saved > SAVE_EVERY:
                self._save()
                saved = now
        self._save()

    def _batch(self, rng: np.random.Generator, crop: int) -> Tensor:
        count = 24 if crop == 64 else 6
        chosen = rng.integers(len(self.pictures) - HELD_OUT, size=count)
        corners = rng.integers(128 - crop + 1, size=(count, 2))
        views = [self.pictures[i, y : y + crop, x : x + crop] for i, (y, x) in zip(chosen, corners, strict=True)]
        return to_tensor(np.stack(views))

    def _step(self, x: Tensor, done: float) -> float:
        with torch.autocast("cpu", torch.bfloat16):
            raw = encode(self.model, x)
            deviation, mean = torch.std_mean(raw, dim=(0, 2, 3), keepdim=True)
            latents = (raw - mean) / (deviation + 1e-5)
            latents = latents + NOISE * torch.randn_like(latents)
            difference = self.model.decode(latents).sample.float() - x
        error = difference.square().mean()
        (error + 0.05 * difference.abs().mean()).backward()
        self.optimisers.step(min(1.0, (self.steps + 1) / WARM_UP) * max(0.02, 1 - done))
        self.running.mean.lerp_(mean.detach(), 0.01)
        self.running.deviation.lerp_(deviation.detach(), 0.01)
        return float(error.detach())

    def measure(self) -> float:
        """Save the statistics of many pictures, and return the PSNR of the held-out ones."""
        self.running = statistics(self.model, self.pictures[:512])
        self._save()
        x = to_tensor(self.pictures[-64:])
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
            latents = (encode(self.model, x) - self.running.mean) / self.running.deviation
            rebuilt = self.model.decode(latents).sample.float()
        return psnr(x, rebuilt)

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "optimisers": self.optimisers.state_dict(),
            "running": tuple(self.running),
            "seconds": self.seconds,
            "steps": self.steps,
        }
        partial = self.file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.file)

    def _resume(self) -> None:
        state = torch.load(self.file)
        self.model.load_state_dict(state["model"])
        self.optimisers.load_state_dict(state["optimisers"])
        self.running = Statistics(*state["running"])
        self.seconds, self.steps = state["seconds"], state["steps"]


@torch.no_grad()
def statistics(model: AutoencoderKL, pictures: NDArray[np.uint8]) -> Statistics:
    """Return mean and deviation of the raw latents of the pictures."""
    with torch.autocast("cpu", torch.bfloat16):
        raw = torch.cat([encode(model, to_tensor(part)) for part in np.array_split(pictures, len(pictures) // 32)])
    deviation, mean = torch.std_mean(raw, dim=(0, 2, 3), keepdim=True)
    return Statistics(mean, deviation)


def load(folder: Path) -> tuple[AutoencoderKL, Statistics]:
    """Return the trained model and the statistics of its raw latents."""
    state = torch.load(folder / "autoencoder.pt")
    model = build().to(memory_format=torch.channels_last)
    model.load_state_dict(state["model"])
    return model.eval(), Statistics(*state["running"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    torch.manual_seed(0)
    training = Training(arguments.folder)
    training.run(arguments.minutes * 60)
    log(f"held-out PSNR {training.measure():.2f} dB after {training.steps} steps")
