"""What a file is when a person says that it is something else than it looks like. Free of torch."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from diffusion.families.table import FAMILIES
from diffusion.model_files.model_file import USABLE_KINDS
from diffusion.model_files.precision import unreadable
from diffusion.model_files.recognise import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from diffusion.model_files.model_file import ModelFile

_READ = ("safetensors", "gguf", "folder")
_PAINTERS = ("checkpoint", "denoiser")
_ALONE = {"denoiser": ("denoiser",), "vae": ("vae",)}
"""What is inside a file of one part, by its kind."""


def overridden(found: ModelFile, override: Mapping[str, str]) -> ModelFile:
    """What a recognised file is with an override: its "kind", and its "family" with the "variant" of it ("" for the
    plain one). A file that is damaged, or a pickle, stays what it is.
    """
    kind, family = override.get("kind") or found.kind, override.get("family") or found.family
    variant = override.get("variant", "") if override.get("family") else found.variant
    if found.format not in _READ or (kind, family, variant) == (found.kind, found.family, found.variant):
        return found
    prediction = "v_prediction" if variant in ("v", "v_zero_snr") else ""
    parts = found.parts or _ALONE.get(kind, ())
    changed = replace(found, kind=kind, family=family, variant=variant, prediction=prediction, parts=parts)
    changed = replace(changed, name="", licence=None, problem="", remedy="")
    if kind in ("vae", "text_encoder") and override.get("family"):
        changed = replace(changed, serves=tuple(dict.fromkeys((*found.serves, family))))
    if kind in _PAINTERS and family not in FAMILIES:
        if family and override.get("family"):
            return replace(found, kind=kind, family=family, variant=variant).refused(
                f"Jacquard cannot use models of the family {family} yet.", "Use a model of another family until then."
            )
        return changed.refused(
            "The family of this model is not known.", "Say which one it is, or get the model from another place."
        )
    if kind in USABLE_KINDS and unreadable(found.precision):
        return replace(changed, problem=found.problem, remedy=found.remedy)
    return told(changed)
