"""Sampling time against the plain diffusers pipeline on the same weights, prompt, steps and guidance.

Reference: `StableDiffusionPipeline` with its Euler scheduler, from the same noise, its progress bar off. The two take
turns, so that whatever else the machine does falls on both. Aim: a ratio of at most 1.02.
"""

from __future__ import annotations

import os
import statistics
import sys
import warnings
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
warnings.filterwarnings("ignore")

import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline

import diffusion
from bench.turns import ratio, take_turns

PROMPT, STEPS, CFG, SEED, ROUNDS = "a red house on a beach", 20, 5.0, 7, 9


def main() -> None:
    """Print the times and their ratio."""
    folder = ROOT / "models" / "picturebook"
    checkpoint = diffusion.loading.load_checkpoint(folder)
    pipeline = StableDiffusionPipeline.from_pretrained(
        folder, torch_dtype=torch.float32, local_files_only=True, safety_checker=None
    )
    pipeline.scheduler = EulerDiscreteScheduler.from_config(pipeline.scheduler.config, timestep_spacing="linspace")
    pipeline.set_progress_bar_config(disable=True)
    size = 128
    noise = torch.randn((1, pipeline.unet.config.in_channels, 16, 16), generator=torch.manual_seed(SEED))
    positive = diffusion.text_encoding.encode(checkpoint.clip, PROMPT)
    negative = diffusion.text_encoding.encode(checkpoint.clip, "")
    embeddings = {"prompt_embeds": positive[0][0], "negative_prompt_embeds": negative[0][0]}

    def ours() -> None:
        latent = diffusion.latents.empty(size, size, 1)
        diffusion.sample.sample(
            checkpoint.model, positive, negative, latent,
            seed=SEED, steps=STEPS, cfg=CFG, sampler_name="euler", scheduler="normal", on_step=ignore,
        )  # fmt: skip

    def theirs() -> None:
        pipeline(
            **embeddings, latents=noise.clone(), num_inference_steps=STEPS, guidance_scale=CFG,
            height=size, width=size, output_type="latent",
        )  # fmt: skip

    our_times, their_times = take_turns(ours, theirs, rounds=ROUNDS)
    for name, times in (("Jacquard", our_times), ("diffusers pipeline", their_times)):
        print(f"{name:20} {statistics.median(times):.3f} s for {STEPS} steps with guidance")
    print(f"ratio {ratio(our_times, their_times):.3f} (median of {ROUNDS} pairs; aim: at most 1.02)")


def ignore(_: object) -> None:
    """Take a step's report and do nothing, as a listener without a preview does."""


if __name__ == "__main__":
    main()
