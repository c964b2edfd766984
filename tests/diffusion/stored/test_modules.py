"""Modules over stored weights compute what they compute over the wide ones, bit for bit, and keep none of these."""

from __future__ import annotations

import copy
import gc
import weakref
from typing import Any

import pytest
import torch
from torch import nn

from diffusion.errors import DiffusionError
from diffusion.models import weight_bytes
from diffusion.stored.contract import Stored
from diffusion.stored.gguf import Gguf
from diffusion.stored.modules import StoredConv2d, StoredEmbedding, StoredLinear, place
from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled
from tests.support.quantised_files import gguf_blocks

KINDS = ("fp16", "fp8", "fp8 scaled", "int8 rotated", "Q4_K", "Q8_0")
DTYPES = (torch.float32, torch.bfloat16)


def stored(kind: str, *shape: int) -> Stored:
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 0.1
    scale = torch.rand(shape[0], generator=torch.Generator().manual_seed(2)) * 0.01 + 0.001
    if kind in ("Q4_K", "Q8_0"):
        return Gguf(torch.from_numpy(gguf_blocks(weight.view(-1, 256), kind)).view(weight.numel() // 256, -1).clone()
                    .view(-1, 144 if kind == "Q4_K" else 34), kind, shape)  # fmt: skip
    if kind == "int8 rotated":
        return Scaled((weight * 100).to(torch.int8), scale, 16 if len(shape) == 2 else 0)
    if kind == "fp8 scaled":
        return Scaled((weight * 100).to(torch.float8_e4m3fn), scale)
    return Plain(weight.to(torch.float16 if kind == "fp16" else torch.float8_e5m2))


class Model(nn.Module):
    """One of each module that can hold a stored weight, and what cannot."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(64, 256)
        self.parts = nn.ModuleList([nn.Linear(256, 32), nn.Linear(256, 32, bias=False)])
        self.conv = nn.Conv2d(32, 16, 3, padding=1, stride=2, padding_mode="circular")
        self.norm = nn.LayerNorm(256)
        self.table = nn.Parameter(torch.zeros(6, 256))
        self.register_buffer("ids", torch.zeros(4, dtype=torch.int64))

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        x = self.norm(self.embed(ids)) + self.table[0]
        x = self.parts[0](x) * self.parts[1](x)
        return self.conv(x.transpose(1, 2).unflatten(-1, (8, 8)))


def model(dtype: torch.dtype = torch.float32) -> Model:
    torch.manual_seed(0)
    return Model().to(dtype).requires_grad_(requires_grad=False).eval()


WEIGHTS = {
    "embed.weight": (64, 256),
    "parts.0.weight": (32, 256),
    "parts.1.weight": (32, 256),
    "conv.weight": (16, 32, 3, 3),
}
IDS = torch.arange(128).view(2, 64) % 50


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_model_over_stored_weights_has_the_bits_of_one_over_the_wide_ones(kind: str, dtype: torch.dtype) -> None:
    narrow, wide = model(dtype), model(dtype)
    for name, shape in WEIGHTS.items():
        place(narrow, name, stored(kind, *shape), dtype)
        wide.get_parameter(name).data = stored(kind, *shape).widen(dtype)
    assert torch.equal(narrow(IDS), wide(IDS))
    assert (type(narrow.embed), type(narrow.parts[1]), type(narrow.conv)) == (
        StoredEmbedding,
        StoredLinear,
        StoredConv2d,
    )
    assert isinstance(narrow.parts[1], nn.Linear)


@pytest.mark.parametrize("kind", KINDS)
def test_what_lies_in_memory_is_what_the_file_holds(kind: str) -> None:
    narrow = model()
    before = weight_bytes(narrow)
    for name, shape in WEIGHTS.items():
        before += stored(kind, *shape).nbytes - narrow.get_parameter(name).nbytes
        place(narrow, name, stored(kind, *shape), torch.float32)
    assert weight_bytes(narrow) == before
    narrow(IDS)
    assert weight_bytes(narrow) == before


@pytest.mark.parametrize("inference", [False, True])
def test_no_more_than_one_wide_weight_lives_at_a_time(monkeypatch: pytest.MonkeyPatch, inference: bool) -> None:
    narrow = model()
    for name, shape in WEIGHTS.items():
        place(narrow, name, stored("fp8 scaled", *shape), torch.float32)
    made: list[Any] = []
    alive: list[int] = []
    fill = Scaled.fill

    def counted(self: Scaled, wide: torch.Tensor) -> None:
        alive.append(sum(reference() is not None for reference in made))
        made.append(weakref.ref(wide))
        fill(self, wide)

    monkeypatch.setattr(Scaled, "fill", counted)
    with torch.inference_mode(inference):
        narrow(IDS)
    gc.collect()
    assert alive == [0, 0, 0, 0], "none of before is left when the next is made"
    assert sum(reference() is not None for reference in made) == 0


def test_gradients_flow_through_layers_over_stored_weights() -> None:
    narrow, wide = model(), model()
    for name, shape in WEIGHTS.items():
        place(narrow, name, stored("fp8 scaled", *shape), torch.float32)
        wide.get_parameter(name).data = stored("fp8 scaled", *shape).widen(torch.float32)
    gradients = []
    for made in (narrow, wide):
        made.table.requires_grad_()
        made(IDS).square().sum().backward()
        gradients.append(made.table.grad)
    assert torch.equal(*gradients)


def test_an_embedding_widens_only_the_rows_that_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = model()
    place(narrow, "embed.weight", stored("Q8_0", 64, 256), torch.float32)
    shapes = []
    fill = Gguf.fill
    monkeypatch.setattr(Gguf, "fill", lambda self, wide: (shapes.append(self.shape), fill(self, wide))[1])
    narrow.embed(torch.tensor([[3, 5], [5, 0]]))
    assert shapes == [(4, 256)]


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_weight_of_the_type_becomes_a_parameter_over_the_same_memory(dtype: torch.dtype) -> None:
    narrow, data = model(dtype), torch.randn(32, 256).to(dtype)
    place(narrow, "parts.0.weight", Plain(data), dtype)
    assert type(narrow.parts[0]) is nn.Linear
    assert narrow.parts[0].weight.data_ptr() == data.data_ptr()
    assert not narrow.parts[0].weight.requires_grad


def test_norms_biases_and_bare_parameters_are_widened_at_once() -> None:
    narrow = model()
    for name, shape in {"norm.weight": (256,), "parts.0.bias": (32,), "table": (6, 256)}.items():
        value = stored("fp8", *shape)
        place(narrow, name, value, torch.float32)
        assert isinstance(narrow.get_parameter(name), nn.Parameter)
        assert torch.equal(narrow.get_parameter(name), value.widen(torch.float32))
    place(narrow, "ids", Plain(torch.arange(4, dtype=torch.int32)), torch.float32)
    assert torch.equal(narrow.ids, torch.arange(4))


def test_subclasses_of_layers_get_a_wide_weight_because_they_may_do_anything_with_it() -> None:
    class Own(nn.Linear):
        pass

    made = nn.Sequential(Own(256, 32))
    place(made, "0.weight", stored("fp8", 32, 256), torch.float32)
    assert type(made[0]) is Own
    assert torch.equal(made[0].weight, stored("fp8", 32, 256).widen(torch.float32))


def test_modules_of_the_meta_device_are_filled() -> None:
    with torch.device("meta"):
        empty = Model()
    for name, shape in WEIGHTS.items():
        place(empty, name, stored("fp8 scaled", *shape), torch.bfloat16)
    for name, parameter in list(empty.named_parameters()):
        place(empty, name, Plain(torch.zeros(parameter.shape)), torch.bfloat16)
    assert {tensor.device.type for tensor in [*empty.parameters(), empty.embed.weight]} == {"cpu"}
    assert empty(IDS).dtype == torch.bfloat16


def test_looking_at_the_weight_tells_its_type_and_shape_without_widening(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow = model()
    place(narrow, "conv.weight", stored("fp8 scaled", 16, 32, 3, 3), torch.bfloat16)
    monkeypatch.setattr(Scaled, "fill", lambda *_: pytest.fail("was widened"))
    weight = narrow.conv.weight
    assert (weight.dtype, tuple(weight.shape), weight.device.type) == (torch.bfloat16, (16, 32, 3, 3), "cpu")


@pytest.mark.parametrize("kind", KINDS)
def test_moving_the_model_to_another_type_leaves_what_is_stored_alone(kind: str) -> None:
    narrow = model()
    for name, shape in WEIGHTS.items():
        place(narrow, name, stored(kind, *shape), torch.float32)
    before = {name: tensor.clone() for name, tensor in narrow.named_buffers() if "weight_dtype" not in name}
    narrow.to(torch.bfloat16)
    after = dict(narrow.named_buffers())
    assert all(after[name].dtype == tensor.dtype for name, tensor in before.items())
    assert all(torch.equal(after[name].view(torch.uint8), before[name].view(torch.uint8)) for name in before)
    expected = model(torch.bfloat16)
    for name, shape in WEIGHTS.items():
        expected.get_parameter(name).data = stored(kind, *shape).widen(torch.bfloat16)
    assert torch.equal(narrow(IDS), expected(IDS))


def test_moving_the_model_to_another_device_moves_what_is_stored_and_keeps_nothing_behind() -> None:
    narrow = model()
    place(narrow, "parts.0.weight", kept := stored("fp8 scaled", 32, 256), torch.float32)
    place(narrow, "conv.weight", stored("Q8_0", 16, 32, 3, 3), torch.float32)
    remembered = weakref.ref(kept.tensors()["data"])
    del kept
    narrow.to("meta")
    gc.collect()
    assert remembered() is None
    assert {tensor.device.type for tensor in [*narrow.parameters(), *narrow.buffers()]} == {"meta"}
    assert narrow.parts[0].weight.device.type == "meta"
    assert narrow.parts[0].stored.format == "fp8 scaled"


def test_a_copy_of_a_model_is_one_of_its_own() -> None:
    narrow = model()
    place(narrow, "parts.0.weight", stored("int8 rotated", 32, 256), torch.float32)
    twin = copy.deepcopy(narrow)
    twin.parts[0].stored.tensors()["data"].zero_()
    assert narrow.parts[0].widened().abs().sum() > 0
    assert twin.parts[0].widened().abs().sum() == 0


def test_a_stored_weight_can_be_replaced_and_put_back() -> None:
    """So that weights can be changed for a while: the changed one is placed, then the one of before."""
    narrow, first = model(), stored("fp8 scaled", 32, 256)
    place(narrow, "parts.0.weight", first, torch.float32)
    before = narrow(IDS)
    place(narrow, "parts.0.weight", changed := Plain(first.widen(torch.float32) * 2), torch.float32)
    assert type(narrow.parts[0]) is nn.Linear
    assert narrow.parts[0].weight.data_ptr() == changed.data.data_ptr()
    assert [name for name, _ in narrow.parts[0].named_buffers()] == []
    place(narrow, "parts.0.weight", stored("int8 rotated", 32, 256), torch.float32)
    place(narrow, "parts.0.weight", first, torch.float32)
    assert torch.equal(narrow(IDS), before)


def test_the_state_of_a_model_holds_the_stored_tensors() -> None:
    narrow = model()
    place(narrow, "parts.0.weight", stored("fp8 scaled", 32, 256), torch.float32)
    names = {name for name in narrow.state_dict() if name.startswith("parts.0")}
    assert names == {"parts.0.bias", "parts.0.weight_data", "parts.0.weight_scale"}


@pytest.mark.parametrize(
    ("name", "shape", "message"),
    [
        ("parts.0.weight", (32, 128), r"has the shape \[32, 128\]; the model expects \[32, 256\]"),
        ("parts.7.weight", (32, 256), r"no part parts\.7"),
        ("parts.0.scale", (32,), r"no place for the tensor parts\.0\.scale"),
        ("parts.1.bias", (32,), r"no place for the tensor parts\.1\.bias"),
    ],
)
def test_a_weight_that_the_model_has_no_place_for_is_an_error(name: str, shape: Any, message: str) -> None:
    with pytest.raises(DiffusionError, match=message):
        place(model(), name, Plain(torch.zeros(shape)), torch.float32)


def test_inside_of_inference_mode_it_is_the_same() -> None:
    narrow = model()
    place(narrow, "parts.0.weight", stored("Q4_K", 32, 256), torch.float32)
    expected = narrow(IDS)
    with torch.inference_mode():
        assert torch.equal(narrow(IDS), expected)
        assert narrow.parts[0].weight.dtype == torch.float32
