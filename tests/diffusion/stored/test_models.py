"""Whole models of diffusers and transformers over stored weights: the bits of the same models over the wide ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from diffusion.stored.modules import StoredWeight, place
from diffusion.stored.reading import read_weights
from diffusion.weight_files.reading import read_header
from tests.support import quantised_files, tiny_models

pytestmark = pytest.mark.network


def unet() -> tuple[Any, Callable[[Any], torch.Tensor]]:
    model = tiny_models.unet(context=256)
    x, context = torch.randn(2, 4, 8, 8), torch.randn(2, 7, 256)
    return model, lambda model: model(x.to(model.dtype), torch.tensor(9), context.to(model.dtype)).sample


def flux() -> tuple[Any, Callable[[Any], torch.Tensor]]:
    from diffusers import FluxTransformer2DModel

    model = FluxTransformer2DModel(
        in_channels=16,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=128,
        num_attention_heads=2,
        joint_attention_dim=256,
        pooled_projection_dim=256,
        guidance_embeds=True,
    )
    x, context, pooled = torch.randn(1, 16, 16), torch.randn(1, 5, 256), torch.randn(1, 256)

    def run(model: Any) -> torch.Tensor:
        return model(
            hidden_states=x.to(model.dtype),
            encoder_hidden_states=context.to(model.dtype),
            pooled_projections=pooled.to(model.dtype),
            timestep=torch.tensor([0.5], dtype=model.dtype),
            guidance=torch.tensor([3.5], dtype=model.dtype),
            img_ids=torch.zeros(16, 3),
            txt_ids=torch.zeros(5, 3),
        ).sample

    return model, run


def t5() -> tuple[Any, Callable[[Any], torch.Tensor]]:
    from transformers import T5Config, T5EncoderModel

    config = T5Config(
        vocab_size=64, d_model=256, d_kv=64, d_ff=512, num_layers=2, num_heads=4, feed_forward_proj="gated-gelu"
    )
    ids = torch.arange(24).view(2, 12) % 50
    return T5EncoderModel(config), lambda model: model(input_ids=ids).last_hidden_state


def clip() -> tuple[Any, Callable[[Any], torch.Tensor]]:
    tokens = tiny_models.tokenizer()
    ids = torch.tensor([tokens("a red cat", padding="max_length").input_ids])
    return tiny_models.text_encoder(tokens, width=256), lambda model: model(ids).last_hidden_state


def names_of(model: Any) -> dict[str, list[str]]:
    """The names of each parameter: T5 has its embedding under two."""
    names: dict[int, list[str]] = {}
    for name, value in model.named_parameters(remove_duplicate=False):
        names.setdefault(id(value), []).append(name)
    return {same[0]: same for same in names.values()}


MODELS = {"unet": unet, "flux": flux, "t5": t5, "clip": clip}
FILES: dict[str, Callable[[dict[str, torch.Tensor], Path], Path]] = {
    "fp16": lambda weights, folder: quantised_files.plain(weights).write(folder / "a.safetensors"),
    "fp8": lambda weights, folder: quantised_files.plain(weights, torch.float8_e4m3fn).write(folder / "a.safetensors"),
    "scaled fp8": lambda weights, folder: quantised_files.scaled_fp8(weights).write(folder / "a.safetensors"),
    "int8 rotated": lambda weights, folder: quantised_files.int8(weights, 64).write(folder / "a.safetensors"),
    "Q4_K": lambda weights, folder: (folder / "a.gguf", quantised_files.write_gguf(folder / "a.gguf", weights, "Q4_K"))[
        0
    ],
    "Q8_0": lambda weights, folder: (folder / "a.gguf", quantised_files.write_gguf(folder / "a.gguf", weights, "Q8_0"))[
        0
    ],
}


@pytest.mark.parametrize(
    ("name", "file", "dtype"),
    [
        pytest.param(name, file, dtype, marks=() if name == "clip" or file == "scaled fp8" else pytest.mark.long)
        for name in MODELS
        for file, dtype in (*((file, torch.float32) for file in FILES), ("scaled fp8", torch.bfloat16))
    ],
)
def test_a_model_over_a_file_has_the_bits_of_one_over_its_wide_weights(
    name: str, file: str, dtype: torch.dtype, tmp_path: Path
) -> None:
    torch.manual_seed(0)
    narrow, run = MODELS[name]()
    narrow.eval().requires_grad_(requires_grad=False).to(dtype)
    wide = MODELS[name]()[0].eval().requires_grad_(requires_grad=False).to(dtype)
    path = FILES[file]({key: value.float() for key, value in narrow.named_parameters()}, tmp_path)
    names = names_of(narrow)
    for key, stored in read_weights(path, read_header(path)).items():
        wide.get_parameter(key).data = stored.widen(dtype)
        for same in names[key]:
            place(narrow, same, stored, dtype)
    held = sum(isinstance(module, StoredWeight) for module in narrow.modules())
    assert held > 10, "the layers hold what is stored"
    assert not any("weight" in key and value.dim() > 1 for key, value in narrow.named_parameters())
    with torch.inference_mode():
        assert torch.equal(run(narrow), run(wide))
        assert run(narrow).isfinite().all()


def test_the_type_and_the_device_of_a_model_are_those_that_it_computes_in(tmp_path: Path) -> None:
    for make in MODELS.values():
        model = make()[0]
        weights = {key: value.detach() for key, value in model.named_parameters()}
        path = quantised_files.scaled_fp8(weights).write(tmp_path / "a.safetensors")
        names = names_of(model)
        for key, stored in read_weights(path, read_header(path)).items():
            for same in names[key]:
                place(model, same, stored, torch.bfloat16)
        assert (model.dtype, model.device) == (torch.bfloat16, torch.device("cpu"))
