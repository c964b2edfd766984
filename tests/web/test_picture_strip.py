"""Pictures that belong together, one at a time on their node: by slider, buttons and keys, each with its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.conftest import Editor


def test_one_goes_through_the_states_by_slider_buttons_and_keys(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "ShowStates", "position": [0, 0], "inputs": {"count": 4}}})
    editor.run()
    strip = editor.node("1").locator(".picture-strip")
    label, slider = strip.locator(".picture-strip-label"), strip.get_by_role("slider", name="State")
    expect(label).to_have_text("noise level 0")
    expect(slider).to_have_attribute("aria-valuetext", "4 of 4, noise level 0")
    expect(strip.get_by_role("button", name="State after")).to_be_disabled()
    place = editor.node("1").bounding_box()

    slider.fill("0")
    expect(label).to_have_text("noise level 3")
    expect(strip.get_by_role("img")).to_have_attribute("alt", "noise level 3")
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(label).to_have_text("noise level 2")
    page.keyboard.press("End")
    expect(label).to_have_text("noise level 0")
    strip.get_by_role("button", name="State before").click()
    expect(label).to_have_text("noise level 1")

    picture = strip.get_by_role("button", name="Look at noise level 1 in full size")
    picture.focus()
    page.keyboard.press("ArrowLeft")
    expect(strip.get_by_role("button", name="Look at noise level 2 in full size")).to_be_focused()
    assert editor.node("1").bounding_box() == place, "the keys do not move the node"

    page.keyboard.press("Enter")
    viewer = page.locator("dialog.viewer")
    expect(viewer).to_contain_text("noise level 2 · ")
    page.keyboard.press("ArrowRight")
    expect(viewer).to_contain_text("noise level 1 · ")
    page.keyboard.press("Escape")
    expect(viewer).to_have_count(0)


def test_the_states_are_there_again_when_the_page_is_loaded_anew(page: Page, editor: Editor) -> None:
    editor.open({"1": {"type": "ShowStates", "position": [0, 0], "inputs": {"count": 3}}})
    editor.run()
    strip = editor.node("1").locator(".picture-strip")
    expect(strip.locator(".picture-strip-label")).to_have_text("noise level 0")
    page.reload()
    expect(strip.locator(".picture-strip-label")).to_have_text("noise level 0")
    expect(strip.get_by_role("slider", name="State")).to_have_attribute("max", "2")
