"""LoRAs: small changes of a model's weights, which are added for the time in which it works.

- `contract`: what a change of one weight is
- `products`: changes that are products of small matrices: LoRA, LoHa, LoKr
- `bound`: changes that depend on the weight: OFT, DoRA
- `changes`: all kinds of changes in one table
- `lora`: a LoRA as a value
- `parts`: the parts of a model that it changes
- `changed`: a stored weight with changes
- `merging`: LoRAs in a module while it works
- `fitting`: which changes fit a model
- `spellings`: how files spell the names of its tensors
- `names`: all names that files have for the layers of a module
- `alphas`: what files say of scales in their metadata
- `assembling`: from the tensors of a layer to its change
- `reading`: from a file to a LoRA for a model, and what of it could not be used
- `writing`: from a LoRA to a file that other programs load
- `fusing`: from the layers of our modules to those of the original networks

The rooms that nodes use are imported on first use, as those of `diffusion` are.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from diffusion.loras import fitting, lora, reading, writing

__all__ = ["fitting", "lora", "reading", "writing"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'diffusion.loras' has no room {name!r} for nodes; it has {', '.join(__all__)}")
    return import_module(f"diffusion.loras.{name}")
