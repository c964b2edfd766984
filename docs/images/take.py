"""Takes the pictures of docs/editor.md from a running Jacquard with the bundled model.

.venv/bin/python docs/images/take.py "$(.venv/bin/python main.py open --no-browser | head -1)" [subworkflows]
"""  # noqa: INP001

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[1] / "bench")]

from editor import OPEN, workflow  # noqa: E402

from tests.web.conftest import FLAGS, find_chromium  # noqa: E402

PROMPTS = [
    "a blue boat on the sea",
    "a yellow flower in a meadow",
    "a green fish under water",
    "a red house in the snow",
    "a white bird in the desert",
    "a purple star in the night sky",
    "an orange car on a beach",
    "a brown dog in a meadow",
    "a pink tree in the snow",
    "a red cat in a meadow",
]


def shoot(page: Page, name: str) -> None:
    """One picture, in few colours so that it stays small."""
    page.mouse.move(700, 880)
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)


def run(page: Page) -> None:
    """Run, and wait for the end."""
    page.keyboard.press("Control+Enter")
    page.locator(".chip.is-running").wait_for()
    page.locator(".chip.is-ready").wait_for(timeout=120_000)
    page.locator(".status.is-good").wait_for()
    page.wait_for_timeout(400)


def paint(page: Page, prompt: str) -> None:
    """Run one prompt."""
    page.locator("#f-6-text").fill(prompt)
    page.evaluate("document.activeElement.blur()")
    run(page)


def fresh(page: Page) -> None:
    """Quiet: no messages, nothing chosen."""
    for close in page.get_by_role("button", name="Close this message").all():
        close.click()
    page.evaluate("document.activeElement.blur()")


def during(page: Page, name: str) -> None:
    """A picture in the middle of painting."""
    page.locator("#f-3-steps").fill("60")
    page.keyboard.press("Enter")
    fresh(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => parseInt(document.querySelector('[data-id=\"3\"] .badge')?.textContent) >= 45", timeout=120_000
    )
    shoot(page, name)
    page.locator(".chip.is-ready").wait_for(timeout=120_000)


def subworkflows(page: Page) -> None:
    """A sub-workflow from outside and inside, and why a node ran."""
    page.evaluate(OPEN, (HERE.parents[1] / "workflows" / "one-recipe-two-pictures.json").read_text())
    page.wait_for_timeout(500)
    fresh(page)
    run(page)
    page.locator(".node.is-instance textarea").first.fill("a yellow flower in the snow")
    for control in page.get_by_label("Seed before each run").all():
        control.select_option("fixed")
    page.evaluate("document.activeElement.blur()")
    run(page)
    shoot(page, "subworkflow")
    page.locator(".node.is-instance .badge").first.click()
    page.locator(".why-card").wait_for()
    page.wait_for_timeout(600)
    shoot(page, "why")
    page.keyboard.press("Escape")
    page.locator(".node.is-instance header").first.dblclick()
    page.locator(".crumbs").wait_for()
    page.wait_for_timeout(600)
    shoot(page, "inside")


def main(address: str, only: str = "") -> None:
    """Take all of them, or only those of one part."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900}, color_scheme="light")
        page.goto(address)
        page.locator(".chip.is-ready").wait_for(timeout=60_000)
        if only == "subworkflows":
            subworkflows(page)
            return
        shoot(page, "start")
        for prompt in PROMPTS:
            paint(page, prompt)
        fresh(page)
        shoot(page, "editor")
        during(page, "running")
        page.get_by_role("button", name="Gallery").click()
        page.get_by_role("dialog").get_by_role("img").or_(page.locator(".gallery img")).first.wait_for()
        page.wait_for_timeout(800)
        shoot(page, "gallery")
        page.keyboard.press("Escape")

        document = json.loads((HERE.parents[1] / "workflows" / "text-to-image.json").read_text())
        document["title"] = "A checkpoint that is not here"
        document["nodes"]["4"]["inputs"]["ckpt_name"] = "landscapes-v2.safetensors"
        page.evaluate(OPEN, json.dumps(document))
        page.wait_for_timeout(500)
        fresh(page)
        page.keyboard.press("Control+Enter")
        page.locator(".node-problem").wait_for()
        shoot(page, "error")

        page.evaluate(OPEN, json.dumps(workflow(1000)))
        page.wait_for_timeout(800)
        fresh(page)
        shoot(page, "far")

        subworkflows(page)
        page.emulate_media(color_scheme="dark")
        page.evaluate(OPEN, json.dumps(workflow(1000)))
        page.wait_for_timeout(800)
        fresh(page)
        shoot(page, "far-dark")
        page.evaluate(OPEN, (HERE.parents[1] / "workflows" / "text-to-image.json").read_text())
        page.wait_for_timeout(800)
        fresh(page)
        during(page, "running-dark")
        page.wait_for_timeout(500)
        run(page)
        shoot(page, "dark")
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
