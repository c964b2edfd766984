"""How `@node` makes a node type of a function, and what an author can say besides the signature."""

import pytest

from graph.files.folders import Files
from graph.node_types.decorator import node
from graph.node_types.external_state import external_state
from tests.support.toys import type_from


def blur(radius: float = 2.0) -> float:
    """Make a number softer."""
    return radius / 2


def test_decorating_leaves_the_function_callable():
    assert node("Blur", category="test")(blur) is blur
    assert blur(4.0) == 2.0


@pytest.mark.parametrize(
    ("identifier", "title"), [("ImageBlur", "Image Blur"), ("VAEDecode", "VAE Decode"), ("KSampler", "K Sampler")]
)
def test_a_title_is_made_from_the_id(identifier, title):
    assert type_from(blur, id=identifier).title == title


def test_a_given_title_wins():
    assert type_from(blur, id="ImageBlur", title="Soften").title == "Soften"


def test_version_and_code_are_in_the_recipe():
    plain = type_from(blur)
    assert type_from(blur).recipe == plain.recipe
    assert type_from(blur, version=2).recipe != plain.recipe
    assert type_from(blur, id="Other").recipe != plain.recipe


def test_a_fingerprint_may_ask_for_the_files_of_the_run():
    files = Files()
    told = type_from(blur, fingerprint=lambda radius, files: (radius, files))
    assert external_state(told, {"radius": 3.0}, files) == (3.0, files)
    assert external_state(type_from(blur, fingerprint=lambda radius: radius), {"radius": 3.0}, files) == 3.0
    assert external_state(type_from(blur), {"radius": 3.0}, files) is None


def test_an_input_that_is_called_files_is_the_input():
    def count(files: int = 0) -> int:
        """Count."""
        return files

    assert external_state(type_from(count, fingerprint=lambda files: files), {"files": 3}, Files()) == 3
