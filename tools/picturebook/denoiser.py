"""Train the text encoder and the UNet together on the latents.

    python -m tools.picturebook.denoiser scratch/picturebook --minutes 64

The objective is v-prediction on Stable Diffusion's noise schedule. Every noise level weighs the same but for the
lowest, which weigh less (as with min-SNR, gamma 5): the highest levels are where a picture is laid out. The usual
min-SNR weights were used for the first 250 steps of the bundled model and then given up; the two were not compared
side by side. One caption in eight is
dropped, so that guidance works. Captions are worded anew each time a picture comes up. Attention sits at 8x8 and 4x4
only: at 16x16 it doubles the time of a step. Run again with more minutes to go on: the learning rate follows the share
of the minutes that is used up.

Two processes with one thread each take half of every batch and average their gradients: on a machine that is not idle,
this is more than twice as fast as one process with two threads, whose threads wait for each other in every operation.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
import torch.distributed as dist
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, multiprocessing, nn
from transformers import CLIPTextConfig, CLIPTextModel

from tools.picturebook import tokenizer
from tools.picturebook.captions import caption
from tools.picturebook.dataset import HELD_OUT, scene_of
from tools.picturebook.muon import Optimisers
from tools.picturebook.report import log

if TYPE_CHECKING:
    from transformers import CLIPTokenizer

TEXT_WIDTH, TEXT_LAYERS, TEXT_HEADS = 128, 2, 4
CHANNELS = (64, 128, 192)
PROCESSES = 2
BATCH = 32  # of each process
DROPPED = 0.125
GAMMA = 5.0
LEARNING_RATE = 2e-3
WARM_UP = 50
AVERAGE = 0.998
SAVE_EVERY = 180.0  # seconds


def build_scheduler() -> DDIMScheduler:
    """Return Stable Diffusion's noise schedule, with v-prediction."""
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        prediction_type="v_prediction",
        clip_sample=False,
        set_alpha_to_one=False,
        steps_offset=1,
    )


def build_text_encoder(words: CLIPTokenizer) -> CLIPTextModel:
    """Return the untrained text encoder."""
    return CLIPTextModel(
        CLIPTextConfig(
            vocab_size=len(words),
            hidden_size=TEXT_WIDTH,
            intermediate_size=4 * TEXT_WIDTH,
            projection_dim=TEXT_WIDTH,
            num_hidden_layers=TEXT_LAYERS,
            num_attention_heads=TEXT_HEADS,
            max_position_embeddings=tokenizer.LENGTH,
            hidden_act="quick_gelu",
            bos_token_id=words.bos_token_id,
            eos_token_id=words.eos_token_id,
            pad_token_id=words.pad_token_id,
        )
    )


def build_unet() -> UNet2DConditionModel:
    """Return the untrained UNet; every residual branch starts at zero."""
    model = UNet2DConditionModel(
        sample_size=16,
        in_channels=4,
        out_channels=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        block_out_channels=CHANNELS,
        layers_per_block=1,
        cross_attention_dim=TEXT_WIDTH,
        attention_head_dim=4,  # for this class, the number of heads
        norm_num_groups=16,
    )
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "conv2." in name or "proj_out." in name or name.startswith("conv_out."):
                parameter.zero_()
    return model


class Painter(nn.Module):
    """Both trained models."""

    def __init__(self, words: CLIPTokenizer) -> None:
        super().__init__()
        self.text_encoder = build_text_encoder(words)
        self.unet = build_unet().to(memory_format=torch.channels_last)

    def forward(self, tokens: Tensor, noisy: Tensor, timesteps: Tensor) -> Tensor:
        """Return the predicted v."""
        states = self.text_encoder(tokens).last_hidden_state
        return self.unet(noisy, timesteps, states).sample.float()


def _hidden(name: str, parameter: Tensor) -> bool:
    outer = ("conv_in", "conv_out", "embedding", "time_emb")
    return parameter.ndim >= 2 and not any(part in name for part in outer)


class Training:
    """The models, their averaged weights, the optimisers and how far they are."""

    def __init__(self, folder: Path, rank: int) -> None:
        self.rank = rank
        self.file = folder / "denoiser.pt"
        self.latents = torch.from_numpy(np.load(folder / "latents.npy"))[:-HELD_OUT]
        self.words = tokenizer.build()
        self.model = Painter(self.words)
        self.model.text_encoder.set_attn_implementation("eager")  # a fifth faster at these sizes, backwards above all
        self.model.unet.set_attn_processor(AttnProcessor())
        self.averaged = copy.deepcopy(self.model).requires_grad_(requires_grad=False)
        self.optimisers = Optimisers(self.model, _hidden, LEARNING_RATE)
        self.signal = build_scheduler().alphas_cumprod
        self.seconds, self.steps = 0.0, 0
        if self.file.exists():
            self._resume()

    def run(self, seconds: float) -> None:
        """Train until `seconds` of training time are used up, those of earlier runs included."""
        saved = last = time.monotonic()
        rng = np.random.default_rng((self.steps, self.rank))
        torch.manual_seed(2 * self.steps + self.rank)
        losses: list[float] = []
        while self.seconds < seconds:
            losses.append(self._gradients(rng))
            now = time.monotonic()
            self.seconds, last = self._average(self.seconds + now - last), now
            self.optimisers.step(min(1.0, (self.steps + 1) / WARM_UP) * max(0.01, 1 - self.seconds / seconds))
            self.steps += 1
            if self.rank:
                continue
            self._follow()
            if self.steps % 25 == 0:
                log(f"step {self.steps}  {self.seconds:.0f} s  loss {np.mean(losses):.4f}")
                losses.clear()
            if now - saved > SAVE_EVERY:
                self._save()
                saved = now
        if self.rank == 0:
            self._save()

    def _gradients(self, rng: np.random.Generator) -> float:
        chosen = rng.integers(len(self.latents), size=BATCH)
        texts = ["" if rng.random() < DROPPED else caption(scene_of(int(i)), rng) for i in chosen]
        tokens = self.words(texts, padding="max_length", truncation=True, return_tensors="pt").input_ids
        clean = self.latents[chosen].float().contiguous(memory_format=torch.channels_last)
        noise = torch.randn_like(clean)
        timesteps = torch.randint(len(self.signal), (BATCH,))
        signal = self.signal[timesteps].view(-1, 1, 1, 1)
        noisy = signal.sqrt() * clean + (1 - signal).sqrt() * noise
        target = signal.sqrt() * noise - (1 - signal).sqrt() * clean
        with torch.autocast("cpu", torch.bfloat16):
            predicted = self.model(tokens, noisy, timesteps)
        snr = signal / (1 - signal)
        loss = ((predicted - target).square() * (GAMMA / snr).clamp(max=1)).mean()
        loss.backward()
        return float(loss.detach())

    def _average(self, seconds: float) -> float:
        """Average the gradients, and the clocks, so that all processes agree on the learning rate and the end."""
        gradients = [p.grad for p in self.model.parameters() if p.grad is not None]
        flat = torch.cat([*(gradient.flatten() for gradient in gradients), torch.tensor([seconds])])
        dist.all_reduce(flat)
        flat /= PROCESSES
        parts = flat[:-1].split([gradient.numel() for gradient in gradients])
        for gradient, part in zip(gradients, parts, strict=True):
            gradient.copy_(part.view(gradient.shape))
        return float(flat[-1])

    @torch.no_grad()
    def _follow(self) -> None:
        share = 1 - min(AVERAGE, (1 + self.steps) / (10 + self.steps))
        torch._foreach_lerp_(list(self.averaged.parameters()), list(self.model.parameters()), share)

    def _save(self) -> None:
        state = {
            "model": self.model.state_dict(),
            "average": self.averaged.state_dict(),
            "optimisers": self.optimisers.state_dict(),
            "seconds": self.seconds,
            "steps": self.steps,
        }
        partial = self.file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.file)

    def _resume(self) -> None:
        state = torch.load(self.file)
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["average"])
        self.optimisers.load_state_dict(state["optimisers"])
        self.seconds, self.steps = state["seconds"], state["steps"]


def load(folder: Path) -> Painter:
    """Return the averaged models."""
    painter = Painter(tokenizer.build())
    painter.load_state_dict(torch.load(folder / "denoiser.pt")["average"])
    return painter.eval()


def train(rank: int, folder: Path, seconds: float) -> None:
    """Run one of the processes."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    meeting_place = dist.FileStore(str(folder / "processes"), PROCESSES)
    dist.init_process_group("gloo", store=meeting_place, rank=rank, world_size=PROCESSES)
    Training(folder, rank).run(seconds)
    dist.destroy_process_group()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    arguments = parser.parse_args()
    (arguments.folder / "processes").unlink(missing_ok=True)
    multiprocessing.spawn(train, (arguments.folder, arguments.minutes * 60), nprocs=PROCESSES)
