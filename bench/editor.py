"""How quick the editor is with 1,000 and 2,000 nodes, measured in a real Chromium against its budgets.

    .venv/bin/python bench/editor.py [--nodes 1000 2000] [--json]

Half of the nodes are samplers, half prompts, with about 1.5 wires each, from the catalogue of the real server. Frames
are counted while the canvas is dragged: near (zoom 1), middle (0.37) and far (everything in sight). Software raster, so
a machine with a GPU shows more. Each line ends with its share of the budget: below 1.00 holds.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from playwright.sync_api import CDPSession, Page, sync_playwright

from tests.web.conftest import FLAGS, find_chromium

DIST = ROOT / "web" / "dist"
ZOOMS = {"near": 1.0, "middle": 0.37}
PAN_SECONDS = 3.0
BUDGETS = {
    "first paint, s": 0.4,
    "interactive, s": 1.0,
    "initial JavaScript, kB gzipped": 250.0,
    "load, s": 0.4,
    "reload, s": 1.0,
    "frames": 45.0,
    "heap, MB": 60.0,
    "key, ms": 16.0,
}
WATCH = """
new MutationObserver((_, watch) => {
  if (document.querySelector('.react-flow__node, canvas.far')) {
    watch.disconnect()
    requestAnimationFrame(() => setTimeout(() => { window.interactiveAt = performance.now() }))
  }
}).observe(document, { childList: true, subtree: true })
"""
OPEN = """(text) => new Promise((done) => {
  const transfer = new DataTransfer()
  transfer.items.add(new File([text], 'many.json', { type: 'application/json' }))
  const start = performance.now()
  const title = document.querySelector('.doc-title')
  document.querySelector('.react-flow__pane').dispatchEvent(new DragEvent('drop', {
    dataTransfer: transfer, bubbles: true, cancelable: true, clientX: 300, clientY: 300,
  }))
  const wanted = JSON.parse(text).title
  const look = () => {
    if (title.value !== wanted) return requestAnimationFrame(look)
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - start)))
  }
  look()
})"""
FRAMES = """() => {
  window.frames_ = []
  let before = performance.now()
  const tick = (now) => { window.frames_.push(now - before); before = now; window.frame_ = requestAnimationFrame(tick) }
  window.frame_ = requestAnimationFrame(tick)
}"""
KEYS = """() => {
  window.keys_ = []
  addEventListener('keydown', () => {
    const start = performance.now()
    const channel = new MessageChannel()
    channel.port1.onmessage = () => window.keys_.push(performance.now() - start)
    addEventListener('input', () => channel.port2.postMessage(0), { once: true })
  }, true)
}"""


def workflow(count: int) -> dict[str, Any]:
    """`count` nodes on a grid."""
    columns = round((count * 1.2) ** 0.5)
    nodes: dict[str, Any] = {}
    for at in range(count):
        place = [at % columns * 460, at // columns * 520]
        if at % 2 == 0:
            inputs: dict[str, Any] = {"steps": 20, "seed": at}
            if at:
                inputs["latent_image"] = {"from": [f"n{at - 2}", "LATENT"]}
                inputs["positive"] = {"from": [f"n{at - 1}", "CONDITIONING"]}
                inputs["negative"] = {"from": [f"n{max(1, at - 3)}", "CONDITIONING"]}
            nodes[f"n{at}"] = {"type": "KSampler", "position": place, "inputs": inputs}
        else:
            text = f"a prompt number {at} with some words in it"
            nodes[f"n{at}"] = {"type": "CLIPTextEncode", "position": place, "inputs": {"text": text}}
    return {"jacquard": 1, "title": f"{count} nodes", "nodes": nodes}


@contextmanager
def serving() -> Iterator[str]:
    """The address that signs in to a server of its own."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, str(ROOT / "main.py"), "serve", "--no-browser", "--port", "0", "--data-dir", folder]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT)  # noqa: S603
        try:
            found = re.search(r"http://127\.0\.0\.1:\d+/#\S+", process.stdout.readline() if process.stdout else "")
            if not found:
                sys.exit("the server did not start")
            yield found[0]
        finally:
            process.terminate()
            process.wait()


def initial_javascript() -> float:
    """The scripts that the page asks for at once, gzipped, in kB."""
    names = re.findall(r'(?:src|href)="\./(assets/[^"]+\.js)"', (DIST / "index.html").read_text())
    return sum(len(gzip.compress((DIST / name).read_bytes())) for name in names) / 1000


def heap(cdp: CDPSession) -> float:
    """MB in use after a collection."""
    cdp.send("HeapProfiler.collectGarbage")
    return float(cdp.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def pan(page: Page) -> float:
    """Frames in a second while the canvas is dragged back and forth with the middle button."""
    x, y = 540, 470
    page.mouse.move(x, y)
    page.mouse.down(button="middle")
    page.evaluate(FRAMES)
    end = time.monotonic() + PAN_SECONDS
    step = 0
    while time.monotonic() < end:
        step += 1
        page.mouse.move(x + (step * 9 % 400) - 200, y + (step * 5 % 240) - 120)
    times = page.evaluate("cancelAnimationFrame(window.frame_), window.frames_.slice(2)")
    page.mouse.up(button="middle")
    return 1000 / statistics.fmean(times)


def look_from(page: Page, zoom: float | None, nodes: int) -> None:
    """Reload with the view at a zoom in the middle of the graph; without one, with everything in sight."""
    if zoom is None:
        page.evaluate("document.activeElement.blur()")
        page.keyboard.press("f")
        page.locator("canvas.far").wait_for()
        page.wait_for_timeout(600)
        return
    columns = round((nodes * 1.2) ** 0.5)
    x, y = columns * 230 * zoom, nodes / columns * 260 * zoom
    view = json.dumps({"x": 540 - x, "y": 420 - y, "zoom": zoom})
    page.evaluate("(view) => sessionStorage.setItem('jacquard.viewport', view)", view)
    page.reload()
    page.locator(".react-flow__node").first.wait_for()
    page.wait_for_timeout(800)


def measure(page: Page, cdp: CDPSession, count: int) -> dict[str, float]:
    """All numbers for one size of graph."""
    text = json.dumps(workflow(count))
    found = {"load, s": page.evaluate(OPEN, text) / 1000}
    page.wait_for_timeout(1500)
    for name in (*ZOOMS, "far"):
        look_from(page, ZOOMS.get(name), count)
        if name == "near":
            found["reload, s"] = page.evaluate("window.interactiveAt") / 1000
            found["key, ms"] = typing(page)
        found[f"frames {name}"] = pan(page)
        found[f"heap {name}, MB"] = heap(cdp)
        found[f"elements {name}"] = page.evaluate("document.querySelectorAll('.react-flow *').length")
    return found


def typing(page: Page) -> float:
    """Milliseconds that the page works per key in a prompt."""
    field = page.locator("textarea").first
    field.evaluate("(field) => field.focus({ preventScroll: true })")
    page.evaluate(KEYS)
    page.keyboard.type("a quick brown fox jumps over", delay=30)
    return statistics.median(page.evaluate("window.keys_"))


def budget(name: str) -> float | None:
    """The budget of a measurement, for graphs of up to 1,000 nodes."""
    return BUDGETS.get(name) or next(
        (limit for key, limit in BUDGETS.items() if name.startswith(key.split(",")[0])), None
    )


def line(name: str, value: float) -> str:
    """One line of the report."""
    limit = budget(name)
    if limit is None:
        return f"  {name:34} {value:9.0f}"
    share = limit / value if name.startswith("frames") else value / limit
    return f"  {name:34} {value:9.2f}   budget {limit:g}   share {share:.2f}"


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--nodes", type=int, nargs="*", default=[1000, 2000])
    arguments.add_argument("--json", action="store_true")
    given = arguments.parse_args()
    results: dict[str, dict[str, float]] = {}
    with serving() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script(WATCH)
        page.goto(address)
        page.locator(".react-flow__node").first.wait_for()
        page.reload()  # once with a warm server: the node types are there
        page.locator(".react-flow__node").first.wait_for()
        page.wait_for_function("window.interactiveAt")
        paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        results["start"] = {
            "first paint, s": paint / 1000,
            "interactive, s": page.evaluate("window.interactiveAt") / 1000,
            "initial JavaScript, kB gzipped": initial_javascript(),
        }
        cdp = page.context.new_cdp_session(page)
        for count in given.nodes:
            results[f"{count} nodes"] = measure(page, cdp, count)
        browser.close()
    if given.json:
        print(json.dumps(results, indent=1))
        return
    for title, found in results.items():
        print(title)
        for name, value in found.items():
            print(line(name, value))


if __name__ == "__main__":
    main()
