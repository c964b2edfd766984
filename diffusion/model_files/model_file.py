"""What a file or folder of weights is, as far as its header says. Free of torch."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diffusion.families.family import Licence

KINDS = {
    "checkpoint": "checkpoint",
    "denoiser": "diffusion model",
    "text_encoder": "text encoder",
    "vae": "VAE",
    "lora": "LoRA",
    "controlnet": "ControlNet",
    "t2i_adapter": "T2I adapter",
    "ip_adapter": "IP adapter",
    "style_model": "style model",
    "clip_vision": "image encoder",
    "embedding": "embedding",
    "upscaler": "upscaler",
    "vae_approx": "preview decoder",
    "gligen": "GLIGEN model",
    "motion_module": "motion module",
    "photomaker": "PhotoMaker model",
    "audio_encoder": "audio encoder",
    "model_patch": "model patch",
    "hypernetwork": "hypernetwork",
    "tokenizer": "tokenizer",
    "pickle": "pickle",
    "unknown": "unknown",
}
"""The kinds of files by id, with their names for persons."""

USABLE_KINDS = ("checkpoint", "denoiser", "text_encoder", "vae", "lora", "embedding")
"""Those that nodes load, and embeddings, which prompts name."""


@dataclass(frozen=True)
class ModelFile:
    """One file or folder.

    `kind` is a key of `KINDS`; `family` the id of a family in `diffusion.families.table` or of one in `known`, "" where
    none is told; `variant` one of its variants; `name` what it is, for persons. `precision` is how most of its weights
    are stored ("fp16", "fp8 scaled", "Q4_K"); `size` all bytes. `parts` are the roles that are inside ("denoiser",
    "vae", "clip_l", "clip_g", "clip_h", "t5xxl", ...), of a text encoder its role. `prediction` is "v_prediction" where
    the file says that it differs from its family, else "". `problem` says why Jacquard cannot use it, `remedy` what to
    do; both are "" when it can.
    """

    kind: str
    family: str = ""
    variant: str = ""
    precision: str = ""
    size: int = 0
    parts: tuple[str, ...] = ()
    problem: str = ""
    remedy: str = ""
    prediction: str = ""
    name: str = ""
    licence: Licence | None = None
    serves: tuple[str, ...] = ()
    """Of a VAE or a text encoder: the ids of the families that it may go with, usable or known."""
    tokenizers: tuple[str, ...] = ()
    """The tokenizers that lie in the file, by the names of their tensors."""
    format: str = ""
    """"safetensors", "gguf", "folder", "pickle", or "" when it is none of them."""

    @property
    def is_usable(self) -> bool:
        """Whether a node can load it."""
        return not self.problem

    def refused(self, problem: str, remedy: str) -> ModelFile:
        """The same with a reason why it cannot be used; the first reason stays."""
        return self if self.problem else replace(self, problem=problem, remedy=remedy)
