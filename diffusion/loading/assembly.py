"""A module of diffusers or transformers from a plan and stored weights.

The module is made without memory for its weights; then each weight takes its place as it is stored. What is stored in
the type that is computed in stays as it is; other types are widened layer by layer, each time a layer computes. So
memory holds what the file holds, and one layer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

import torch

from diffusion.errors import DiffusionError
from diffusion.loading.pieces import cut_stored
from diffusion.memory import enough_memory
from diffusion.stored.modules import place
from diffusion.stored.narrowing import narrowed
from diffusion.stored.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from torch import Tensor, nn

    from diffusion.layouts.plan import Plan
    from diffusion.loading.reports import Reports
    from diffusion.stored.contract import Stored
    from diffusion.stored.mapping import MappedFile

SMALL_BYTES = 64 * 2**20
"""A module that is no larger than this once it is widened, is widened when it is loaded: it computes sooner."""

_PAGE = 4096
_ALIGNMENT = 64
_AGAIN = "Copy or download it again, or choose what belongs to this kind of model."
_IN_FLOAT32 = {"transformers:T5EncoderModel": (".wo.weight",)}
"""Weights whose products leave the range of float16, by the class of the module: they are computed in float32."""


@dataclass(frozen=True)
class Part:
    """A component that is to be loaded: how it is mapped, the weights by their names in the file, and the type that it
    computes in. `what` begins sentences about what is wrong: "The weights in vae".

    `narrow_to`: a type of eight bits in which matrices are held, whatever the file has."""

    what: str
    plan: Plan
    weights: Mapping[str, Stored] = field(repr=False)
    dtype: torch.dtype
    files: Sequence[MappedFile] = field(default=(), repr=False)
    """Where the weights lie."""
    narrow_to: torch.dtype | None = None


def assemble(parts: Sequence[Part], device: torch.device, reports: Reports) -> list[Any]:
    """The modules of the parts on a device, ready to compute.

    Raises DiffusionError when weights are missing or have other shapes, and Cancelled.
    """
    cut = [_cut(part) for part in parts]
    reports.expect(sum(stored.nbytes for weights in cut for stored in weights.values()))
    remedy = "Load it in a smaller form (fp8 or GGUF), or end other programs that use the device."
    # Weights made inside inference mode could never be trained or edited.
    with torch.inference_mode(mode=False), enough_memory("the weights of the model", remedy):
        return [_module(part, weights, device, reports) for part, weights in zip(parts, cut, strict=True)]


def _cut(part: Part) -> dict[str, Stored]:
    """The weights by the names of the module."""
    return {piece.target: cut_stored(piece, part.weights[piece.source]) for piece in part.plan.pieces}


def _module(part: Part, weights: dict[str, Stored], device: torch.device, reports: Reports) -> Any:
    module = empty_module(part.plan)
    _fill(module, device)
    wanted = _names(module)
    if missing := sorted(wanted - weights.keys()):
        raise DiffusionError(
            f"{part.what} lack {len(missing)} of the model's tensors, {missing[0]} among them.", remedy=_AGAIN
        )
    strange = sorted(weights.keys() - module.state_dict().keys())
    reports.unread(part.what[0].lower() + part.what[1:], [*part.plan.leftover, *strange])
    is_small = _bytes_when_wide(module, part.dtype) <= SMALL_BYTES
    exceptions = _IN_FLOAT32.get(part.plan.module, ()) if part.dtype == torch.float16 else ()
    for name, stored in weights.items():
        if name not in wanted:
            continue
        reports.check()
        for file in part.files:
            file.check()
        dtype = torch.float32 if name.endswith(exceptions) else part.dtype
        try:
            place(module, name, _brought(part, stored, device, dtype, is_small=is_small), dtype)
        except DiffusionError as error:
            raise DiffusionError(f"{part.what} do not fit the model: {error.args[0]}", remedy=_AGAIN) from error
        reports.loaded(stored.nbytes)
    _tie(module)
    return module.eval().requires_grad_(requires_grad=False)


def empty_module(plan: Plan) -> Any:
    """The plan's module on the meta device. Raises DiffusionError when its settings are none of the class."""
    package, name = plan.module.split(":")
    cls = getattr(import_module(package), name)
    try:
        with torch.device("meta"):
            if package == "transformers":
                return cls(cls.config_class.from_dict(dict(plan.config)))
            return cls.from_config(dict(plan.config))
    except (ValueError, TypeError, KeyError, AttributeError, ZeroDivisionError) as error:
        raise DiffusionError(
            f"These are no settings of a {name}: {error}.", remedy="Copy or download the whole model again."
        ) from error


def _names(module: nn.Module) -> set[str]:
    """Names of the tensors that must come from a file; one that has two names counts by its first."""
    buffers = {name for name, _ in module.named_buffers()} & module.state_dict().keys()
    return {name for name, _ in module.named_parameters()} | buffers


def _bytes_when_wide(module: nn.Module, dtype: torch.dtype) -> int:
    return sum(math.prod(tensor.shape) for tensor in module.parameters()) * dtype.itemsize


def _brought(part: Part, stored: Stored, device: torch.device, dtype: torch.dtype, *, is_small: bool) -> Stored:
    """A weight on its device, as it will be held there."""
    narrow = stored if part.narrow_to is None else narrowed(stored, part.narrow_to)
    if device.type == "cpu":
        held = _held(narrow, dtype, is_small=is_small)
        if held is stored:
            _fetch(stored)
            return stored
    else:
        held = narrow.to(device)
        if is_small and isinstance(held, Plain):
            held = Plain(held.widen(dtype))
    for tensor in stored.tensors().values():
        for file in part.files:
            file.release(tensor)
    return held


def _held(stored: Stored, dtype: torch.dtype, *, is_small: bool) -> Stored:
    """A weight on the CPU: where it is mapped, or a copy.

    Products of matrices differ in their last bits by where a matrix begins in memory, and how its rows lie. So what is
    computed with as it lies must lie as torch lays it: the same weights then paint the same picture from any file.
    """
    if not isinstance(stored, Plain):
        return stored
    data = stored.data
    if data.dtype != dtype:
        return Plain(stored.widen(dtype)) if is_small else stored
    if data.data_ptr() % _ALIGNMENT or not data.is_contiguous():
        return Plain(data.clone(memory_format=torch.contiguous_format))
    return stored


def _fetch(stored: Stored) -> None:
    """Brings a mapped weight into memory by a look at each page: reading is a part of loading, and what cannot be read
    shows here."""
    for tensor in stored.tensors().values():
        raw: Tensor = tensor.reshape(-1).view(dtype=torch.uint8)
        if len(raw):
            raw[::_PAGE].max()


def _tie(module: nn.Module) -> None:
    """Lets modules that shared a weight before it was placed share it again."""
    shared = getattr(module, "shared", None)
    if shared is not None and hasattr(module, "set_input_embeddings"):
        module.set_input_embeddings(shared)


def _fill(module: nn.Module, device: torch.device) -> None:
    """Gives the buffers that are in no file, which tell positions, their values."""
    for part in module.modules():
        for name in part._non_persistent_buffers_set:
            if (buffer := part._buffers.get(name)) is not None:
                part._buffers[name] = _constant(name, buffer, device)


def _constant(name: str, buffer: Tensor, device: torch.device) -> Tensor:
    if name != "position_ids":
        raise DiffusionError(
            f"The model has the constant {name}, which is in no file.", remedy="Use a model of a family that is listed."
        )
    return torch.arange(buffer.shape[-1], dtype=buffer.dtype, device=device).expand(buffer.shape)
