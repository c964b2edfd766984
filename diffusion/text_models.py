"""What a CLIP value is: a stack of text encoders, and the style in which a family joins what they say.

Each encoder stands under its role: `clip_l` (OpenAI's CLIP ViT-L), `clip_g` and `clip_h` (OpenCLIP's bigG and H) and
`t5xxl` (T5 v1.1 XXL). How a prompt becomes numbers is told in `diffusion.text_encoding`.
"""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import torch

from diffusion.cancelling import holding
from diffusion.errors import DiffusionError
from diffusion.loras.fitting import check_fits, check_strength
from diffusion.loras.merging import merged
from diffusion.text_types import ROLES, check_roles
from diffusion.weight_bytes import weight_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from torch import Tensor

    from diffusion.loras.lora import Lora
    from diffusion.text_encoding.embeddings import Embedding, Word

WIDTHS = {"clip_l": 768, "clip_g": 1280, "t5xxl": 4096}
"""How wide the outputs of the encoders are, for those that are left out."""
_OPENCLIP_H_LAYERS = 24


@dataclass(frozen=True, eq=False)
class TextModel:
    """One text encoder and its tokenizer.

    `missing_layers`: layers at the end that the weights leave out because the family never uses them; the layer numbers
    that people use count them.
    """

    tokenizer: Any = field(repr=False)
    module: Any = field(repr=False)
    device: torch.device
    missing_layers: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    @property
    def width(self) -> int:
        """How wide its words are."""
        config = self.module.config
        return int(getattr(config, "d_model", 0) or config.hidden_size)

    @property
    def layers(self) -> int:
        """How many layers there are to stop at."""
        return int(self.module.config.num_hidden_layers) + self.missing_layers


@dataclass(frozen=True, eq=False)
class TextEncoder:
    """Text encoders by role. `stop_at_layer` -1 is the last layer of each CLIP, -2 the one before, and so on; None is
    the layer that the family was trained on.

    `widths`: how wide the outputs of roles are that are not there; zeros of that width stand for them. `patches` are
    LoRAs with their strengths; the modules are as they were loaded until they read, under their locks. `words` say
    what `embedding:...` in prompts means; without any it is text like any other.
    """

    style: str
    parts: Mapping[str, TextModel] = field(repr=False)
    stop_at_layer: int | None = None
    widths: Mapping[str, int] = field(default_factory=lambda: WIDTHS, repr=False)
    patches: tuple[tuple[Lora, float], ...] = field(default=(), repr=False)
    words: Mapping[str, Word] = field(default_factory=dict, repr=False)

    @property
    def layers(self) -> int:
        """How many layers there are to stop at: those of the CLIP with the fewest; 0 without a CLIP."""
        return min((part.layers for role, part in self.parts.items() if role.startswith("clip")), default=0)

    def with_stop_at_layer(self, layer: int) -> TextEncoder:
        """The same encoders, each CLIP read out at an earlier layer (-1 the last ... -24). T5 is always read to its
        end.

        Raises DiffusionError when one of them has no such layer.
        """
        if not self.layers:
            raise DiffusionError(
                "This text encoder has no CLIP, so it has no layers to stop at.",
                remedy="Connect its prompts without skipping layers: T5 is always read to its end.",
                input="clip",
            )
        if not -self.layers <= layer <= -1:
            raise DiffusionError(
                f"This text encoder has {self.layers} layers; stopping at {layer} is not possible.",
                remedy=f"Use a value from -{self.layers} to -1.",
                input="stop_at_clip_layer",
            )
        return replace(self, stop_at_layer=layer)

    def with_lora(self, lora: Lora, strength: float) -> TextEncoder:
        """The same encoders with a LoRA more; 0 gives the handle as it is, and below 0 takes the LoRA's change away.

        Nothing is changed before they read. Raises DiffusionError for a LoRA that does not fit in each of its layers
        (`diffusion.loras.fitting` keeps those that do).
        """
        if not any(lora.layers.get(role) for role in self.parts) or check_strength(strength) == 0:
            return self
        check_fits(lora, self.modules, self.style)
        return replace(self, patches=(*self.patches, (lora, strength)))

    def with_words(self, words: Mapping[str, Word]) -> TextEncoder:
        """The same encoders, to whom what stands behind `embedding:` in a prompt means this.

        Raises DiffusionError for an embedding that is of another width than the words of every encoder.
        """
        for word in words.values():
            if word.embedding is not None and len(self.without(word.embedding)) == len(self.parts):
                widths = ", ".join(f"{part.width} ({role})" for role, part in self.parts.items())
                raise DiffusionError(
                    f"The embedding {word.embedding.name} has vectors of the width "
                    f"{' and '.join(map(str, word.embedding.widths))}; words of this model have {widths}.",
                    remedy="Use it with a model of the family that it was made for.",
                    input="text",
                )
        return replace(self, words=words)

    def without(self, embedding: Embedding) -> list[str]:
        """The roles of the encoders for which an embedding has no vectors: they read nothing in its place."""
        return [role for role, part in self.parts.items() if embedding.for_encoder(role, part.width) is None]

    def words_of(self, role: str) -> dict[str, tuple[Tensor | None, str]]:
        """What stands behind `embedding:` -> the vectors [count, width] for an encoder, and what of it is text."""
        width = self.parts[role].width
        return {
            name: (word.embedding.for_encoder(role, width) if word.embedding is not None else None, word.rest)
            for name, word in self.words.items()
        }

    @contextmanager
    def reading(self, role: str, cancelled: Callable[[], bool] | None = None) -> Iterator[TextModel]:
        """The encoder of a role with its LoRAs, for the time in which it reads: nobody else has it meanwhile."""
        part = self.parts[role]
        with holding(part.lock, cancelled), merged(part.module, role, self.patches, cancelled):
            yield part

    @property
    def modules(self) -> dict[str, Any]:
        """The modules by role."""
        return {role: part.module for role, part in self.parts.items()}

    @property
    def beside(self) -> list[Tensor]:
        """What it holds besides the weights: the tensors of its LoRAs."""
        return [tensor for lora, _ in self.patches for tensor in lora.tensors()]

    @property
    def nbytes(self) -> int:
        """Bytes of the weights."""
        return sum(weight_bytes(part.module) for part in self.parts.values())

    @property
    def weights(self) -> Any:
        """What holds the bytes: handles that name the same are counted once."""
        return self.parts


def make_text_encoder(
    style: str, models: Mapping[str, tuple[Any, Any]], *, widths: Mapping[str, int] | None = None
) -> TextEncoder:
    """The handle over encoders by role, each given as (module, tokenizer), that stand on their devices already.

    A CLIP module is transformers' CLIPTextModel or CLIPTextModelWithProjection, T5's its T5EncoderModel (or look like
    them). For "sd2", a module of fewer than 24 layers is one without its last layer, as diffusers folders have it.
    `widths` says how wide the outputs of absent roles are, where a family has other encoders than the usual ones.

    Raises DiffusionError for a style that is not known and for roles that are not the style's.
    """
    check_roles(style, list(models))
    wanted = ROLES[style]
    parts = {}
    for role in wanted:
        if role in models:
            module, tokenizer = models[role]
            truncated = style == "sd2" and int(module.config.num_hidden_layers) < _OPENCLIP_H_LAYERS
            device = next(iter([*module.parameters(), *module.buffers()])).device
            parts[role] = TextModel(tokenizer, module, device, missing_layers=int(truncated))
    return TextEncoder(style, parts, widths={**WIDTHS, **(widths or {})})
