"""What a library of model files costs to list: for the first time, again, and when it has twice as many files.

Times are of the processor, with those of all processes and threads, so that other programs count for little. Reference:
reading the same headers and parsing their JSON.
"""

from __future__ import annotations

import json
import resource
import statistics
import struct
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.model_library import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable

HEADERS = Path(__file__).resolve().parent.parent / "tests" / "fixtures" / "headers"
_ALONE = (("checkpoints", "checkpoints"), ("loras", "LoRAs"), ("diffusion_models", "denoisers"))
_FEW = 60


def listing(folder: Path, files: int) -> None:
    """Half a library and a whole one, of so many files: what their scans cost, and what one file costs alone."""
    took = []
    for number in (files // 2, files):
        made = Shelf(HEADERS).fill(folder / f"models{number}", number)
        tensors, alike = made.pop("tensors"), made.pop("alike")
        mix = ", ".join(f"{count:,} {place}" for place, count in made.items())
        print(f"{number:,} files ({mix}), {tensors / number:,.0f} tensors each, {alike / number:.0%} like another")
        # What a scan learns stays in its process, so each library gets one of its own.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as own:
            took.append(own.submit(scans, folder / f"models{number}", folder / f"data{number}").result())
    print(f"  twice the files: x {took[1][0] / took[0][0]:.2f} at first, x {took[1][1] / took[0][1]:.2f} again")
    alone(folder / f"models{files}")


def scans(models: Path, data: Path) -> tuple[float, float]:
    """The seconds of a first scan and of one by a program that begins anew."""
    from commands.model_library.opening import open_places
    from diffusion.model_files import overriding, recognise  # noqa: F401 - what they import is not to be counted

    def scan() -> int:
        listed = open_places(data_dir=data, models_dir=models, output=data / "output").listing()
        try:
            found = listed.complete()
        finally:
            listed.close()
        unknown = [model.name for model in found.models if model.kind == "unknown"]
        if unknown:
            raise SystemExit(f"{len(unknown)} of the files were not recognised")
        return len(found.models)

    paths = sorted(models.rglob("*.safetensors"))
    number, first = timed(scan)
    _, again = timed(scan)
    _, parsed = timed(lambda: [parse(path) for path in paths])
    print(f"  first scan {first:.2f} s, {first / number * 1000:.2f} ms each; again {again:.2f} s", flush=True)
    print(
        f"  beside parsing the headers ({parsed:.2f} s): ratio {first / parsed:.2f}, again {again / parsed:.2f}",
        flush=True,
    )
    return first, again


def alone(models: Path) -> None:
    """What a file costs of which none alike was seen, beside parsing its header."""
    from diffusion.model_files.likenesses import Likenesses
    from diffusion.model_files.recognise import recognise

    for place, name in _ALONE:
        paths = sorted((models / place).glob("*.safetensors"))[:_FEW]
        each = [
            (best(lambda path=path: recognise(path, Likenesses())), best(lambda path=path: parse(path)))
            for path in paths
        ]  # type: ignore[misc]
        ours, theirs = (statistics.mean(times) * 1000 for times in zip(*each, strict=True))
        print(f"  {name} of which none is known: {ours:.2f} ms each, ratio to parsing {ours / theirs:.2f}")


def parse(path: Path) -> Any:
    """The JSON of a header."""
    with path.open("rb") as file:
        return json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What some work gives, and the processor's seconds that it took, here and in processes that it waited for."""
    before = _processor()
    result = work()
    return result, _processor() - before


def best(work: Callable[[], Any]) -> float:
    """The processor's seconds of the quickest of three times."""
    times = []
    for _ in range(3):
        started = time.process_time()
        work()
        times.append(time.process_time() - started)
    return min(times)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
