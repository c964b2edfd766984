"""A library of model files as people have them, for benchmarks: headers in full size, weights that take no room.

Of 1,000 files 780 are LoRAs (of SDXL, SD 1.5, Flux.1, SD 3.5, Qwen-Image and Wan; in the two spellings that most have,
six ranks, three types, with notes of their trainer that differ from file to file), 120 embeddings, 40 checkpoints, 30
denoisers, 15 VAEs, 10 text encoders and 5 upscalers. Files of one trainer with the same settings have the same tensors,
as they have on people's disks; every twentieth lists its tensors in an order of its own, as the first versions of the
format's library did, so that none is like another.
"""

from __future__ import annotations

import gzip
import json
import random
import struct
from functools import cache
from math import prod
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

Tensors = dict[str, tuple[str, tuple[int, ...]]]

_WIDE = {"F32": 4, "F16": 2, "BF16": 2, "F8_E4M3": 1}
_BASES = ("sdxl-base", "sd15", "flux1-dev", "sd35-large", "qwen-image", "wan21-t2v-1.3b")
_DENOISERS = ("flux1-dev", "flux1-schnell", "flux1-fill-dev", "sd35-large", "sd35-medium", "qwen-image", "lumina2",
              "wan21-t2v-1.3b", "wan22-ti2v-5b")  # fmt: skip
_PLACES = ("loras", "embeddings", "checkpoints", "diffusion_models", "vae", "text_encoders", "upscale_models")


class Shelf:
    """Makes files of each kind from the headers of real ones, which lie in `headers`."""

    def __init__(self, headers: Path) -> None:
        self._headers = headers
        self.real = cache(self._real)
        self.lora = cache(self._lora)

    def fill(self, folder: Path, number: int) -> dict[str, int]:
        """Writes `number` files into the folders of their kinds; returns how many there are of each, the "tensors" of
        all together, and how many are "alike": have tensors that another one has."""
        counts = dict.fromkeys((*_PLACES, "tensors", "alike"), 0)
        seen: set[Any] = set()
        for place in _PLACES:
            (folder / place).mkdir(parents=True, exist_ok=True)
        for at in range(number):
            chance = random.Random(at)  # noqa: S311 - the same library each time
            place, tensors, metadata = self._one(at * 137 % 1000, chance)
            if at % 20 == 19 and len(tensors) > 50:
                listed = list(tensors.items())
                chance.shuffle(listed)
                tensors = dict(listed)
            mark = hash(tuple(tensors.items()))
            counts[place] += 1
            counts["tensors"] += len(tensors)
            counts["alike"] += mark in seen
            seen.add(mark)
            write(folder / place / f"{at:05}.safetensors", tensors, metadata)
        return counts

    def _one(self, at: int, chance: random.Random) -> tuple[str, Tensors, dict[str, str]]:
        rows: tuple[tuple[int, str, Callable[[], Tensors]], ...] = (
            (780, "loras", lambda: self._some_lora(chance)),
            (900, "embeddings", lambda: embedding(chance)),
            (940, "checkpoints", lambda: self.real(chance.choice(("sdxl-base", "sdxl-base", "sd15", "sd21")), "F16")),
            (970, "diffusion_models", lambda: self.real(chance.choice(_DENOISERS), chance.choice(tuple(_WIDE)))),
            (985, "vae", lambda: self.real(chance.choice(("vae-sd", "vae-flux")), chance.choice(("F32", "BF16")))),
            (995, "text_encoders", lambda: t5(chance.choice(("F16", "F8_E4M3")))),
            (1000, "upscale_models", upscaler),
        )
        place, make = next((place, make) for most, place, make in rows if at < most)
        return place, make(), notes(chance) if place == "loras" else {"format": "pt"} if at % 2 else {}

    def _real(self, name: str, dtype: str) -> Tensors:
        shapes = json.loads(gzip.decompress((self._headers / f"{name}.json.gz").read_bytes()))
        return {key: (dtype, tuple(shape)) for key, shape in shapes.items()}

    def _some_lora(self, chance: random.Random) -> Tensors:
        base = chance.choices(_BASES, (40, 25, 20, 3, 6, 6))[0]
        rank = chance.choices((4, 8, 16, 32, 64, 128), (5, 15, 30, 30, 15, 5))[0]
        dtype = chance.choices(("F16", "BF16", "F32"), (60, 35, 5))[0]
        return self.lora(base, rank, dtype, chance.random() < 0.6)

    def _lora(self, base: str, rank: int, dtype: str, joined: bool) -> Tensors:
        """A LoRA of all matrices and attention's convolutions of a denoiser: as kohya's scripts name them, or PEFT."""
        down, up = (".lora_down.weight", ".lora_up.weight") if joined else (".lora_A.weight", ".lora_B.weight")
        found: Tensors = {}
        for key, (_, shape) in self.real(base, "F16").items():
            inner = key.removeprefix("model.diffusion_model.")
            is_matrix = key.endswith(".weight") and len(shape) in (2, 4) and prod(shape[2:]) == 1
            if not is_matrix or key.startswith(("first_stage_model.", "cond_stage_model.", "conditioner.")):
                continue
            layer = inner.removesuffix(".weight")
            layer = f"lora_unet_{layer.replace('.', '_')}" if joined else f"diffusion_model.{layer}"
            found |= {f"{layer}.alpha": (dtype, ())} if joined else {}
            found[layer + down] = (dtype, (rank, *shape[1:]))
            found[layer + up] = (dtype, (shape[0], rank, *shape[2:]))
        return found


def notes(chance: random.Random) -> dict[str, str]:
    """What a trainer writes into a LoRA's metadata: settings, and how often each word was in the captions."""
    words = {f"word {chance.randrange(10**6)}": chance.randrange(200) for _ in range(chance.choice((20, 200, 2000)))}
    said = {f"ss_setting_{number}": str(chance.random()) for number in range(50)}
    return {"ss_tag_frequency": json.dumps({"img": words}), "ss_base_model_version": "sdxl_base_v1-0", **said}


def embedding(chance: random.Random) -> Tensors:
    """A textual inversion of some vectors."""
    rows = chance.randrange(1, 17)
    if chance.random() < 0.5:
        return {"emb_params": ("F32", (rows, 768))}
    return {"clip_g": ("F32", (rows, 1280)), "clip_l": ("F32", (rows, 768))}


def t5(dtype: str) -> Tensors:
    """T5-XXL: a text encoder."""
    parts = {f"layer.0.SelfAttention.{name}.weight": (4096, 4096) for name in "qkvo"}
    parts |= {f"layer.{number}.layer_norm.weight": (4096,) for number in (0, 1)}
    parts |= {f"layer.1.DenseReluDense.{name}.weight": (10240, 4096) for name in ("wi_0", "wi_1")}
    parts["layer.1.DenseReluDense.wo.weight"] = (4096, 10240)
    shapes = {f"encoder.block.{block}.{name}": shape for block in range(24) for name, shape in parts.items()}
    return {"shared.weight": (dtype, (32128, 4096)), **{name: (dtype, shape) for name, shape in shapes.items()}}


def upscaler() -> Tensors:
    """ESRGAN, as its first files name it."""
    blocks = {
        f"model.1.sub.{block}.RDB{part}.conv{step}.0.weight": ("F32", (32, 32 + 32 * step, 3, 3))
        for block in range(23) for part in (1, 2, 3) for step in (1, 2, 3, 4, 5)
    }  # fmt: skip
    return {"model.0.weight": ("F32", (64, 3, 3, 3)), **blocks}


def write(path: Path, tensors: Mapping[str, tuple[str, tuple[int, ...]]], metadata: Mapping[str, str]) -> None:
    """A file with these tensors, byte for byte as the format's library writes its header; zeros take no room."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    at = 0
    for name, (dtype, shape) in tensors.items():
        end = at + prod(shape) * _WIDE[dtype]
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": (at, end)}
        at = end
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        file.truncate(8 + len(text) + at)
