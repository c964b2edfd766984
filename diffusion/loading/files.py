"""The parts of a file: which tensors are whose, what modules they become, and in which type those compute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from diffusion.errors import DiffusionError
from diffusion.families.table import FAMILIES
from diffusion.layouts.leftovers import beside
from diffusion.layouts.plan import LAYOUT_OF_ROLE, plan
from diffusion.loading.absent import Absent
from diffusion.loading.assembly import Part, assemble
from diffusion.loading.devices import VAE_TYPE, type_of
from diffusion.loading.handles import vae_handle
from diffusion.loading.sources import Source, read_file
from diffusion.model_files.loadable import missing
from diffusion.model_files.prefixes import MARKS, split, strip
from diffusion.models import Checkpoint, DiffusionModel, Vae
from diffusion.preview import LatentPreview
from diffusion.text_models import make_text_encoder
from diffusion.text_types import ROLES
from diffusion.tokenizers.finding import INSIDE, find_tokenizer, tokenizer_folders
from diffusion.tokenizers.gguf_vocabulary import t5_in_gguf
from diffusion.tokenizers.t5 import t5_from_pieces
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import torch

    from diffusion.families.family import Family
    from diffusion.loading.reports import Reports
    from diffusion.model_files.model_file import ModelFile
    from diffusion.stored.contract import Stored
    from diffusion.text_models import TextEncoder


def checkpoint_of_file(
    path: Path,
    found: ModelFile,
    device: torch.device,
    dtype: torch.dtype | None,
    reports: Reports,
    tokenizers: Sequence[Path] = (),
) -> Checkpoint:
    """Model, text encoder and VAE of a file that was recognised as a checkpoint. An `Absent` stands for what is not in
    it."""
    source = read_file(path)
    family = FAMILIES[found.family]
    prefixes = {role: part.prefix for role, part in split(source.shapes).items()}
    half, wide = dtype or type_of(device, family.id), dtype or VAE_TYPE
    texts = [text.role for text in family.text if text.role in prefixes]
    parts = {"denoiser": denoiser_part(source, prefixes["denoiser"], family, half)}
    if "vae" in prefixes:
        parts["vae"] = vae_part(source, prefixes["vae"], wide)
    parts |= {role: text_part(source, source.below(prefixes[role]), role, half) for role in texts}
    reports.unread(short(path), beside(source.weights, [prefixes[role] for role in parts]))
    modules = dict(zip(parts, assemble(list(parts.values()), device, reports), strict=True))
    vae = vae_handle(modules["vae"], device, wide, family.latent_format) if "vae" in modules else None
    model = denoiser_handle(modules["denoiser"], found, device, half, vae)
    clip = _text_encoder(path, found, source, {role: modules[role] for role in texts}, tokenizers)
    return Checkpoint(model, clip, vae or cast("Vae", Absent(*missing(short(path), found, "VAE"), "vae")))


def denoiser_part(source: Source, prefix: str, family: Family, dtype: torch.dtype) -> Part:
    """The denoiser among the tensors of a file, which begin with `prefix`."""
    weights = {name: stored for name, stored in source.below(prefix).items() if name not in MARKS}
    return _part(source, "denoiser", weights, family.layout, family.id, dtype)


def vae_part(source: Source, prefix: str, dtype: torch.dtype) -> Part:
    """The VAE among the tensors of a file, which begin with `prefix`."""
    return _part(source, "VAE", source.below(prefix), LAYOUT_OF_ROLE["vae"], "vae", dtype)


def text_part(source: Source, weights: Mapping[str, Stored], role: str, dtype: torch.dtype) -> Part:
    """A text encoder: its tensors without what stands in front of them."""
    return _part(source, f"text encoder ({role})", weights, LAYOUT_OF_ROLE[role], role, dtype)


def denoiser_handle(
    module: Any, found: ModelFile, device: torch.device, dtype: torch.dtype, vae: Vae | None = None
) -> DiffusionModel:
    """The handle on the denoiser of a file; `vae` is its own, which gives previews."""
    family = FAMILIES[found.family]
    return DiffusionModel(
        family=family,
        module=module,
        noise_model=family.noise(found.variant),
        latent_format=family.latent_format,
        device=device,
        dtype=dtype,
        variant=found.variant,
        preview=LatentPreview(vae).picture if vae else None,
    )


def denoiser_prefix(source: Source) -> str:
    """What stands in front of the tensors of a file's denoiser."""
    parts = split(source.shapes)
    return parts["denoiser"].prefix if "denoiser" in parts else strip(source.shapes).prefix


def tokenizer_of(path: Path, source: Source, role: str, folders: Sequence[Path] = ()) -> Any:
    """The tokenizer for a role: bundled, from the file, from a folder beside it, or from one of `folders`. Raises
    DiffusionError when there is none."""
    inside = {
        leaf: stored.widen(stored.tensors()["data"].dtype).numpy().tobytes()
        for name, stored in source.weights.items()
        if (leaf := name.rpartition(".")[2]) in INSIDE
    }
    if role == "t5xxl" and source.files and (model := t5_in_gguf(source.metadata, source.files[0].content)):
        return t5_from_pieces(model)
    return find_tokenizer(role, inside, [*tokenizer_folders(path), *folders])


def _part(
    source: Source, what: str, weights: Mapping[str, Stored], layout: str, style: str, dtype: torch.dtype
) -> Part:
    shapes = {name: stored.shape for name, stored in weights.items()}
    try:
        made = plan(layout, shapes, style)
    except DiffusionError as error:
        raise DiffusionError(f"{short(source.path)}: {error.args[0]}", remedy=error.remedy) from error
    return Part(f"The weights of the {what} in {short(source.path)}", made, weights, dtype, source.files)


def _text_encoder(
    path: Path, found: ModelFile, source: Source, modules: Mapping[str, Any], folders: Sequence[Path]
) -> TextEncoder:
    """What reads prompts; who has a model without all of its encoders, or without a tokenizer, loads them besides."""
    if not modules or (found.family != "sd3" and set(modules) != set(ROLES[found.family])):
        return cast("TextEncoder", Absent(*missing(short(path), found, "text encoder"), "clip"))
    try:
        pairs = {role: (module, tokenizer_of(path, source, role, folders)) for role, module in modules.items()}
    except DiffusionError as error:
        return cast("TextEncoder", Absent(error.args[0], error.remedy, "clip"))
    return make_text_encoder(found.family, pairs)
