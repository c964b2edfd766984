"""What else a model needs to paint: which text encoders and VAE, and what their files are usually called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from diffusion.families.table import FAMILIES
from diffusion.model_files.known import KNOWN

if TYPE_CHECKING:
    from diffusion.model_files.model_file import ModelFile

_TEXT_NAMES = {
    "clip_l": ("clip_l",),
    "clip_g": ("clip_g",),
    "clip_h": ("sd2_clip_h",),
    "t5xxl": ("t5xxl_fp16", "t5xxl_fp8_e4m3fn_scaled", "t5xxl_fp8_e4m3fn"),
}
_VAE_NAMES = {
    "sd1": ("vae-ft-mse-840000-ema-pruned",),
    "sd2": ("vae-ft-mse-840000-ema-pruned",),
    "sdxl": ("sdxl_vae",),
    "sdxl_refiner": ("sdxl_vae",),
    "sd3": ("sd3_vae", "sd3.5_vae"),
    "flux": ("ae",),
}


@dataclass(frozen=True)
class Need:
    """One thing that a model needs beside itself: of `kind` "text_encoder" or "vae", in the `role` "clip_l", "t5xxl",
    "vae" and so on, for the family `family`. `names` are what such files are usually called, without suffix; the best
    known first."""

    kind: str
    role: str
    family: str
    names: tuple[str, ...]

    def fits(self, other: ModelFile) -> bool:
        """Whether a file is what is needed."""
        if other.kind != self.kind or not other.is_usable:
            return False
        return self.family in other.serves and (self.kind == "vae" or self.role in other.parts)


def goes_with(model_file: ModelFile) -> list[Need]:
    """What a checkpoint or a denoiser needs besides what is in its file; nothing for other kinds, and for families that
    cannot be used yet what their files are called."""
    if model_file.kind not in ("checkpoint", "denoiser"):
        return []
    if family := FAMILIES.get(model_file.family):
        needs = [
            Need("text_encoder", part.role, family.id, _TEXT_NAMES.get(part.role, (part.role,)))
            for part in family.text
            if part.role not in model_file.parts
        ]
        if "vae" not in model_file.parts:
            needs.append(Need("vae", "vae", family.id, _VAE_NAMES.get(family.id, ())))
        return needs
    row = next((row for row in KNOWN if row.id == model_file.family), None)
    if row is None or model_file.kind == "checkpoint":
        return []
    needs = [Need("text_encoder", "text", row.id, row.text)] if row.text else []
    return needs + ([Need("vae", "vae", row.id, row.vae)] if row.vae else [])
