"""From a LoRA file, in whatever spelling, to a LoRA for the modules of a model; and what of it could not be used.

Nothing of the file is believed: names that no layer has, parts that do not go together and shapes that do not fit are
told, each with its reason; a file with numbers that are none is refused. Tensors are copied out of the file, so that
nothing of it is needed afterwards.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.loading.refusals import recognised
from diffusion.loading.sources import read_file
from diffusion.loras.alphas import Alphas
from diffusion.loras.assembling import UnusableError, changes_of, cut
from diffusion.loras.fitting import Fit, Unused, check_family, misfit
from diffusion.loras.lora import Lora
from diffusion.loras.names import names_of
from diffusion.loras.parts import DENOISER
from diffusion.loras.spellings import key_of, places
from diffusion.stored.plain import Plain
from diffusion.weight_files.names import short, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from torch import Tensor, nn

    from diffusion.loading.sources import Source
    from diffusion.loras.contract import Change
    from diffusion.loras.names import Names, Target
    from diffusion.stored.contract import Stored

_KEPT_AS_THEY_ARE = (torch.float32, torch.float16, torch.bfloat16)
_LONGEST_TEXT = 100_000


def read_lora(
    path: Path,
    modules: Mapping[str, nn.Module],
    family: str = "",
    *,
    override: Mapping[str, str] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> Fit:
    """The LoRA of a file for a model: its modules by part (of `lora.PARTS`), and the id of its family.

    What a file has for parts that are not among the modules is left out and not told. Raises DiffusionError when the
    file is no LoRA, is damaged, or was made for another family, and when nothing of it fits; Cancelled.
    """
    found = recognised(path, "lora", "lora_name", override)
    try:
        check_family(found.family, family)
    except DiffusionError as error:
        error.input = "lora_name"
        raise
    source = read_file(path)
    layers, unused = _grouped(source)
    names = {part: names_of(module, _layout(part, family)) for part, module in modules.items()}
    alphas = Alphas(source.metadata)
    kept: dict[str, dict[str, Change]] = {part: {} for part in modules}
    for layer, slots in layers.items():
        if cancelled is not None and cancelled():
            raise Cancelled
        place = _found(layer, names, modules)
        if place is None:
            unused.append(Unused(shown(layer), "the model has no such layer"))
        elif place[0] in modules:
            part, targets = place
            tensors = {slot: _read(path, name, source.weights[name]) for slot, name in slots.items()}
            rank = len(tensors["down"]) if "down" in tensors and tensors["down"].ndim else 0
            unused += _take(kept[part], modules[part], layer, targets, tensors, alphas.of(layer, rank))
    if layers and not any(kept.values()):
        raise _nothing(path, unused, modules)
    metadata = {
        key: text for key, text in source.metadata.items() if isinstance(text, str) and len(text) <= _LONGEST_TEXT
    }
    return Fit(Lora(kept, found.family or family, metadata), tuple(unused))


def _grouped(source: Source) -> tuple[dict[str, dict[str, str]], list[Unused]]:
    """The names of the file's tensors by layer and slot, and those that mean nothing here."""
    layers: dict[str, dict[str, str]] = defaultdict(dict)
    unused = []
    for name in source.weights:
        key = key_of(name)
        if key is None:
            unused.append(Unused(shown(name), "it is no part of a LoRA that is known"))
        elif key.slot in layers[key.layer]:
            unused.append(Unused(shown(name), "the file has this part of the layer twice"))
        else:
            layers[key.layer][key.slot] = name
    return layers, unused


def _layout(part: str, family: str) -> str:
    return FAMILIES[family].layout if part == DENOISER and family in FAMILIES else ""


def _found(
    layer: str, names: Mapping[str, Names], modules: Mapping[str, nn.Module]
) -> tuple[str, tuple[Target, ...]] | None:
    """The part and the layers that a name means; a part that is not there has no layers."""
    candidates = places(layer)
    for part, path in candidates:
        if part in names and (targets := names[part].get(path)):
            return part, targets
    absent = next((part for part, _ in candidates if part not in modules), None)
    return None if absent is None else (absent, ())


def _take(
    kept: dict[str, Change],
    module: nn.Module,
    layer: str,
    targets: tuple[Target, ...],
    tensors: Mapping[str, Tensor],
    alpha: float | None,
) -> list[Unused]:
    """Adds the changes of a layer to those that are kept; returns what did not fit."""
    try:
        made = changes_of(tensors, alpha)
    except UnusableError as error:
        return [Unused(shown(layer), str(error))]
    unused: list[Unused] = []
    for leaf, whole in made.items():
        for target in targets:
            change = cut(whole, target, is_bias=bool(leaf))
            path = target.path + leaf
            why = "the file has another change of the same layer" if path in kept else misfit(module, path, change)
            if why:
                unused.append(Unused(shown(layer), why))
                break
            kept[path] = change
    return unused


def _read(path: Path, name: str, stored: Stored) -> Tensor:
    """A copy of a tensor of the file, as wide as it is there; raises DiffusionError for numbers that are none."""
    is_kept = isinstance(stored, Plain) and stored.data.dtype in _KEPT_AS_THEY_ARE
    with torch.inference_mode(mode=False):
        tensor = stored.data.clone() if is_kept and isinstance(stored, Plain) else stored.widen(torch.float32).clone()
    if not torch.isfinite(tensor).all():
        raise DiffusionError(
            f"{short(path)} has values in {shown(name)} that are no numbers (NaN or infinite).",
            remedy="Download it again, or get another LoRA: it was damaged, or its training failed.",
            input="lora_name",
        )
    return tensor


def _nothing(path: Path, unused: list[Unused], modules: Mapping[str, nn.Module]) -> DiffusionError:
    why = (
        f": {unused[0].name}, {unused[0].why}"
        if unused
        else f": it has layers of other parts than {', '.join(modules)}"
    )
    return DiffusionError(
        f"Nothing of {short(path)} fits this model{why}.",
        remedy="Use it with a model of the family that it was made for.",
        input="lora_name",
    )
