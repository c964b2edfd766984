"""The panel of models: files come and go by themselves, are corrected by a person, and go into a node."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.support.headers import shapes
from tests.support.sparse_files import write_plain

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor, Serving


@pytest.fixture
def models(serving: Serving) -> Iterator[Path]:
    """The folder of more models, which is empty afterwards."""
    folder = serving.folder / "more-models"
    yield folder
    for kind in ("vae", "loras"):
        shutil.rmtree(folder / kind)
        (folder / kind).mkdir()


def test_a_file_appears_is_corrected_and_goes_into_a_node(page: Page, editor: Editor, models: Path) -> None:
    page.keyboard.press("l")
    panel = page.get_by_role("dialog", name="Models")
    expect(panel.get_by_role("searchbox", name="Find a model")).to_be_focused()
    expect(panel.get_by_role("listitem").filter(has_text="comes with Jacquard").first).to_be_visible()
    expect(
        panel.get_by_text("models/text_encoders", exact=True)
    ).to_be_visible()  # nothing is here yet: what goes where
    (models / "vae" / "fluxes").mkdir()
    write_plain(models / "vae" / "fluxes" / "ae.safetensors", shapes("vae-flux"))
    write_plain(models / "vae" / "strange.safetensors", {"a.weight": (3, 3), "b.weight": (9, 9)})
    row = panel.get_by_role("listitem").filter(has_text="ae.safetensors")
    expect(row.get_by_text("VAE with 16 channels")).to_be_visible()
    strange = panel.get_by_role("listitem").filter(has_text="strange.safetensors")
    expect(strange.get_by_text("are of no kind that is known")).to_be_visible()
    expect(strange.get_by_role("button", name="Use")).to_have_count(0)

    strange.get_by_role("button", name="Say what strange.safetensors is").click()
    strange.get_by_label("Kind").select_option("VAE")
    strange.get_by_label("Family").select_option("Flux.1")
    strange.get_by_role("button", name="Keep").click()
    expect(strange.get_by_text("As you said")).to_be_visible()
    expect(strange.get_by_text("are of no kind that is known")).to_have_count(0)

    panel.get_by_role("searchbox").fill("fluxes channels")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    row.get_by_role("button", name="Use fluxes/ae.safetensors").click()
    expect(panel).to_have_count(0)
    added = [node for node in editor.document()["nodes"].values() if node["type"] == "VAELoader"]
    assert [node["inputs"] for node in added] == [{"vae_name": "fluxes/ae.safetensors"}]

    page.keyboard.press("l")
    panel.get_by_role("searchbox").fill("strange")
    strange.get_by_role("button", name="Say what strange.safetensors is").click()
    strange.get_by_role("button", name="Forget what I said").click()
    expect(strange.get_by_text("are of no kind that is known")).to_be_visible()
    (models / "vae" / "strange.safetensors").unlink()
    expect(strange).to_have_count(0)
    expect(panel.get_by_text("No model fits")).to_be_visible()


def test_a_loader_offers_what_fits_and_keeps_what_a_workflow_names(page: Page, editor: Editor, models: Path) -> None:
    write_plain(models / "vae" / "ae.safetensors", shapes("vae-flux"))
    write_plain(models / "vae" / "lost.safetensors", shapes("flux1-dev"))
    load = {"type": "VAELoader", "position": [0, 0], "inputs": {"vae_name": "lost.safetensors"}}
    editor.open({"1": load, "2": {**load, "position": [0, 300], "inputs": {"vae_name": "ae.safetensors"}}})
    page.evaluate("dispatchEvent(new Event('focus'))")  # as when a person comes back from the file manager
    fields = [editor.node(number).get_by_label("VAE", exact=True) for number in "12"]
    expect(fields[1]).to_have_value("ae.safetensors")
    expect(fields[1].locator("option:not([disabled])")).to_have_text(["picturebook", "ae.safetensors"])
    expect(fields[1].get_by_text("lost.safetensors: it is a diffusion model")).to_have_count(1)
    expect(fields[0]).to_have_value("lost.safetensors")
    expect(fields[0].locator("option:checked")).to_have_text("lost.safetensors (it is a diffusion model)")


def test_a_file_in_the_wrong_folder_is_said_to_be(page: Page, models: Path) -> None:
    write_plain(models / "loras" / "ae.safetensors", shapes("vae-flux"))
    page.keyboard.press("l")
    row = page.get_by_role("dialog", name="Models").get_by_role("listitem").filter(has_text="ae.safetensors")
    expect(row).to_contain_text("Nodes look for this kind of file (VAE) in models/vae: move it there.")
    expect(row.get_by_role("button", name="Use")).to_have_count(0)
