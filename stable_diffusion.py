"""Stable Diffusion as a torch module: `create_model()` gives one that turns noise into pictures.

    import stable_diffusion as sd      # before torch
    import torch
    model = sd.create_model()
    model.to(device)
    model.eval()
    image = model(torch.randn(1, 3, 128, 128))     # [1, 128, 128, 3] in 0..1, for plt.imshow(image.squeeze().cpu())

It loads with `diffusion.loading` and paints with `diffusion.sample`, as the nodes do. `docs/python.md` tells more; for
graphs of nodes in Python there is `workflow.py`.
"""

from __future__ import annotations

import copy
import threading
from dataclasses import replace
from os import PathLike
from typing import Any, Self

from commands.environment import prepare_environment

prepare_environment()  # before torch reads it

import torch
from torch import Tensor, nn

from commands.model_library.named import find_checkpoint
from diffusion import loading, sample, text_encoding, vae
from diffusion.models import Checkpoint
from diffusion.module_inputs import check_input, check_settings
from diffusion.pixel_noise import latent_noise


def create_model(
    prompt: str = "a cat",
    *,
    negative: str = "",
    steps: int = 20,
    guidance: float = 4.0,
    seed: int = 0,
    sampler: str = "dpmpp_2m",
    scheduler: str = "karras",
    checkpoint: str | PathLike[str] = "picturebook",
) -> StableDiffusion:
    """Return a model on the CPU; `.to("cuda")` moves it.

    `checkpoint` is a name in models/checkpoints or models/diffusers, or the path of a file or folder; `seed` decides
    about the noise that `strength` adds to a picture, and that some samplers add between steps. Everything but the
    checkpoint can be changed later, as in `model.prompt = "a dog"`. Raises FileNotFoundError, DiffusionError.
    """
    found = find_checkpoint(checkpoint)
    loaded = loading.load_checkpoint(found.path, device="cpu", override=found.override, tokenizers=found.tokenizers)
    model = StableDiffusion(loaded, name=str(checkpoint))
    model.prompt, model.negative, model.steps, model.guidance = prompt, negative, steps, guidance
    model.seed, model.sampler, model.scheduler = seed, sampler, scheduler
    return model


class StableDiffusion(nn.Module):
    """A checkpoint with its settings. Its networks are submodules: `.to`, `.half` and `state_dict` reach them.

    Painting needs no gradient, and is the same in training mode and out of it: the networks stay in evaluation mode.
    """

    prompt: str
    negative: str
    steps: int
    guidance: float
    seed: int
    sampler: str
    scheduler: str

    def __init__(self, checkpoint: Checkpoint, name: str = "") -> None:
        super().__init__()
        self.name = name
        self.denoiser = checkpoint.model.module
        texts = getattr(checkpoint.clip, "parts", {})
        self.text_encoders = nn.ModuleDict({role: part.module for role, part in texts.items()})
        self.vae = getattr(checkpoint.vae, "model", None)
        self._loaded = checkpoint
        self._type = _place(self.denoiser)[1]

    def forward(self, x: Tensor, strength: float | None = None) -> Tensor:
        """Return pictures [B, H, W, 3], float32 in 0..1, on the device of `x`.

        Without `strength`, `x` [B, 3, H, W] is the noise to start from: any white noise, as `torch.randn` gives it,
        with sides that are multiples of the VAE's factor (8 as a rule). `diffusion.pixel_noise` says what becomes of
        it. With `strength`, `x` is pictures in 0..1 of any size, and `strength` says how much of them is repainted: 0
        little more than nothing, 1 all. Raises TypeError, ValueError, and DiffusionError, which is one.
        """
        check_settings(self)
        check_input(x, strength)
        model, clip, autoencoder = self._handles()
        if strength is None:
            noise = latent_noise(x, model.latent_format)
            latent: dict[str, Any] = {"samples": torch.zeros_like(noise)}
        else:
            noise, latent = None, vae.encode_latent(autoencoder, x.detach().to("cpu", torch.float32).movedim(1, -1))
        painted = sample.sample(
            model, text_encoding.encode(clip, self.prompt), text_encoding.encode(clip, self.negative), latent,
            seed=self.seed, steps=self.steps, cfg=float(self.guidance), sampler_name=self.sampler,
            scheduler=self.scheduler, denoise=1.0 if strength is None else float(strength), noise=noise,
        )  # fmt: skip
        return vae.decode_latent(autoencoder, painted).to(x.device)

    def train(self, mode: bool = True) -> Self:
        """Set `training`; the networks stay as they are, so that one tensor gives one picture."""
        self.training = mode
        return self

    def _handles(self) -> Checkpoint:
        """Return the handles on the networks where they are now."""
        model, clip, autoencoder = self._loaded
        device, dtype = _place(self.denoiser)
        model = replace(model, device=device, dtype=model.dtype if dtype == self._type else dtype)
        if self.text_encoders:
            parts = {role: replace(part, device=_place(part.module)[0]) for role, part in clip.parts.items()}
            clip = replace(clip, parts=parts)
        if self.vae is not None:
            device, dtype = _place(self.vae)
            autoencoder = replace(autoencoder, device=device, dtype=dtype)
        return Checkpoint(model, clip, autoencoder)

    def __deepcopy__(self, memo: dict[int, Any]) -> StableDiffusion:
        def fresh(handle: Any, network: str) -> Any:
            return replace(handle, lock=threading.RLock(), **{network: copy.deepcopy(getattr(handle, network), memo)})

        model, clip, autoencoder = self._loaded
        if self.text_encoders:
            clip = replace(clip, parts={role: fresh(part, "module") for role, part in clip.parts.items()})
        if self.vae is not None:
            autoencoder = fresh(autoencoder, "model")
        memo[id(self._loaded)] = Checkpoint(fresh(model, "module"), clip, autoencoder)  # the rest is shared
        found = self.__class__.__new__(self.__class__)
        memo[id(self)] = found
        found.__dict__.update({key: copy.deepcopy(value, memo) for key, value in self.__dict__.items()})
        return found

    def __repr__(self) -> str:
        device, dtype = _place(self.denoiser)
        million = sum(parameter.numel() for parameter in self.parameters()) / 1e6
        shown = ("prompt", "negative", "steps", "guidance", "seed", "sampler", "scheduler")
        settings = ", ".join(f"{key}={getattr(self, key)!r}" for key in shown if hasattr(self, key))
        where = f"{self._loaded.model.family.id}, {million:.1f} million parameters, {dtype} on {device}"
        return f"{type(self).__name__}({self.name!r}, {settings})  # {where}"


def _place(module: nn.Module) -> tuple[torch.device, torch.dtype]:
    """Return where a network is, and the type of its first floating-point parameter."""
    first = next(each for each in module.parameters() if each.is_floating_point())
    return first.device, first.dtype
