"""The parts of a diffusers folder. Its index says which parts it has, their settings what modules they are."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from diffusion import noise_models
from diffusion.errors import DiffusionError
from diffusion.families.table import recognise_family
from diffusion.layouts import clip, t5, vae
from diffusion.layouts.leftovers import IN_COMPONENTS, ignored
from diffusion.layouts.plan import LAYOUT_OF_ROLE, Plan
from diffusion.layouts.rows import expand, same
from diffusion.loading import folder_index
from diffusion.loading.assembly import Part, assemble, empty_module
from diffusion.loading.devices import VAE_TYPE, type_of
from diffusion.loading.folder_index import FAMILY, TEXT_MODELS, TEXT_PLACES, TOKENIZERS, VAES, class_of
from diffusion.loading.handles import context_width, latent_channels, text_width, vae_handle
from diffusion.loading.sources import Source, read_component
from diffusion.models import Checkpoint, DiffusionModel
from diffusion.preview import LatentPreview
from diffusion.text_models import make_text_encoder
from diffusion.tokenizers.finding import folder_tokenizer
from diffusion.weight_files.component_files import read_json
from diffusion.weight_files.names import short

if TYPE_CHECKING:
    from pathlib import Path

    import torch

    from diffusion.families.family import Family
    from diffusion.layouts.contract import Piece, Shapes
    from diffusion.loading.reports import Reports
    from diffusion.model_files.model_file import ModelFile
    from diffusion.noise_models import NoiseModel

_EXPECTED = {cls: IN_COMPONENTS[layout] for layout, classes in TEXT_MODELS.items() for cls in classes}
"""Class of a text encoder -> patterns of what its file may hold besides its weights."""
_STEMS = {"diffusers": "diffusion_pytorch_model", "transformers": "model"}


@dataclass(frozen=True)
class Component:
    """A component's folder: its plan, and its weights."""

    folder: Path
    plan: Plan
    source: Source = field(repr=False)

    def part(self, dtype: torch.dtype) -> Part:
        """What is to be loaded."""
        return Part(f"The weights in {short(self.folder)}", self.plan, self.source.weights, dtype, self.source.files)


def component(folder: Path, package: str, name: str) -> Component:
    """The component of a folder whose module is the class `name` of a package. Raises DiffusionError for missing, cut
    or pickled weights."""
    config = read_json(folder / "config.json")
    source = read_component(folder, _STEMS[package])
    pieces = tuple(_pieces(name, source.shapes))
    used, expected = {piece.source for piece in pieces}, _EXPECTED.get(name, ())
    leftover = tuple(sorted(name for name in source.weights if name not in used and not ignored(name, expected)))
    plan = Plan(f"{package}:{name}", config, pieces, leftover)
    return Component(folder, plan, source)


def checkpoint_of_folder(
    path: Path, found: ModelFile, device: torch.device, dtype: torch.dtype | None, reports: Reports
) -> Checkpoint:
    """Model, text encoder and VAE of a folder that was recognised as a checkpoint.

    Raises DiffusionError for missing, cut or pickled weights, and for parts that do not fit each other.
    """
    index = folder_index.index_of(path)
    place, name = folder_index.denoiser_place(path, index)
    denoiser = component(path / place, "diffusers", name)
    folder_index.check_denoiser(path, denoiser.plan.config)
    family, seen = _family(denoiser)
    half = dtype or type_of(device, family.id)
    texts = _text_components(path, index, family)
    autoencoder = component(path / "vae", "diffusers", class_of(path, index, "vae", VAES))
    noise_model = noise_models.from_scheduler_config(read_json(path / "scheduler" / "scheduler_config.json"))
    wide = dtype or VAE_TYPE
    parts = [denoiser.part(half), autoencoder.part(wide), *(text.part(half) for text, _ in texts.values())]
    module, vae_module, *encoders = assemble(parts, device, reports)
    handle = vae_handle(vae_module, device, wide)
    modules = zip(texts.items(), encoders, strict=True)
    text_encoder = make_text_encoder(family.id, {role: (encoder, text[1]) for (role, text), encoder in modules})
    folder_index.check_fit(
        path,
        latent_channels(module),
        handle.latent_format.channels,
        context_width(module),
        text_width(text_encoder, family),
    )
    model = DiffusionModel(
        family=family,
        module=module,
        noise_model=noise_model,
        latent_format=handle.latent_format,
        device=device,
        dtype=half,
        variant=_variant(family, found.variant, seen, noise_model),
        preview=LatentPreview(handle).picture,
    )
    return Checkpoint(model, text_encoder, handle)


def denoiser_of_folder(
    path: Path,
    found: ModelFile,
    device: torch.device,
    dtype: torch.dtype | None,
    reports: Reports,
    narrow_to: torch.dtype | None = None,
) -> DiffusionModel:
    """The denoiser of a checkpoint's folder, or of a folder of its own, which tells nothing of noise and scale: those
    are the family's then."""
    is_whole = folder_index.is_checkpoint(path)
    if is_whole:
        place, name = folder_index.denoiser_place(path, folder_index.index_of(path))
        folder = path / place
    else:
        folder, name = path, str(read_json(path / "config.json").get("_class_name"))
    denoiser = component(folder, "diffusers", name)
    folder_index.check_denoiser(folder, denoiser.plan.config)
    family, seen = _family(denoiser)
    half = dtype or type_of(device, family.id)
    (module,) = assemble([replace(denoiser.part(half), narrow_to=narrow_to)], device, reports)
    scheduler = path / "scheduler" / "scheduler_config.json"
    noise_model = noise_models.from_scheduler_config(read_json(scheduler)) if is_whole else family.noise(seen)
    return DiffusionModel(
        family=family,
        module=module,
        noise_model=noise_model,
        latent_format=family.latent_format,
        device=device,
        dtype=half,
        variant=_variant(family, found.variant, seen, noise_model),
    )


def _family(denoiser: Component) -> tuple[Family, str]:
    """The family and variant of a denoiser; raises DiffusionError when it is of none that is known."""
    found = recognise_family(denoiser.source.shapes)
    if found is None:  # a tensor may be missing by which families are told: then the module says so when it is loaded
        module = empty_module(denoiser.plan)
        found = recognise_family({name: tuple(tensor.shape) for name, tensor in module.state_dict().items()})
    if found is None:
        raise DiffusionError(f"The model in {short(denoiser.folder)} is of no family that is known.", remedy=FAMILY)
    return found


def _variant(family: Family, told: str, seen: str, noise_model: NoiseModel) -> str:
    """Shapes first, then what the index tells; v is what the scheduler says."""
    if seen or told not in family.variants or told == "v":
        told = seen
    predicts_v = getattr(noise_model, "prediction", "") == "v_prediction"
    return "v" if not told and predicts_v and "v" in family.variants else told


def _pieces(name: str, shapes: Shapes) -> list[Piece]:
    """Names in folders are those of the modules, but for those that older releases gave."""
    if name in TEXT_MODELS["clip"]:
        return expand(clip.rows(projected=name.endswith("WithProjection")), shapes)
    if name in TEXT_MODELS["t5"]:
        return t5.pieces(shapes, "t5xxl")
    return vae.renamed(shapes) if name == "AutoencoderKL" else same(shapes)


def _text_components(path: Path, index: dict[str, Any], family: Family) -> dict[str, tuple[Component, Any]]:
    """Text encoders and their tokenizers by role."""
    places = TEXT_PLACES[family.id]
    if family.id == "sd3":  # its folders may leave encoders out
        places = {end: role for end, role in places.items() if folder_index.has_part(index, f"text_encoder{end}")}
    texts = {}
    for end, role in places.items():
        layout = LAYOUT_OF_ROLE[role]
        name = class_of(path, index, f"text_encoder{end}", TEXT_MODELS[layout])
        class_of(path, index, f"tokenizer{end}", TOKENIZERS[layout])
        text = component(path / f"text_encoder{end}", "transformers", name)
        texts[role] = (text, _tokenizer(role, path / f"tokenizer{end}"))
    return texts


def _tokenizer(role: str, folder: Path) -> Any:
    try:
        if not folder.is_dir():
            raise DiffusionError("there is no such folder.", remedy="Copy or download the whole checkpoint again.")
        return folder_tokenizer(role, folder)
    except DiffusionError as error:
        raise DiffusionError(
            f"The tokenizer in {short(folder)} cannot be loaded: {error.args[0]}",
            remedy=error.remedy,
            input="ckpt_name",
        ) from error
