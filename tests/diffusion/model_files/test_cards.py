"""A model folder that names its licence is under this one, and not under that of its family."""

from __future__ import annotations

import pytest

from diffusion.model_files.cards import with_card
from diffusion.model_files.model_file import ModelFile
from diffusion.model_files.recognise import recognise
from tests.support.tiny_models import write_checkpoint

FOUND = ModelFile("checkpoint", "sd1", format="folder")


@pytest.mark.parametrize(
    ("text", "name", "source"),
    [
        ("---\nlicense: apache-2.0\ntags: [a]\n---\nA model.", "Apache 2.0", "README.md"),
        ("---\ntags: [a]\nlicense: 'mit'\n---\n", "MIT", "README.md"),
        ("---\nlicense: other\nlicense_name: mine-1.0\nlicense_link: https://example.com/l\n---\n", "mine-1.0",
         "https://example.com/l"),
        ("---\nlicense: own\nlicense_link: javascript:alert(1)\n---\n", "own", "README.md"),
    ],
)  # fmt: skip
def test_the_card_names_the_licence_and_its_page(tmp_path, text, name, source):
    (tmp_path / "README.md").write_text(text)
    licence = with_card(tmp_path, FOUND).licence
    assert (licence.name, licence.source) == (name, source)


@pytest.mark.parametrize(
    "text", ["", "license: mit", "---\nlicense: other\n---\n", "---\nlicense: mit\n", "x\n---\nlicense: mit\n---"]
)
def test_a_card_that_names_none_changes_nothing(tmp_path, text):
    (tmp_path / "README.md").write_text(text)
    assert with_card(tmp_path, FOUND) is FOUND
    (tmp_path / "README.md").unlink()
    assert with_card(tmp_path, FOUND) is FOUND


@pytest.mark.network
def test_a_folder_is_recognised_with_its_own_licence(tmp_path):
    write_checkpoint(tmp_path / "model")
    family = recognise(tmp_path / "model").licence
    (tmp_path / "model" / "README.md").write_text("---\nlicense: mit\n---\n")
    assert recognise(tmp_path / "model").licence.name == "MIT" != family.name
