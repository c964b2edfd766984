"""Encode the pictures once, so that the denoiser never waits for the autoencoder.

    python -m tools.picturebook.latents scratch/picturebook

writes latents.npy, float16 (count, 4, 16, 16), zero mean and unit variance per channel.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from tools.picturebook import autoencoder
from tools.picturebook.dataset import load_pictures
from tools.picturebook.report import log

BATCH = 32


@torch.no_grad()
def write_latents(folder: Path) -> None:
    """Encode every picture of the folder."""
    model, statistics = autoencoder.load(folder)
    pictures = load_pictures(folder)
    out = np.empty((len(pictures), autoencoder.LATENT_CHANNELS, 16, 16), np.float16)
    for start in range(0, len(pictures), BATCH):
        with torch.autocast("cpu", torch.bfloat16):
            raw = autoencoder.encode(model, autoencoder.to_tensor(pictures[start : start + BATCH]))
        out[start : start + BATCH] = ((raw - statistics.mean) / statistics.deviation).half().numpy()
    np.save(folder / "latents.npy", out)
    log(f"{len(out)} latents, deviation {out[:1000].astype(np.float32).std():.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    torch.set_num_threads(2)
    write_latents(parser.parse_args().folder)
