"""Golden latents: what tiny models with random weights, and the bundled one, painted before families were declared.

    python -m tests.support.golden_latents

writes `tests/diffusion/golden_latents.safetensors`, and is not to be called for what is in it: that the same settings
paint the same numbers next year is what the file is for. Every case goes all the way from the prompt's words.
"""

from __future__ import annotations

import hashlib
import platform
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.support import tiny_models

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from diffusion.models import Checkpoint

FILE = Path(__file__).parents[1] / "diffusion" / "golden_latents.safetensors"
PICTUREBOOK = Path(__file__).parents[2] / "models" / "picturebook"


def machine_class() -> str:
    """Machines of one class, with the same libraries, add up numbers in the same order: they give the same bits."""
    import diffusers
    import torch
    import transformers

    try:
        processor = Path("/proc/cpuinfo").read_text(encoding="utf-8").split("\n\n")[0]
        kept = [line for line in processor.splitlines() if line.startswith(("model name", "flags", "Features"))]
        what = "\n".join(kept) or platform.processor()
    except OSError:
        what = platform.processor()
    versions = f"{torch.__version__} {diffusers.__version__} {transformers.__version__}"
    return f"{versions} {hashlib.sha256(what.encode()).hexdigest()[:16]}"


def tiny_checkpoint(folder: Path, prediction: str) -> Checkpoint:
    """The tiny model of a prediction type, from its folder."""
    from diffusion.loading import load_checkpoint

    tiny_models.write_checkpoint(folder, prediction=prediction, seed=5)
    return load_checkpoint(folder, device="cpu")


def paint_tiny(checkpoint: Checkpoint) -> Iterator[tuple[str, Tensor]]:
    """(name of a case, latents) of many runs with a tiny model."""
    import torch

    from diffusion import conditioning as c
    from diffusion.latents import empty, set_noise_mask
    from diffusion.sample import sample
    from diffusion.samplers import SAMPLERS
    from diffusion.schedules import SCHEDULES
    from diffusion.text_encoding import encode

    def paint(prompt: Any = None, latent: Any = None, **more: Any) -> Tensor:
        common = {"seed": 11, "steps": 3, "cfg": 7.0, "sampler_name": "euler", "scheduler": "normal"}
        samples: Tensor = sample(checkpoint.model, prompt or cat, dog, latent or empty(64, 64), **{**common, **more})[
            "samples"
        ]
        return samples

    cat, dog = encode(checkpoint.clip, "a (red:1.3) cat"), encode(checkpoint.clip, "dog")
    for sampler in SAMPLERS:
        yield f"sampler {sampler}", paint(sampler_name=sampler)
    for schedule in SCHEDULES:
        yield f"schedule {schedule}", paint(scheduler=schedule, cfg=1.0)
    given = {"samples": torch.linspace(-2, 2, 4 * 8 * 8).reshape(1, 4, 8, 8)}
    yield "part of a run", paint(latent=given, denoise=0.6)
    yield "leftover noise", paint(steps=4, last_step=2, force_full_denoise=False)
    yield "two at once", paint(latent=empty(64, 32, 2), sampler_name="dpmpp_2m_sde")
    mask = torch.zeros(1, 64, 64)
    mask[:, 16:, 24:] = 1.0
    for sampler in ("euler_ancestral", "ddim"):
        yield f"noise mask {sampler}", paint(latent=set_noise_mask(given, mask), sampler_name=sampler)
    place = c.set_area(dog, width=40, height=32, x=16, y=16, strength=0.7)
    yield "region", paint(c.combine(cat, place))
    late = c.set_timestep_range(c.set_mask(dog, mask, set_cond_area="mask bounds"), 0.0, 0.5)
    yield "mask for half the run", paint(c.combine(c.concat(cat, cat), late), sampler_name="dpmpp_2m")


def paint_picturebook() -> Iterator[tuple[str, Tensor]]:
    """(name of a case, latents) with the bundled model."""
    from diffusion.latents import empty
    from diffusion.loading import load_checkpoint
    from diffusion.sample import sample
    from diffusion.text_encoding import encode

    checkpoint = load_checkpoint(PICTUREBOOK, device="cpu")
    prompts = encode(checkpoint.clip, "a red apple"), encode(checkpoint.clip, "")
    for sampler, cfg in (("euler", 4.0), ("dpmpp_2m", 1.0)):
        settings: dict[str, Any] = {"seed": 3, "steps": 2, "cfg": cfg, "sampler_name": sampler, "scheduler": "karras"}
        yield f"picturebook {sampler}", sample(checkpoint.model, *prompts, empty(64, 64), **settings)["samples"]


def main() -> None:
    """Write the file."""
    import torch
    from safetensors.torch import save_file

    torch.set_num_threads(1)
    painted: dict[str, Tensor] = {}
    for prediction in ("epsilon", "v_prediction"):
        with tempfile.TemporaryDirectory() as folder:
            checkpoint = tiny_checkpoint(Path(folder) / "tiny", prediction)
            painted |= {f"{prediction}: {name}": latents for name, latents in paint_tiny(checkpoint)}
    painted |= dict(paint_picturebook())
    save_file(painted, FILE, metadata={"machine_class": machine_class()})


if __name__ == "__main__":
    main()
