"""Pictures that a network refers to while it paints: tokens of their own, each with its place.

They come with a prompt's entry as `reference_latents`, a list of latents of any size. By `reference_latents_method`
they are told apart by number ("index"), or lie next to each other in one plane behind the picture ("offset").
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from diffusion.denoisers.patches import SIDE, packed, padded
from diffusion.denoisers.prompt import for_batch
from diffusion.errors import DiffusionError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from diffusion.denoisers.contract import Conditions
    from diffusion.models import DiffusionModel
    from diffusion.start import Start

METHODS = ("offset", "index")
_TOKENS, _PLACES = "reference tokens ", "reference places "


def tokens(model: DiffusionModel, settings: Mapping[str, Any], start: Start, name: str) -> Conditions:
    """Tokens [batch, tokens, channels] and places [batch, tokens, 3] of each picture that the entry refers to."""
    method = settings.get("reference_latents_method", METHODS[0])
    if method not in METHODS:
        raise DiffusionError(
            f"There is no way {method!r} of placing pictures that are referred to.",
            remedy=f"Choose one of {', '.join(METHODS)}.",
            input=name,
        )
    conditions: Conditions = {}
    used_rows = used_columns = 0
    for number, latent in enumerate(settings.get("reference_latents") or ()):
        picture = padded(model.latent_format.to_model(_checked(model, latent, name).to(start.latent)), SIDE)
        rows, columns = (side // SIDE for side in picture.shape[-2:])
        index, top, left = number + 1, 0, 0
        if method == "offset":
            # Beside or below those before, so that all together stay as near to a square as they can.
            index = 1
            top, left = (0, used_columns) if rows + used_rows > columns + used_columns else (used_rows, 0)
            used_rows, used_columns = max(used_rows, top + rows), max(used_columns, left + columns)
        batch = start.latent.shape[0]
        where = places(rows, columns, model.device, index=index, top=top, left=left)
        # Entries whose pictures lie elsewhere must not share a pass: the network takes one list of places for all.
        key = f"{number} {method} {rows} x {columns}"
        conditions[_TOKENS + key] = for_batch(packed(picture), batch).to(model.device, model.dtype)
        conditions[_PLACES + key] = where.expand(batch, -1, -1)
    return conditions


def taken(conditions: Conditions) -> tuple[list[Tensor], list[Tensor]]:
    """The tokens of all pictures, and their places [tokens, 3], which all items share."""
    keys = [key.removeprefix(_TOKENS) for key in conditions if key.startswith(_TOKENS)]
    return [conditions[_TOKENS + key] for key in keys], [conditions[_PLACES + key][0] for key in keys]


def places(rows: int, columns: int, device: torch.device, *, index: int = 0, top: int = 0, left: int = 0) -> Tensor:
    """[rows * columns, 3]: (which picture, row, column) of each token; 0 is the picture that is painted."""
    down = torch.arange(top, top + rows, dtype=torch.float32, device=device)
    across = torch.arange(left, left + columns, dtype=torch.float32, device=device)
    which = torch.full((rows, columns), float(index), device=device)
    grid = torch.stack([which, down[:, None].expand(rows, columns), across[None].expand(rows, columns)], dim=-1)
    return grid.reshape(rows * columns, 3)


def _checked(model: DiffusionModel, latent: Any, name: str) -> Tensor:
    channels = model.latent_format.channels
    if isinstance(latent, torch.Tensor) and latent.ndim == 4 and latent.shape[1] == channels:
        return latent
    found = list(latent.shape) if isinstance(latent, torch.Tensor) else type(latent).__name__
    raise DiffusionError(
        f"A picture that a prompt refers to must be a latent [batch, {channels}, height, width], got {found}.",
        remedy="Encode it with the VAE of this model.",
        input=name,
    )
