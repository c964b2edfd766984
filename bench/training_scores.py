"""What a judge says of pictures that were painted before and after a training. Not a benchmark itself.

Prompts are those of scenes that were held out. Three plain numbers:

- the share of pictures in which the judge sees the subject and the place of the prompt. It has seen ordinary drawings
  only, so drawings of the set itself are judged, too
- how far pictures are from drawings of the same scenes in the features of the judge, as a part of the distance that
  they had before: 0 is where other drawings of these scenes are
- the share of the set's own colours (stripes and eyes of the cat; the blues of a blueprint)

and what became of prompts that do not speak of the set.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional

import diffusion
from bench.training_sheet import laid_out
from tools.picturebook import classifier
from tools.picturebook.draw import Scene
from tools.picturebook.evaluate import PLACES
from tools.training_sets.sets import EXAMPLE_SETS, ExampleSet

EACH, SEED, STEPS, GUIDANCE = 4, 1000, 20, 4.0
OTHERS = (Scene("cat", "black", "snow"), Scene("house", "red", "beach"), Scene("fish", "orange", "underwater"))
_SHOWN = 3
"""Prompts on a sheet, and one that does not speak of the set."""
ROOT = Path(__file__).resolve().parent.parent


def report(name: str, model: Any, trained: Any, clip: Any, vae: Any, folder: Path, sheet: Path | None) -> None:
    """Print the numbers; `sheet` is a folder for the pictures."""
    (example,) = (each for each in EXAMPLE_SETS if each.name == name)
    scenes = [scene for scene in example.held_out for _ in range(EACH)]
    prompts = [example.words(scene) for scene in example.held_out]
    before, after = (paint(each, clip, vae, prompts) for each in (model, trained))
    words = [f"a {scene.colour} {scene.subject} {PLACES[scene.setting]}" for scene in OTHERS]
    kept = [paint(each, clip, vae, words) for each in (model, trained)]
    if sheet is not None:
        save_sheet(sheet / f"training-{name}.webp", example, [*prompts, words[0]], (before, after), kept)
    judge = judge_in(folder)
    drawn, others = (
        torch.stack([tensor(example.picture(scene, SEED + part + i)) for i, scene in enumerate(scenes)])
        for part in (0, 100)
    )
    floor = distance(judge, others, drawn)
    far = distance(judge, before, drawn)
    near = (distance(judge, after, drawn) - floor) / (far - floor)
    print(f"  {len(scenes)} pictures of {len(prompts)} held-out prompts, {STEPS} steps, guidance {GUIDANCE}")
    for label, pictures in (("before", before), ("after", after), ("drawings", drawn)):
        subject, _, setting = classifier.hits(judge, pictures, scenes).float().mean(0).tolist()
        marks = np.mean([example.mark(each) for each in pixels(pictures)])
        print(f"  {label:8} subject {subject:.0%}, place {setting:.0%}, its own colours {marks:.1%} of the picture")
    print(f"  distance to drawings of these scenes in the judge's features: {near:.2f} of that before", flush=True)
    plain = [scene for scene in OTHERS for _ in range(EACH)]
    for label, pictures in zip(("before", "after"), kept, strict=True):
        right = classifier.hits(judge, pictures, plain).float().prod(1).mean()
        marks = np.mean([example.mark(each) for each in pixels(pictures)])
        print(f"  other prompts {label}: all three right {right:.0%}, the set's colours {marks:.1%}", flush=True)


def save_sheet(
    file: Path, example: ExampleSet, prompts: Sequence[str], held_out: Sequence[Tensor], others: Sequence[Tensor]
) -> None:
    """Write some pictures before and after: of held-out prompts, and of the last prompt, which is of the others."""
    count = len(prompts) - 1
    learned = [Image.fromarray(example.picture(scene, number + 1)) for number, scene in enumerate(example.scenes)]
    shown = range(0, count, max(1, count // _SHOWN))
    rows = [
        pixels(torch.cat([*(held[EACH * i : EACH * (i + 1)] for i in shown), other[:EACH]]))
        for held, other in zip(held_out, others, strict=True)
    ]
    page = laid_out([*(prompts[i] for i in shown), prompts[-1]], learned, *rows)
    page.save(file, quality=88, method=6)


def judge_in(folder: Path) -> classifier.Classifier:
    """The judge; it is made where it is missing, from ten thousand drawings."""
    if not (folder / "classifier.pt").exists():
        for command in (["dataset", str(folder), "--count", "10000"], ["classifier", str(folder)]):
            command[0] = f"tools.picturebook.{command[0]}"
            subprocess.run([sys.executable, "-m", *command], check=True, cwd=ROOT)  # noqa: S603
    return classifier.load(folder)


def paint(model: Any, clip: Any, vae: Any, prompts: Sequence[str]) -> Tensor:
    """`EACH` pictures of each prompt, in -1..1, (n, 3, 128, 128)."""
    negative = diffusion.text_encoding.encode(clip, "")
    parts = []
    for number, prompt in enumerate(prompts):
        latent = diffusion.sample.sample(
            model, diffusion.text_encoding.encode(clip, prompt), negative, diffusion.latents.empty(128, 128, EACH),
            seed=SEED + number, steps=STEPS, cfg=GUIDANCE, sampler_name="dpmpp_2m", scheduler="karras",
        )  # fmt: skip
        parts.append(diffusion.vae.decode_latent(vae, latent))
    return torch.cat(parts).movedim(-1, 1) * 2 - 1


def tensor(picture: Any) -> Tensor:
    """A drawing uint8 (128, 128, 3) as (3, 128, 128) in -1..1."""
    return torch.from_numpy(picture.copy()).movedim(-1, 0).float() / 127.5 - 1


def pixels(pictures: Tensor) -> Any:
    """Pictures in -1..1 as uint8 (n, 128, 128, 3)."""
    return ((pictures + 1) * 127.5).round().clamp(0, 255).byte().movedim(1, -1).numpy()


@torch.no_grad()
def distance(judge: classifier.Classifier, pictures: Tensor, drawings: Tensor) -> float:
    """The mean distance of pairs in the judge's last features, by their angle (1 - cosine)."""
    one, other = (judge.body(functional.avg_pool2d(each, 2)) for each in (pictures, drawings))
    return float((1 - functional.cosine_similarity(one, other)).mean())
