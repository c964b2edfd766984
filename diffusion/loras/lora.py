"""What a LORA_MODEL value is: changes of the weights of a denoiser and of text encoders, by the paths of modules.

`Lora` is what code works with. What flows between nodes, and lies in the disk cache, is the same as a plain dict
(`to_value`, `from_value`): tensors, texts and numbers, which are fingerprinted by their content.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from torch import Tensor

from diffusion.errors import DiffusionError
from diffusion.loras.changes import KINDS, Change
from diffusion.loras.parts import DENOISER, PARTS

__all__ = ["DENOISER", "PARTS", "Lora", "from_value", "to_value"]

_DEEPEST = 4


@dataclass(frozen=True, eq=False)
class Lora:
    """A LoRA: for each part (of `PARTS`) the changes by the paths of its modules.

    A path is that of a module of diffusers or transformers, as it is loaded here
    ("down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q"), and means its weight; with ".bias" behind it, its
    bias. `family` is the id of the family that it was made for, "" where that is not known; `metadata` are free texts,
    such as the words that it answers to.
    """

    layers: Mapping[str, Mapping[str, Change]] = field(repr=False)
    family: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """Bytes of its tensors."""
        return sum(tensor.nbytes for tensor in self.tensors())

    @property
    def weights(self) -> Any:
        """What holds the bytes: values that name the same are counted once."""
        return self.layers

    @property
    def rank(self) -> int:
        """The highest rank of its changes; 0 where none has one."""
        return max((change.rank for change in self.changes()), default=0)

    def tensors(self) -> list[Tensor]:
        """All tensors that it is made of."""
        return [tensor for change in self.changes() for tensor in change.tensors().values()]

    def changes(self) -> list[Change]:
        """The changes of all parts."""
        return [change for changes in self.layers.values() for change in changes.values()]


def to_value(lora: Lora) -> dict[str, Any]:
    """The LORA_MODEL value of a LoRA: a plain dict over the same tensors."""
    layers = {part: {path: _plain(change) for path, change in changes.items()} for part, changes in lora.layers.items()}
    return {"layers": layers, "family": lora.family, "metadata": dict(lora.metadata)}


def from_value(value: object) -> Lora:
    """The LoRA of a LORA_MODEL value; raises DiffusionError for a value that is none."""
    if not isinstance(value, Mapping) or not isinstance(value.get("layers"), Mapping):
        raise _strange(f"a {type(value).__name__} without layers")
    layers: dict[str, dict[str, Change]] = {}
    for part, changes in value["layers"].items():
        if part not in PARTS or not isinstance(changes, Mapping):
            raise _strange(f"layers of a part {part!r}")
        layers[part] = {str(path): _made(path, plain) for path, plain in changes.items()}
    metadata = value.get("metadata")
    texts = {str(key): str(text) for key, text in metadata.items()} if isinstance(metadata, Mapping) else {}
    return Lora(layers, str(value.get("family") or ""), texts)


def _plain(change: Change) -> dict[str, Any]:
    parts = {name: _plain(part) if isinstance(part, Change) else part for name, part in change.parts().items()}
    return {"kind": change.kind, **parts}


def _made(path: object, plain: object, depth: int = 0) -> Change:
    if not isinstance(plain, Mapping) or plain.get("kind") not in KINDS or depth > _DEEPEST:
        raise _strange(f"a change of {path} of a kind that is not known")
    parts = {name: part for name, part in plain.items() if name != "kind"}
    for name, part in parts.items():
        if isinstance(part, Mapping):
            parts[name] = _made(path, part, depth + 1)
        elif isinstance(part, Tensor):
            if not part.is_floating_point():
                raise _strange(f"a change of {path} whose {name} are whole numbers")
        elif isinstance(part, float) and not math.isfinite(part):
            raise _strange(f"a change of {path} whose {name} is {part}")
    try:
        return KINDS[str(plain["kind"])](**parts)
    except TypeError as error:
        raise _strange(f"a change of {path} with parts that do not belong to it ({error})") from error


def _strange(found: str) -> DiffusionError:
    return DiffusionError(
        f"A LoRA was expected, and this is {found}.",
        remedy="Connect the LORA_MODEL of a node that loads or trains a LoRA.",
        input="lora",
    )
