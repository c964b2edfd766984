"""What the field's loaders of text encoders call their types, the style of joining that each stands for, and the roles
that a style joins. Free of torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from diffusion.errors import DiffusionError
from diffusion.model_files.recognise import recognise

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

ROLES = {
    "sd1": ("clip_l",),
    "sd2": ("clip_h",),
    "sdxl": ("clip_l", "clip_g"),
    "sdxl_refiner": ("clip_g",),
    "sd3": ("clip_l", "clip_g", "t5xxl"),
    "flux": ("clip_l", "t5xxl"),
}
"""The roles that each style joins, in order."""
_MAY_BE_LEFT_OUT = ("sd3",)
_STYLES = {"sdxl": "sdxl", "sd3": "sd3", "flux": "flux"}
_ALONE = {"clip_l": "sd1", "clip_h": "sd2", "clip_g": "sdxl_refiner"}
"""What `stable_diffusion` means, by the encoder that is in the file."""


def roles_in(paths: Iterable[Path]) -> Iterator[str]:
    """The roles of the text encoders in some files, which are looked at one after the other as they are asked for."""
    return (role for path in paths for role in recognise(path).parts)


def style_of(kind: str, roles: Iterable[str]) -> str:
    """The style of joining for a type and the roles in the files to be loaded, which only some types ask for; raises
    DiffusionError for a type that is not usable."""
    if kind in _STYLES:
        return _STYLES[kind]
    if kind != "stable_diffusion":
        raise DiffusionError(
            f"Text encoders for {kind} cannot be used yet.",
            remedy=f"Usable are stable_diffusion, {', '.join(_STYLES)}.",
            input="type",
        )
    given = list(roles)
    if "t5xxl" in given:
        raise DiffusionError(
            "This text encoder is T5, which Stable Diffusion 1 and 2 do not have.",
            remedy="Choose the type sd3, or load it beside a CLIP with Load Two Text Encoders for flux.",
            input="type",
        )
    return next((_ALONE[role] for role in given if role in _ALONE), "sd1")


def check_roles(style: str, roles: Sequence[str]) -> None:
    """Raises DiffusionError for a style that is not known, and for roles that are not those of the style."""
    if style not in ROLES:
        raise DiffusionError(
            f"There is no way of joining text encoders named {style!r}.",
            remedy=f"Choose one of {', '.join(ROLES)}.",
            input="type",
        )
    wanted = ROLES[style]
    missing = [role for role in wanted if role not in roles]
    strange = [role for role in roles if role not in wanted]
    if strange or (missing and (style not in _MAY_BE_LEFT_OUT or not roles)):
        raise DiffusionError(
            f"Prompts of {style} are read by {' and '.join(wanted)}; given are {' and '.join(roles) or 'none'}.",
            remedy="Choose a file for each of them, and the type that belongs to the model that paints.",
            input="type",
        )
