"""A folder of pictures flowing through load, resize and save: memory, time, and what runs again after an edit.

Reference: the same workflow on ten pictures. Ten thousand are to need at most 100 MB more than ten, and twice the
pictures twice the time. Each measurement is a process of its own with a data folder of its own.

python bench/streaming.py [pictures]
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

AIM_MB = 100
WORKFLOW = {
    "jacquard": 1,
    "nodes": {
        "load": {"type": "LoadImagesFromFolder", "inputs": {"folder": "many", "limit": 0}},
        "resize": {
            "type": "ImageScale",
            "inputs": {
                "image": {"from": ["load", "IMAGE"]}, "upscale_method": "area", "width": 48, "height": 48,
                "crop": "disabled",
            },
        },
        "save": {"type": "SaveImage", "inputs": {"images": {"from": ["resize", "IMAGE"]}, "filename_prefix": "small"}},
    },
}  # fmt: skip


def paint(folder: Path, number: int, shade: int = 0) -> None:
    """One picture of 96 x 96 pixels, unlike all others."""
    from PIL import Image

    colours = bytes((number + shade, number >> 8, number * 7 & 255)[index % 3] & 255 for index in range(96 * 96 * 3))
    Image.frombytes("RGB", (96, 96), colours).save(folder / f"{number:06}.png", compress_level=1)


def run(data: Path) -> None:
    """Run the workflow in this process and print what it took, as JSON."""
    from commands.caching import open_cache
    from commands.installation import find_installation
    from graph.document.reader import from_json
    from graph.engine import Engine

    installation = find_installation(data)
    with Engine(installation.registry, installation.files, cache=open_cache(data)) as engine:
        started = time.perf_counter()
        outcome = engine.run(from_json(WORKFLOW))
        seconds = time.perf_counter() - started
    if outcome.status != "finished":
        raise SystemExit(str(outcome.problems))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "peak_mb": peak, "pictures": len(outcome.artifacts["save"])}))


def measure(data: Path) -> dict[str, float]:
    """The same in a process of its own."""
    command = [sys.executable, __file__, "--in", str(data)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    answer = subprocess.run(  # noqa: S603
        command, check=True, capture_output=True, text=True, env=environment, cwd=ROOT
    )
    found: dict[str, float] = json.loads(answer.stdout.splitlines()[-1])
    return found


def main(most: int) -> None:
    """Print the table."""
    small = None
    before = 0.0
    for count in (10, most // 2, most):
        with tempfile.TemporaryDirectory() as name:
            data = Path(name)
            folder = data / "input" / "many"
            folder.mkdir(parents=True)
            for number in range(count):
                paint(folder, number)
            first = measure(data)
            small = small or first
            again = measure(data)
            paint(folder, count // 2, shade=100)
            edited = measure(data)
            saved = len(list((data / "output").iterdir()))
        grown = first["peak_mb"] - small["peak_mb"]
        line = f"{count:7,} pictures: {first['seconds']:7.2f} s, peak {first['peak_mb']:4.0f} MB"
        if count > 10:
            line += f" ({grown:+.0f} MB beside ten; aim: at most {AIM_MB}; x {grown / AIM_MB:.2f})"
        if before and count == most:
            line += f"; time x {first['seconds'] / before:.2f} for twice the pictures"
        print(line)
        print(f"         again in a new process {again['seconds']:.2f} s, peak {again['peak_mb']:.0f} MB")
        print(f"         one picture edited {edited['seconds']:.2f} s, {saved - count} saved anew")
        before = first["seconds"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["--in"]:
        run(Path(sys.argv[2]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
