"""The list tells what each file is, what goes with it, and where it belongs; it never waits for headers."""

from __future__ import annotations

import threading

import pytest

from commands.model_library.library import Library
from commands.model_library.listing import ModelListing
from commands.model_library.memory import Memory
from commands.model_library.overrides import Overrides
from diffusion.model_files.known import KNOWN
from diffusion.model_files.model_file import ModelFile
from graph.files.folders import Files
from server.errors import ApiError
from server.shapes.models import ModelOverride, ModelReading, WantedModel
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain

KINDS = ("checkpoints", "diffusion_models", "text_encoders", "vae", "loras")


@pytest.fixture
def files(tmp_path):
    for kind in KINDS:
        (tmp_path / "models" / kind).mkdir(parents=True)
    return Files({kind: [tmp_path / "models" / kind] for kind in KINDS})


@pytest.fixture
def listing(files, tmp_path):
    found = make(files, tmp_path)
    yield found
    found.close()


def make(files, tmp_path, recognise=None, problems=()):
    library = Library(Memory(tmp_path / "data" / "m.sqlite3"), Overrides(tmp_path / "data" / "o.json"), recognise)
    return ModelListing(files, library, KINDS, problems)


def of(models, name):
    return next(model for model in models.models if model.name == name)


def test_files_that_would_do_for_an_example_are_told_with_where_they_go(files, tmp_path):
    told = {
        "checkpoints/base.safetensors": ModelFile("checkpoint", "sdxl"),
        "checkpoints/inpaint.safetensors": ModelFile("checkpoint", "sdxl", variant="inpaint"),
        "checkpoints/one.safetensors": ModelFile("checkpoint", "sd1"),
        "checkpoints/cut.safetensors": ModelFile("checkpoint", "sdxl", problem="It is cut short."),
        "text_encoders/l.safetensors": ModelFile("text_encoder", parts=("clip_l",), serves=("sdxl", "flux")),
        "text_encoders/t5.safetensors": ModelFile("text_encoder", parts=("t5xxl",), serves=("flux",)),
        "vae/ae.safetensors": ModelFile("vae", parts=("vae",), serves=("flux",)),
        "vae/kl.safetensors": ModelFile("vae", parts=("vae",), serves=("sdxl",)),
    }
    for name in told:
        (tmp_path / "models" / name).touch()
    listing = make(files, tmp_path, lambda path: told[f"{path.parent.name}/{path.name}"])
    listing.complete()
    found = listing.supply(WantedModel(kind="checkpoint", family="sdxl", such_as=("sd_xl_base_1.0.safetensors",)))
    assert (found.what, found.place) == ("checkpoint of Stable Diffusion XL", "models/checkpoints")
    assert (found.there, found.such_as) == (["base.safetensors"], ["sd_xl_base_1.0.safetensors"])
    more = listing.supply(WantedModel(kind="checkpoint", family="sdxl", variants=("", "inpaint")))
    assert more.there == ["base.safetensors", "inpaint.safetensors"]
    text = listing.supply(WantedModel(kind="text_encoder", family="flux", role="t5xxl"))
    assert (text.what, text.place, text.there) == ("text encoder t5xxl", "models/text_encoders", ["t5.safetensors"])
    vae = listing.supply(WantedModel(kind="vae", family="flux"))
    assert (vae.what, vae.there) == ("VAE of Flux.1", ["ae.safetensors"])
    listing.close()


def test_a_denoiser_names_what_goes_with_it_and_whether_that_is_there(listing, files, tmp_path):
    folder = tmp_path / "models"
    write_plain(folder / "diffusion_models" / "flux1-dev.safetensors", shapes("flux1-dev"), "BF16")
    write_plain(folder / "checkpoints" / "ae.safetensors", shapes("vae-flux"))
    found = listing.complete()
    flux, vae = of(found, "flux1-dev.safetensors"), of(found, "ae.safetensors")
    assert (flux.kind, flux.family, flux.what, flux.precision) == ("denoiser", "flux", "Flux.1", "bf16")
    assert flux.licence.source.startswith("https://")
    assert {need.role: need.there for need in flux.needs} == {"clip_l": [], "t5xxl": [], "vae": []}
    assert (vae.kind, vae.belongs) == ("vae", "vae"), "where it lies, no node finds it"
    (folder / "checkpoints" / "ae.safetensors").rename(folder / "vae" / "ae.safetensors")
    found = listing.complete()
    assert of(found, "ae.safetensors").belongs == ""
    assert of(found, "flux1-dev.safetensors").needs[-1].there == ["vae/ae.safetensors"]
    assert of(found, "flux1-dev.safetensors").needs[-1].names == ["ae"]


def test_what_cannot_be_used_has_a_reason_and_what_cannot_be_looked_at_is_left_out(files, tmp_path):
    folder = tmp_path / "models" / "checkpoints"
    (folder / "cut.safetensors").write_bytes(b"\xff" * 20)
    (folder / "old.ckpt").write_bytes(b"PK\x03\x04")
    (folder / "gone.safetensors").symlink_to("nowhere")
    listing = make(files, tmp_path, problems=["A section is wrong."])
    found = listing.complete()
    assert of(found, "cut.safetensors").problem
    assert "convert" in of(found, "old.ckpt").remedy
    assert [(item.folder, item.name, item.reason) for item in found.left_out] == [
        ("checkpoints", "gone.safetensors", "the link leads nowhere")
    ]
    assert found.problems == ["A section is wrong."]
    assert [(item.kind, item.place) for item in found.folders][:2] == [
        ("checkpoints", "models/checkpoints"), ("diffusion_models", "models/diffusion_models")
    ]  # fmt: skip
    assert found.kinds["lora"] == "LoRA"
    assert {item.id: item.usable for item in found.families}["flux"]
    listing.close()


def test_each_family_is_there_once_with_the_variants_of_all_its_rows(files, tmp_path):
    listing = make(files, tmp_path)
    families = listing.complete().families
    listing.close()
    ids = [item.id for item in families]
    assert sorted(set(ids)) == sorted(ids)
    variants = {item.id: set(item.variants) for item in families}
    assert {row.id for row in KNOWN} <= set(ids)
    assert all(item.id in variants[row.id] for row in KNOWN for item in row.variants)


def test_the_list_comes_at_once_and_is_read_behind(files, tmp_path):
    go_on, reached = threading.Event(), threading.Event()

    def recognise(path):
        reached.set()
        assert go_on.wait(30)
        return ModelFile("lora", name=path.stem)

    for name in ("a", "b"):
        (tmp_path / "models" / "loras" / f"{name}.safetensors").write_bytes(b"123")
    listing = make(files, tmp_path, recognise)
    found = listing.listing()
    assert [(model.name, model.kind, model.bytes) for model in found.models] == [
        ("a.safetensors", "", 3), ("b.safetensors", "", 3)
    ]  # fmt: skip
    assert found.reading == ModelReading(read=0, of=2)
    assert reached.wait(30)
    assert listing.listing().reading == ModelReading(read=0, of=2), "one thread reads"
    go_on.set()
    listing.close()  # waits for what is being read
    assert {model.what for model in make(files, tmp_path, recognise).listing().models} == {"a", "b"}
    assert make(files, tmp_path, recognise).listing().reading == ModelReading(read=0, of=0)


def test_a_file_that_comes_and_goes_is_seen(listing, tmp_path):
    path = tmp_path / "models" / "loras" / "sub" / "a.safetensors"
    assert listing.complete().models == []
    path.parent.mkdir()
    write_plain(path, {"x": (1,)})
    assert [model.name for model in listing.complete().models] == ["sub/a.safetensors"]
    path.unlink()
    assert listing.complete().models == []


def test_a_person_says_what_a_file_is_and_takes_it_back(listing, tmp_path):
    write_plain(tmp_path / "models" / "checkpoints" / "a.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)})
    wanted = ModelOverride(folder="checkpoints", name="a.safetensors", kind="checkpoint", family="sdxl", variant="v")
    said = listing.override(wanted)
    assert (said.kind, said.family, said.variant, said.problem) == ("checkpoint", "sdxl", "v", "")
    assert said.override == {"kind": "checkpoint", "family": "sdxl", "variant": "v"}
    assert of(listing.complete(), "a.safetensors") == said
    assert listing.of_path(tmp_path / "models" / "checkpoints" / "a.safetensors") == said
    back = listing.override(ModelOverride(folder="checkpoints", name="a.safetensors"))
    assert (back.kind, back.override) == ("unknown", {})


@pytest.mark.parametrize(
    ("wrong", "status", "words"),
    [
        ({"name": "b"}, 404, "there is no 'b' in checkpoints/"),
        ({"name": "../b"}, 404, "leads out of the folder"),
        ({"folder": "no"}, 404, "there is no"),
        ({"kind": "pickle"}, 422, "No file can be a 'pickle'."),
        ({"family": "sd9"}, 422, "There is no family 'sd9'."),
        ({"variant": "v"}, 422, "No family has no variant 'v'."),
        ({"family": "flux", "variant": "v"}, 422, "flux has no variant 'v'."),
    ],
)
def test_what_no_file_can_be_is_refused_with_what_it_can(listing, tmp_path, wrong, status, words):
    write_plain(tmp_path / "models" / "checkpoints" / "a.safetensors", {"x": (1,)})
    with pytest.raises(ApiError) as caught:
        listing.override(ModelOverride(**{"folder": "checkpoints", "name": "a.safetensors", **wrong}))
    assert caught.value.status == status
    assert words in caught.value.message
    assert caught.value.remedy


def test_where_it_cannot_be_kept_the_reason_is_said(listing, tmp_path):
    write_plain(tmp_path / "models" / "loras" / "a.safetensors", {"x": (1,)})
    (tmp_path / "data").write_text("a file in the place of the folder")
    with pytest.raises(ApiError, match="That cannot be kept"):
        listing.override(ModelOverride(folder="loras", name="a.safetensors", kind="vae"))


def test_a_file_outside_of_the_folders_is_told_as_well(listing, tmp_path):
    found = listing.of_path(write_plain(tmp_path / "ae.safetensors", shapes("vae-flux")))
    assert (found.folder, found.kind, found.belongs) == ("", "vae", "")
