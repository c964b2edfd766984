"""Every built-in node in one workflow, run as a process of its own in surroundings that a test changes.

`python -m tests.support.surroundings FOLDER PART` runs all of it in a data folder, remembers everything however cheap,
changes what is around, and runs it again in shadow mode: what is remembered is worked out once more and compared. PART:

- `process`: what is changed in between is what another node may change within the process
- `restart`: both runs are in shadow mode, the first on what an earlier process has stored; in the second, what nodes
  give lies in memory in another order
- `files`: what is changed in between are the pictures and models

What was found is printed as JSON, a line for each run.
"""

from __future__ import annotations

import functools
import json
import os
import random
import sys
import time
from pathlib import Path
from typing import Any

from graph.results import storage_policy

ROOT = Path(__file__).resolve().parents[2]
SOURCES = {
    "IMAGE": ("LoadImage", "IMAGE"),
    "MASK": ("LoadImageMask", "MASK"),
    "LATENT": ("VAEEncode", "LATENT"),
    "CONDITIONING": ("CLIPTextEncode", "CONDITIONING"),
    "MODEL": ("CheckpointLoaderSimple", "MODEL"),
    "CLIP": ("CheckpointLoaderSimple", "CLIP"),
    "VAE": ("CheckpointLoaderSimple", "VAE"),
    "*": ("LoadImage", "IMAGE"),
}
"""Type of an input -> the node and the output that feed it where a case says nothing else."""
CASES: dict[str, dict[str, Any]] = {
    "CheckpointLoaderSimple": {"ckpt_name": "painter"},
    "VAELoader": {"vae_name": "painter"},
    "CLIPTextEncode": {"text": "a (red:1.2) cat"},
    "CLIPSetLastLayer": {"stop_at_clip_layer": -2},
    "ConditioningCombine": {},
    "ConditioningAverage": {"conditioning_to_strength": 0.3},
    "ConditioningConcat": {},
    "ConditioningZeroOut": {},
    "ConditioningSetTimestepRange": {"start": 0.0, "end": 0.5},
    "ConditioningSetArea": {"width": 32, "height": 24, "x": 16, "y": 8, "strength": 2.0},
    "ConditioningSetAreaPercentage": {"width": 0.5, "height": 0.75, "x": 0.25, "strength": 2.0},
    "ConditioningSetAreaStrength": {"strength": 2.0},
    "ConditioningSetMask": {"set_cond_area": "mask bounds"},
    "FluxGuidance": {"guidance": 2.5},
    "FluxKontextImageScale": {},
    "EmptyLatentImage": {"width": 64, "height": 48},
    "EmptySD3LatentImage": {"width": 64, "height": 48},
    "LatentUpscale": {"width": 96, "height": 80, "upscale_method": "bislerp"},
    "LatentUpscaleBy": {"upscale_method": "bicubic"},
    "SetLatentNoiseMask": {},
    "KSampler": {"seed": 7, "steps": 2, "sampler_name": "euler_ancestral", "denoise": 0.8},
    "KSamplerAdvanced": {"noise_seed": 7, "steps": 3, "start_at_step": 1, "sampler_name": "dpmpp_2m_sde"},
    "ShowPath": {"seed": 7, "steps": 2, "sampler_name": "euler_ancestral", "denoise": 0.8},
    "DiffusionEquation": {
        "u": ["LoadImage", "IMAGE"],
        "force": "edges",
        "mask": ["LoadImageMask", "MASK"],
        "time": 2.0,
    },
    "VAEDecode": {"samples": ["KSampler", "LATENT"], "vae": ["VAELoader", "VAE"]},
    "VAEEncode": {},
    "VAEEncodeForInpaint": {},
    "LoadImage": {"image": "a.png"},
    "LoadImageMask": {"image": "m.png", "channel": "red"},
    "LoadImagesFromFolder": {"folder": "album"},
    "ForEachFile": {"folder": "album"},
    "LoadImageSetFromFolderNode": {"folder": "album"},
    "LoadImageTextSetFromFolderNode": {"folder": "album", "caption": "a cat"},
    "SaveImage": {"filename_prefix": "%date:yyyy%/%width%"},
    "PreviewImage": {},
    "ImageScale": {"width": 40, "height": 48, "upscale_method": "lanczos"},
    "ImageScaleBy": {"scale_by": 1.3, "upscale_method": "bicubic"},
    "ImageCrop": {"width": 30, "height": 20, "x": 5},
    "ImagePadForOutpaint": {"left": 16, "feathering": 8},
    "ImageInvert": {},
    "ImageBlur": {"blur_radius": 3},
    "ImageSharpen": {"sharpen_radius": 2},
    "ImageBlend": {"image2": ["ImageInvert", "IMAGE"], "blend_mode": "soft_light"},
    "ImageCompositeMasked": {"source": ["ImageInvert", "IMAGE"], "mask": ["LoadImageMask", "MASK"]},
    "ImageBatch": {"image2": ["ImageScale", "IMAGE"]},
    "ImageFromBatch": {},
    "RepeatImageBatch": {"amount": 2},
    "RebatchImages": {},
    "BatchToList": {},
    "ListToBatch": {},
    "LatentFromBatch": {},
    "RepeatLatentBatch": {"amount": 2},
    "InvertMask": {},
    "GrowMask": {"expand": 3},
    "MaskToImage": {},
    "ImageToMask": {"channel": "green"},
    "PrimitiveInt": {"value": 3},
    "PrimitiveFloat": {"value": 0.1},
    "PrimitiveString": {"value": "a"},
    "PrimitiveStringMultiline": {"value": "a\nb"},
    "PrimitiveBoolean": {"value": True},
    "Compare": {"a": 0.1, "b": 0.2},
    "Calculate": {"a": 0.1, "b": 0.2},
    "GetImageSize": {},
    "Reroute": {},
    "If": {},
    "Switch": {"index": 1, "case1": ["ImageInvert", "IMAGE"]},
    "RepeatEach": {},
    "ListToEach": {},
    "ForEachNumber": {},
    "ForEachLine": {"text": "a\nb"},
    "JoinLists": {"list0": ["LoadImage", "IMAGE"], "list1": ["ImageInvert", "IMAGE"]},
    "ForEach": {"body": "invert"},
    "Accumulate": {"body": "blend"},
    "While": {"body": "once"},
}
"""Node type -> the inputs that its node in the workflow has; what is not written here comes from `SOURCES`."""
BODIES = {
    "invert": {
        "inputs": [{"name": "item", "to": [["1", "image"]]}],
        "outputs": [{"name": "out", "from": ["1", "IMAGE"]}],
        "nodes": {"1": {"type": "ImageInvert", "inputs": {}}},
    },
    "blend": {
        "inputs": [{"name": "state", "to": [["1", "image1"]]}, {"name": "item", "to": [["1", "image2"]]}],
        "outputs": [{"name": "out", "from": ["1", "IMAGE"]}],
        "nodes": {"1": {"type": "ImageBlend", "inputs": {}}},
    },
    "once": {
        "inputs": [{"name": "state", "to": [["1", "image"]]}],
        "outputs": [{"name": "state", "from": ["1", "IMAGE"]}, {"name": "go_on", "from": ["2", "BOOLEAN"]}],
        "nodes": {"1": {"type": "ImageInvert", "inputs": {}}, "2": {"type": "PrimitiveBoolean", "inputs": {}}},
    },
}


def workflow_text(registry: Any, *, backwards: bool = False) -> dict[str, Any]:
    """The document: a node of each type that has a case, called as its type."""
    from graph.node_types.node_type import Missing

    nodes = {}
    for name, case in CASES.items():
        written = {key: {"from": value} if isinstance(value, list) else value for key, value in case.items()}
        for item in registry.get(name).by_name.values():
            if isinstance(item.default, Missing) and item.name not in written and not item.optional:
                written[item.name] = {"from": [*SOURCES[item.type.name]]}
        nodes[name] = {"type": name, "inputs": written}
    for name in CASES:
        if registry.get(name).streams:  # its items, one by one and all together
            first = {"from": [name, registry.get(name).outputs[0].name]}
            nodes[f"items of {name}"] = {"type": "Reroute", "inputs": {"value": first}}
            nodes[f"all of {name}"] = {"type": "JoinLists", "inputs": {"list0": first}}
    in_order = dict(reversed(nodes.items())) if backwards else nodes
    return {"jacquard": 1, "nodes": in_order, "subworkflows": BODIES}


def main(folder: Path, part: str) -> None:
    """Run everything, change what is around, and run it again."""
    storage_policy.SECONDS_OF_RECORDS = storage_policy.SECONDS_OF_VALUES = (
        storage_policy.SECONDS_PER_BYTE
    ) = -1.0  # all of it outlives a process
    from commands.caching import open_cache
    from commands.folders import find_files
    from graph.caching.disk import disk_cache
    from graph.document.reader import from_json
    from graph.engine import Engine
    from graph.node_types.registry import Registry
    from graph.running import events
    from nodes import add_to

    disk_cache.LONGEST_WAIT = 0.0
    registry = Registry()
    add_to(registry)
    cache = open_cache(folder)

    def run(shadow: float, *, backwards: bool) -> None:
        told: list[events.Event] = []
        document = from_json(workflow_text(registry, backwards=backwards))
        engine = Engine(registry, find_files(folder, folder / "models"), cache=cache, shadow=shadow)
        outcome = engine.run(document, list(document.nodes), listener=told.append)
        engine.lanes.close()
        cache.flush()
        reasons = {event.node: event.reason for event in told if isinstance(event, events.NodeStarted)}
        print(
            json.dumps(
                {
                    "status": outcome.status,
                    "problems": [f"{problem.node}: {problem.message}" for problem in outcome.problems],
                    "reasons": {node: reason.code for node, reason in reasons.items() if reason},
                    "reused": list(outcome.reused),
                    "pictures": sorted(str(path) for path in (folder / "output").rglob("*.png")),
                }
            ),
            flush=True,
        )

    if part == "restart":
        run(1.0, backwards=True)
        lay_out_otherwise(registry)
        run(1.0, backwards=True)
        return
    run(0.0, backwards=False)
    (change_the_files if part == "files" else change_this_process)(folder)
    run(1.0, backwards=True)


def lay_out_otherwise(registry: Any) -> None:
    """From now on all that nodes give lies in memory in another order: the marks of values do not tell of that."""
    import torch

    def laid_out(value: Any) -> Any:
        if isinstance(value, torch.Tensor):
            return value.transpose(-1, -2).contiguous().transpose(-1, -2) if value.ndim > 1 else value
        if isinstance(value, dict):
            return {key: laid_out(each) for key, each in value.items()}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*map(laid_out, value))
        return type(value)(map(laid_out, value)) if isinstance(value, list | tuple) else value

    for node_type in list(registry):
        if not node_type.streams:
            function = node_type.function
            wrapped = functools.wraps(function)(lambda function=function, **inputs: laid_out(function(**inputs)))
            object.__setattr__(node_type, "function", wrapped)  # frozen for everybody else


def change_this_process(folder: Path) -> None:
    """Other random numbers, another clock, another folder."""
    import numpy as np
    import torch

    random.seed(99)
    np.random.seed(99)  # as a pack may do
    torch.manual_seed(99)
    torch.rand(3)
    now, passed = time.time, 400 * 86400.0
    time.time = lambda: now() + passed
    (folder / "elsewhere").mkdir(exist_ok=True)
    os.chdir(folder / "elsewhere")


def change_the_files(folder: Path) -> None:
    """Other pictures and other models in files of the same names, sizes and times."""
    for path in [*(folder / "input").rglob("*.png"), *(folder / "models").rglob("*.safetensors")]:
        status = path.stat()
        data = bytearray(path.read_bytes())
        if path.suffix == ".png":
            data = bytearray((path.parent / f".{path.name}.other").read_bytes())
        else:
            start = len(data) - len(data) // 3
            data[start : start + 4096] = bytes(4096)
        path.write_bytes(data)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
