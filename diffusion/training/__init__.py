"""Training: what a model learns from pictures. Works on private copies; nothing that is loaded is changed.

- `settings`: how to train, checked
- `examples`: the pictures, as a network takes them
- `order`: which pictures a step is made with
- `levels`: noise levels, and what the network is to give at one
- `objective`: what training makes small
- `private_copy`: a copy of a module over the same weights
- `stored_gradients`: gradients through weights in few bits
- `layers`: which layers a LoRA is trained on
- `adapters`: trainable changes of layers
- `memory_guard`: refusing what memory does not hold
- `checkpoint`: what an unfinished training has come to, in a file
- `loop`: the loop
- `lesson`: what every training of a denoiser has
- `lora_training`: training a LoRA
- `full_training`: training all weights of a small model
- `samples`: pictures that a model paints while it learns

The rooms that nodes use are imported on first use, as those of `diffusion` are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusion.training import checkpoint, full_training, lora_training, samples, settings

__all__ = ["checkpoint", "full_training", "lora_training", "samples", "settings"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'diffusion.training' has no room {name!r} for nodes; it has {', '.join(__all__)}")
    return import_module(f"diffusion.training.{name}")
