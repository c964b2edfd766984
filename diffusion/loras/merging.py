"""Adding LoRAs to a module for the time in which it works, and taking them off again to the last bit.

Weights that are computed with as they lie are replaced by merged ones: a step then costs what it costs without a LoRA.
The weights that they stand for are kept beside them meanwhile, so a run takes the changed layers once more in memory.
Stored weights (fp8, int8, GGUF) stay as they are; the change is added each time a layer widens its own. So it is with
all, where there is no room for merged ones.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from diffusion.errors import Cancelled, DiffusionError
from diffusion.loras.changed import Changed, added
from diffusion.loras.parts import BIAS
from diffusion.memory import SMALL_BYTES, memory_left
from diffusion.stored.modules import StoredWeight, place
from diffusion.stored.plain import Plain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from diffusion.loras.contract import Change
    from diffusion.loras.lora import Lora

    Changes = Sequence[tuple[Change, float]]


@contextmanager
def merged(
    module: nn.Module,
    part: str,
    patches: Sequence[tuple[Lora, float]],
    cancelled: Callable[[], bool] | None = None,
) -> Iterator[None]:
    """While inside, the module computes with what LoRAs say of a part (of `lora.PARTS`), each at its strength.

    The caller holds the lock of the module: nobody else may use, copy or change it meanwhile. Afterwards each weight is
    the object that it was. Raises DiffusionError, before or after which nothing is changed, for a layer that the module
    does not have; Cancelled.
    """
    undo: list[Callable[[], None]] = []
    try:
        with torch.inference_mode(mode=False), torch.no_grad():
            wanted = _by_path(part, patches)
            roomy = _has_room(module, wanted)
            for path, changes in wanted.items():
                if cancelled is not None and cancelled():
                    raise Cancelled
                undo.append(_swap(module, path, changes, roomy=roomy))
        yield
    finally:
        for back in reversed(undo):
            back()


def weight_at(module: nn.Module, path: str) -> Any:
    """What a path of a LoRA means in a module, a tensor by its looks; None where there is nothing."""
    owner, leaf = _place(module, path)
    if owner is None:
        return None
    found = owner.weight if isinstance(owner, StoredWeight) and leaf == "weight" else owner._parameters.get(leaf)
    return found if found is not None and found.is_floating_point() else None


def _place(module: nn.Module, path: str) -> tuple[nn.Module | None, str]:
    owner, leaf = (path.removesuffix(BIAS), "bias") if path.endswith(BIAS) else (path, "weight")
    try:
        return module.get_submodule(owner), leaf
    except AttributeError:
        return None, leaf


def _by_path(part: str, patches: Sequence[tuple[Lora, float]]) -> dict[str, list[tuple[Change, float]]]:
    found: dict[str, list[tuple[Change, float]]] = defaultdict(list)
    for lora, strength in patches:
        for path, change in lora.layers.get(part, {}).items():
            found[path].append((change, strength))
    return found


def _has_room(module: nn.Module, wanted: dict[str, Any]) -> bool:
    """Whether there is memory for merged weights beside those that there are; a GPU says so itself, in time."""
    tensors = [weight_at(module, path) for path in wanted]
    plain = [tensor for tensor in tensors if isinstance(tensor, nn.Parameter) and tensor.device.type == "cpu"]
    size = sum(tensor.nbytes for tensor in plain)
    left = memory_left() if size > SMALL_BYTES else None
    return left is None or size < left


def _swap(module: nn.Module, path: str, changes: Changes, *, roomy: bool) -> Callable[[], None]:
    """Changes one weight; returns what takes the change back."""
    weight = weight_at(module, path)
    misfit = (
        next((why for change, _ in changes if (why := change.misfit(weight.shape))), "") if weight is not None else ""
    )
    owner, leaf = _place(module, path)
    if weight is None or owner is None or misfit:
        raise DiffusionError(
            f"The LoRA does not fit the model: {misfit or 'there is no layer'} ({path}).",
            remedy="Use it with the model that it was made for.",
            input="lora",
        )
    here = [(change.to(weight.device), strength) for change, strength in changes]
    if isinstance(owner, StoredWeight) and leaf == "weight":
        before = owner.read_as(lambda stored: Changed(stored, here))
        return lambda: _read_again(owner, before)
    original = owner._parameters[leaf]
    assert original is not None  # noqa: S101 - `weight_at` found it
    if roomy:
        try:
            made = added(original.detach().to(torch.float32), here).to(original.dtype)
            owner._parameters[leaf] = nn.Parameter(made, requires_grad=False)
            return lambda: _put_back(owner, leaf, original)
        except torch.OutOfMemoryError:
            pass  # of a GPU
    place(module, f"{path.removesuffix(BIAS)}.{leaf}", Changed(Plain(original.detach()), here), original.dtype)
    return lambda: _put_back(owner, leaf, original)


def _read_again(owner: StoredWeight, before: Any) -> None:
    owner.read_as(lambda _: before)


def _put_back(owner: nn.Module, leaf: str, original: nn.Parameter) -> None:
    if isinstance(owner, StoredWeight) and leaf == "weight":
        owner.release()
    owner._parameters[leaf] = original
