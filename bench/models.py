"""What models cost: to list, to load, to keep in memory, to sample with; each beside a reference.

References: for listing, reading the same headers and parsing their JSON; for loading, reading the file's bytes; for
memory, the bytes of the weights in the file; for sampling, the diffusers pipeline on the same weights, embeddings and
noise levels, in turns. The networks have the structure of SD 1.5, SDXL and Flux.1 at a fraction of their width, with
random weights. Aim: sampling at most 1.00, memory at most 1.10. Where there is a GPU, pictures a minute of SDXL and
Flux.1 at 1024 x 1024 follow, in full size.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as `main.py` has it
warnings.filterwarnings("ignore")

from bench.listing import listing
from bench.turns import ratio, take_turns

ROUNDS, STEPS = 7, 6
PARTS = ("listing", "loading", "sampling", "gpu")
_LOAD = """
import sys, time
sys.path.insert(0, sys.argv[1])
import torch
from pathlib import Path
from diffusion.families.table import FAMILIES
import diffusion.denoisers.unet, diffusion.denoisers.sdxl, diffusion.layouts.unet_blocks, diffusers
from diffusion.loading import load_denoiser
from diffusers import UNet2DConditionModel
def resident(): return sum(int(l.split()[1]) for l in open("/proc/self/smaps_rollup") if l.startswith("Rss:")) * 1024
def peak(): return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM:")) * 1024
load_denoiser(Path(sys.argv[3]), device="cpu")
before = resident()
open("/proc/self/clear_refs", "w").write("5")
start = time.perf_counter()
model = load_denoiser(Path(sys.argv[2]), device="cpu")
took = time.perf_counter() - start
total = sum(int(tensor.reshape(-1).view(torch.uint8)[::4096].sum()) for tensor in model.module.state_dict().values()
            if tensor.numel() and tensor.is_contiguous())
print(took, peak() - before, model.nbytes)
"""


def main() -> None:
    """Print the numbers of the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", help=f"some of {', '.join(PARTS)}; without any, all")
    parser.add_argument("--files", type=int, default=2_000, help="how many the listed library has")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for part in asked.parts or PARTS:
            if part == "listing":
                listing(Path(folder), asked.files)
            else:
                {"loading": loading, "sampling": sampling, "gpu": gpu}[part](Path(folder))


def loading(folder: Path) -> None:
    """A denoiser of some hundred megabytes: time beside reading the file, memory beside its weights."""
    import torch

    from tests.support import tiny_files, tiny_modules

    for name, dtype in (("float32", torch.float32), ("float16", torch.float16)):
        path = tiny_files.split_file(folder / f"{name}.safetensors", wide("sd1", 0.35, dtype), "denoiser")
        small = tiny_files.Painter("sd1", {"denoiser": tiny_modules.unet("sd1").to(dtype)})
        warm = tiny_files.split_file(folder / "warm.safetensors", small, "denoiser")
        times, reads, peaks = [], [], []
        for _ in range(ROUNDS):
            command = [sys.executable, "-c", _LOAD, str(ROOT), str(path), str(warm)]
            told = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)  # noqa: S603
            took, peak, size = (float(word) for word in told.stdout.split())
            started = time.perf_counter()
            path.read_bytes()
            reads.append(time.perf_counter() - started)
            times.append(took)
            peaks.append(peak / size)
        megabytes = path.stat().st_size / 1e6
        print(f"loading {megabytes:,.0f} MB of {name}: {min(times):.3f} s; reading the file: {min(reads):.3f} s")
        print(f"  ratio {min(times) / min(reads):.2f}; peak memory {max(peaks):.2f} of the weights (aim: at most 1.10)")


def sampling(folder: Path) -> None:
    """Steps with guidance beside the pipeline of diffusers."""
    for family, share, side in (("sd1", 0.25, 128), ("sdxl", 0.2, 128), ("flux", 0.125, 128)):
        ours, theirs = pair(folder, family, share, side)
        mine, other = take_turns(ours, theirs, rounds=ROUNDS)
        times = f"{statistics.median(mine):.2f} s, diffusers {statistics.median(other):.2f} s"
        print(f"{family:5} {side} x {side}, {STEPS} steps: {times}, ratio {ratio(mine, other):.3f} (aim: at most 1.00)")


def gpu(folder: Path) -> None:
    """Pictures a minute at 1024 x 1024 in full size beside diffusers, where there is a GPU."""
    import torch

    if not torch.cuda.is_available():
        print("no GPU here: pictures a minute are not measured")
        return
    for family in ("sdxl", "flux"):
        ours, theirs = pair(folder, family, 1.0, 1024, device="cuda")
        mine, other = take_turns(ours, theirs, rounds=3)
        print(f"{family:5} 1024 x 1024, {STEPS} steps: {60 / statistics.median(mine):.1f} pictures a minute, "
              f"diffusers {60 / statistics.median(other):.1f}, ratio of times {ratio(mine, other):.3f}")  # fmt: skip


def pair(
    folder: Path, family: str, share: float, side: int, device: str = "cpu"
) -> tuple[Callable[[], None], Callable[[], None]]:
    """A run of ours and one of the pipeline, on the same weights, embeddings and noise levels."""
    import torch
    from diffusers import EulerDiscreteScheduler, FlowMatchEulerDiscreteScheduler

    from diffusion import latents, sample
    from diffusion.loading import load_denoiser
    from diffusion.schedules import sigmas_for
    from tests.support import tiny_files

    dtype = torch.float32 if device == "cpu" else torch.bfloat16
    painter = wide(family, share, dtype)
    path = tiny_files.split_file(folder / f"{family}.safetensors", painter, "denoiser")
    module = painter.modules["denoiser"].to(device)
    model = load_denoiser(path, device=device, dtype=dtype)
    path.unlink()
    config, generator = module.config, torch.Generator().manual_seed(0)
    guided = family != "flux"
    width = config.cross_attention_dim if guided else config.joint_attention_dim
    prompts = [torch.randn(1, 77 if guided else 256, width, generator=generator) for _ in range(2)]
    settings: dict[str, Any] = {"width": side, "height": side}
    if family == "sdxl":
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        settings["pooled_output"] = torch.randn(1, pooled, generator=generator)
    if family == "flux":
        settings["pooled_output"] = torch.randn(1, config.pooled_projection_dim, generator=generator)
    positive, negative = ([[prompt, settings]] for prompt in prompts)
    sigmas = sigmas_for("normal" if guided else "simple", model.noise_model, STEPS)
    noise = torch.randn(1, model.latent_format.channels, side // 8, side // 8, generator=torch.manual_seed(1)).to(
        device
    )
    pipe = tiny_files.pipeline(painter)
    pipe.to(device)
    pipe.set_progress_bar_config(disable=True)
    told = {"prompt_embeds": prompts[0].to(device, dtype), "height": side, "width": side, "output_type": "latent"}
    if guided:
        pipe.scheduler = EulerDiscreteScheduler.from_config(pipe.scheduler.config)
        told |= {
            "negative_prompt_embeds": prompts[1].to(device, dtype),
            "guidance_scale": 5.0,
            "latents": noise.to(dtype),
        }
        told["sigmas"] = list(sigmas)
        if family == "sdxl":
            vector = settings["pooled_output"].to(device, dtype)
            told |= {"pooled_prompt_embeds": vector, "negative_pooled_prompt_embeds": vector}
    else:
        pipe.scheduler = FlowMatchEulerDiscreteScheduler(shift=1.0)
        told |= {"pooled_prompt_embeds": settings["pooled_output"].to(device, dtype), "guidance_scale": 3.5}
        told["sigmas"] = list(sigmas[:-1])

    def ours() -> None:
        canvas = latents.empty(side, side, 1)
        sample.sample_sigmas(model, positive, negative, canvas, seed=1, cfg=5.0 if guided else 1.0,
                             sampler_name="euler", sigmas=sigmas, on_step=lambda _: None)  # fmt: skip
        finish(device)

    def theirs() -> None:
        pipe(**told)
        finish(device)

    if calls(model.module, ours) != calls(module, theirs):
        raise SystemExit(f"{family}: the two do not ask their network equally often")
    return ours, theirs


def calls(module: Any, run: Callable[[], None]) -> int:
    """How often a run asks its network."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    hook = module.register_forward_pre_hook(counted)
    run()
    hook.remove()
    return count


def wide(family: str, share: float, dtype: Any) -> Any:
    """A family's networks: the denoiser in the structure of the real one, at a share of its width; the rest is tiny."""
    import torch
    from diffusers import FluxTransformer2DModel, UNet2DConditionModel

    from tests.support import tiny_files

    made = (
        tiny_files.painter(family, words=1000)
        if family != "flux"
        else tiny_files.painter(family, words=1000, guidance=True)
    )
    torch.manual_seed(0)
    if family == "flux":
        heads = max(1, round(24 * share))
        deep = (19, 38) if share == 1.0 else (4, 8)
        denoiser: Any = FluxTransformer2DModel(
            num_layers=deep[0], num_single_layers=deep[1], num_attention_heads=heads, attention_head_dim=128,
            joint_attention_dim=round(4096 * share), pooled_projection_dim=768, guidance_embeds=True,
        )  # fmt: skip
    elif family == "sdxl":
        levels = tuple(max(1, round(factor * 5 * share)) * 64 for factor in (1, 2, 4))
        denoiser = UNet2DConditionModel(
            sample_size=128, block_out_channels=levels, layers_per_block=2, cross_attention_dim=2048,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
            transformer_layers_per_block=(1, 2, 10), attention_head_dim=tuple(level // 64 for level in levels),
            use_linear_projection=True, addition_embed_type="text_time", addition_time_embed_dim=256,
            projection_class_embeddings_input_dim=64 + 6 * 256,
        )  # fmt: skip
    else:
        unit = round(320 * share / 32) * 32
        denoiser = UNet2DConditionModel(
            sample_size=64, block_out_channels=(unit, 2 * unit, 4 * unit, 4 * unit), layers_per_block=2,
            cross_attention_dim=768, attention_head_dim=8,
        )  # fmt: skip
    return tiny_files.Painter(family, {**made.modules, "denoiser": denoiser.eval().requires_grad_(False).to(dtype)})


def finish(device: str) -> None:
    """Waits until the device has done what it was given."""
    import torch

    if device != "cpu":
        torch.cuda.synchronize()


if __name__ == "__main__":
    main()
