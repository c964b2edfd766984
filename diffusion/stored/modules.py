"""Modules that hold a weight as it is stored, and widen it each time they compute.

`place` puts a stored weight into a model where a parameter is. The modules are those of torch in everything but their
weight: its tensors are buffers, so that moving the model moves them and counting its bytes counts them, and the wide
copy is dropped when the module has computed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

from diffusion.errors import DiffusionError
from diffusion.stored import scratch
from diffusion.stored.contract import Stored
from diffusion.stored.plain import Plain
from diffusion.stored.stand_in import StandIn


def place(model: nn.Module, name: str, stored: Stored, dtype: torch.dtype) -> None:
    """Makes a stored weight the parameter `name` ("blocks.0.to_q.weight") of a model that computes in `dtype`.

    The weight of a linear layer, a 2-D convolution or an embedding stays as it is stored. One that has the type
    already becomes an ordinary parameter over the same memory, as does, widened at once, everything else: norms,
    biases, bare parameters. What was there before, on the meta device or another stored weight, is replaced.

    Raises DiffusionError when the model has no such parameter, or one of another shape.
    """
    path, _, leaf = name.rpartition(".")
    owner = _owner(model, path)
    current = _current(owner, leaf)
    if current is None:
        raise DiffusionError(
            f"The model has no place for the tensor {name}.", remedy="Use a file of the same family and kind."
        )
    if tuple(current.shape) != stored.shape:
        raise DiffusionError(
            f"The tensor {name} has the shape {list(stored.shape)}; the model expects {list(current.shape)}.",
            remedy="Use a file of the same family and kind.",
        )
    if isinstance(owner, StoredWeight) and leaf == "weight":
        owner.release()
    is_ready = isinstance(stored, Plain) and stored.data.dtype == dtype
    if leaf in owner._buffers:
        owner._buffers[leaf] = stored.widen(current.dtype if not current.is_floating_point() else dtype)
    elif leaf == "weight" and not is_ready and _can_hold(owner):
        owner.__class__ = _HOLDERS[type(owner)]
        owner.hold(stored, dtype)
        scratch.serve(model)
    else:
        owner._parameters[leaf] = nn.Parameter(stored.widen(dtype), requires_grad=False)


class StoredWeight(nn.Module):
    """What the modules below have in common: `stored`, the weight, and the type that it is widened to."""

    _template: Stored

    def hold(self, stored: Stored, dtype: torch.dtype) -> None:
        """Takes a stored weight in the place of the parameter."""
        self._parameters.pop("weight", None)
        self.__dict__["_template"] = stored.to("meta")
        for role, tensor in stored.tensors().items():
            self._buffers[f"weight_{role}"] = tensor
        # Nothing lies in it; a change of the model's type changes its type.
        self._buffers["weight_dtype"] = torch.empty(0, dtype=dtype, device=stored.device)
        self._non_persistent_buffers_set.add("weight_dtype")

    def release(self) -> None:
        """Becomes the ordinary module again, with nothing in the place of its weight."""
        for name in [*self._raw(), "weight_dtype"]:
            del self._buffers[name]
        self._non_persistent_buffers_set.discard("weight_dtype")
        del self.__dict__["_template"]
        self.__class__ = next(plain for plain, holder in _HOLDERS.items() if holder is type(self))
        self._parameters["weight"] = None

    @property
    def stored(self) -> Stored:
        """The weight as it is stored, where the module is now."""
        return self._template.with_tensors({name.removeprefix("weight_"): raw for name, raw in self._raw().items()})

    def read_as(self, form: Callable[[Stored], Stored]) -> Stored:
        """Reads the same tensors as `form` says of the form that they have now; returns that, to be given back."""
        before = self._template
        self.__dict__["_template"] = form(before)
        return before

    @property
    def weight(self) -> StandIn:
        """A tensor that tells shape, type and device of the weight, and widens it only when computed with."""
        return StandIn(self.stored, self.dtype)

    @property
    def dtype(self) -> torch.dtype:
        """The type that the module computes in."""
        return self._buffers["weight_dtype"].dtype

    def widened(self) -> Tensor:
        """The weight in the type that the module computes in, for the computation that follows and no longer."""
        stored = self.stored
        wide = scratch.empty(stored.shape, self.dtype, stored.device)
        stored.fill(wide)
        return wide

    def _raw(self) -> dict[str, Tensor]:
        return {f"weight_{role}": self._buffers[f"weight_{role}"] for role in self._template.tensors()}

    def _apply(self, fn: Callable[[Tensor], Tensor], recurse: bool = True) -> StoredWeight:
        """Moves what is stored as bytes: `model.to(torch.float16)` changes the type that is computed in, while a
        stored weight, and its scale, would lose by it."""
        raw = self._raw()
        for name in raw:
            del self._buffers[name]
        super()._apply(fn, recurse)
        self._buffers.update({name: fn(tensor.view(torch.uint8)).view(tensor.dtype) for name, tensor in raw.items()})
        return self


class StoredLinear(StoredWeight, nn.Linear):
    """A linear layer over a stored weight."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """What the module of torch gives for the wide weight."""
        return functional.linear(input, self.widened(), self.bias)


class StoredConv2d(StoredWeight, nn.Conv2d):
    """A 2-D convolution over a stored weight."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """What the module of torch gives for the wide weight."""
        return self._conv_forward(input, self.widened(), self.bias)


class StoredEmbedding(StoredWeight, nn.Embedding):
    """An embedding over a stored weight: takes the rows that are asked for, and widens these."""

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002 - torch's name
        """What the module of torch gives for the wide weight."""
        found = self.stored.take(input.reshape(-1)).widen(self.dtype)
        return found.view(*input.shape, found.shape[-1])


_HOLDERS: dict[type[nn.Module], type[StoredWeight]] = {
    nn.Linear: StoredLinear,
    nn.Conv2d: StoredConv2d,
    nn.Embedding: StoredEmbedding,
}


def _can_hold(owner: nn.Module) -> bool:
    """Whether a module has a form that holds its weight as stored; a subclass may do with its weight what it likes."""
    return type(owner) in _HOLDERS and getattr(owner, "max_norm", None) is None


def _owner(model: nn.Module, path: str) -> nn.Module:
    try:
        return model.get_submodule(path)
    except AttributeError as error:
        raise DiffusionError(
            f"The model has no part {path}.", remedy="Use a file of the same family and kind."
        ) from error


def _current(owner: nn.Module, leaf: str) -> Any:
    if isinstance(owner, StoredWeight) and leaf == "weight":
        return owner.weight
    found = owner._parameters.get(leaf)
    return found if found is not None else owner._buffers.get(leaf)
