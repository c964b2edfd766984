"""Measure an exported model: the autoencoder's PSNR, how well pictures follow their prompts, the time of one picture.

    python -m tools.picturebook.evaluate scratch/picturebook models/picturebook --sheet scratch/sheet.png

The judge of the pictures is classifier.py, which has to be trained first. The sheet shows one prompt a row.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from diffusers import StableDiffusionPipeline
from PIL import Image, ImageDraw
from torch import Tensor

from tools.picturebook import classifier
from tools.picturebook.autoencoder import psnr, to_tensor
from tools.picturebook.dataset import load_pictures
from tools.picturebook.draw import Scene
from tools.picturebook.palette import COLOURS
from tools.picturebook.report import log
from tools.picturebook.scenes import SETTINGS
from tools.picturebook.shapes import SUBJECTS

PLACES = {
    "meadow": "in a meadow",
    "beach": "on a beach",
    "snow": "in the snow",
    "desert": "in the desert",
    "night sky": "in the night sky",
    "underwater": "under water",
    "sea": "on the sea",
    "plain": "on a plain background",
}
SHEET = (
    "a red house on a beach",
    "a black cat in the snow",
    "a brown dog in a meadow",
    "an orange fish under water",
    "a picture of a blue bird, desert",
    "a white boat on the sea",
    "a yellow star in the night sky",
    "a green tree",
    "a pink flower in the snow",
    "purple car, desert",
    "a yellow sun, meadow",
    "a grey moon at night",
    "a green cat under water",
    "a white house in the night sky",
)
STEPS, GUIDANCE, BATCH = 20, 5.0, 16


def load(model: Path) -> StableDiffusionPipeline:
    """Return the pipeline as a user would load it."""
    pipeline = StableDiffusionPipeline.from_pretrained(
        model, safety_checker=None, local_files_only=True, torch_dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def paint(pipeline: StableDiffusionPipeline, prompts: list[str], guidance: float, seed: int = 0) -> Tensor:
    """Return pictures in -1..1, (n, 3, 128, 128); picture i has the seed `seed` + i."""
    parts = []
    for start in range(0, len(prompts), BATCH):
        batch = prompts[start : start + BATCH]
        generators = [torch.Generator().manual_seed(seed + start + i) for i in range(len(batch))]
        parts.append(
            pipeline(
                batch, num_inference_steps=STEPS, guidance_scale=guidance, generator=generators, output_type="pt",
                height=128, width=128,
            ).images * 2 - 1
        )  # fmt: skip
    return torch.cat(parts)


def test_scenes(count: int) -> list[Scene]:
    """Return scenes in which all words come up equally often."""
    rng = np.random.default_rng(7)
    columns = [rng.permutation(np.resize(list(table), count)) for table in (SUBJECTS, COLOURS, SETTINGS)]
    return [Scene(*map(str, row)) for row in zip(*columns, strict=True)]


def report_fidelity(
    pipeline: StableDiffusionPipeline, judge: classifier.Classifier, count: int, guidance: float
) -> None:
    """Log the share of pictures that show what was asked for, in all and for each word."""
    scenes = test_scenes(count)
    prompts = [f"a {scene.colour} {scene.subject} {PLACES[scene.setting]}" for scene in scenes]
    right = classifier.hits(judge, paint(pipeline, prompts, guidance), scenes).float()
    everything = right.prod(1).mean()
    log(
        "guidance {}: subject {:.3f}  colour {:.3f}  setting {:.3f}  all three {:.3f}".format(
            guidance, *right.mean(0).tolist(), everything
        )
    )
    for column, table in enumerate(classifier.TABLES):
        shares = {word: right[[scene[column] == word for scene in scenes], column].mean() for word in table}
        log("  " + "  ".join(f"{word} {share:.2f}" for word, share in shares.items()))


def report_autoencoder(pipeline: StableDiffusionPipeline, folder: Path) -> None:
    """Log the PSNR of held-out pictures and the spread of their latents."""
    pictures = to_tensor(load_pictures(folder)[-128:])
    with torch.no_grad():
        latents = pipeline.vae.encode(pictures).latent_dist.mean
        rebuilt = pipeline.vae.decode(latents).sample
    log(f"autoencoder PSNR {psnr(pictures, rebuilt):.2f} dB, latent deviation {float(latents.std()):.3f}")


def report_time(pipeline: StableDiffusionPipeline) -> None:
    """Log the seconds that one picture takes."""
    paint(pipeline, ["a cat"], GUIDANCE)
    start = time.monotonic()
    paint(pipeline, ["a red house on a beach"], GUIDANCE)
    log(f"{STEPS} steps with guidance: {time.monotonic() - start:.2f} s on {torch.get_num_threads()} threads")


def write_sheet(pipeline: StableDiffusionPipeline, file: Path, guidance: float, across: int = 8) -> None:
    """Write a PNG with `across` pictures of every prompt in SHEET."""
    prompts = [prompt for prompt in SHEET for _ in range(across)]
    pixels = paint(pipeline, prompts, guidance, seed=1000).add(1).mul(127.5).round().byte().permute(0, 2, 3, 1).numpy()
    sheet = Image.new("RGB", (across * 128, len(SHEET) * 144), "white")
    pen = ImageDraw.Draw(sheet)
    for i, picture in enumerate(pixels):
        sheet.paste(Image.fromarray(picture), (i % across * 128, i // across * 144 + 16))
    for row, prompt in enumerate(SHEET):
        pen.text((4, row * 144 + 2), prompt, fill="black")
    sheet.save(file)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("model", type=Path)
    parser.add_argument("--sheet", type=Path)
    parser.add_argument("--count", type=int, default=264)
    parser.add_argument("--guidance", type=float, default=GUIDANCE)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    painter = load(arguments.model)
    report_time(painter)
    report_autoencoder(painter, arguments.folder)
    if arguments.sheet:
        write_sheet(painter, arguments.sheet, arguments.guidance)
    if arguments.count:
        report_fidelity(painter, classifier.load(arguments.folder), arguments.count, arguments.guidance)
