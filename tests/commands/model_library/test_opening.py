"""Folders know what their files are, in every process of an installation."""

from __future__ import annotations

from commands.model_library.opening import open_places
from tests.support.headers import shapes
from tests.support.sparse_files import write_plain


def test_choices_show_only_what_fits_and_what_was_set_counts(tmp_path):
    folder = tmp_path / "models" / "vae"
    folder.mkdir(parents=True)
    write_plain(folder / "ae.safetensors", shapes("vae-flux"))
    write_plain(folder / "strange.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)})
    places = open_places(tmp_path, tmp_path / "models")
    found = places.files.listing("vae", ("vae",))
    assert "ae.safetensors" in found.names
    assert [item.name for item in found.left_out] == ["strange.safetensors"]
    places.library.set_override(folder / "strange.safetensors", {"kind": "vae", "family": "flux"})
    other = open_places(tmp_path, tmp_path / "models")
    assert "strange.safetensors" in other.files.choices("vae", ("vae",))
    assert other.files.kinds.override(folder / "strange.safetensors") == {"kind": "vae", "family": "flux"}
    places.library.close()
    other.library.close()


def test_nothing_is_written_before_there_is_something_to_keep(tmp_path):
    places = open_places(tmp_path, tmp_path / "models")
    assert places.listing().listing().models[0].name == "picturebook"
    assert places.files.choices("loras", ("lora",)) == []
    places.listing().close()


def test_folders_of_extra_paths_are_listed_with_the_problems_of_their_file(tmp_path):
    (tmp_path / "ip").mkdir()
    (tmp_path / "ip" / "a.bin").write_bytes(b"PK")
    (tmp_path / "extra_model_paths.yaml").write_text("a:\n  ipadapter: ip\nb: 3\n")
    listing = open_places(tmp_path, tmp_path / "models").listing()
    found = listing.complete()
    assert ("ipadapter", "a.bin") in [(model.folder, model.name) for model in found.models]
    assert len(found.problems) == 1
    listing.close()
