"""Twice the input is twice the work: every parser and every maker of lists, counted in instructions and not in seconds.

What is read comes from strangers, so work that grows faster than its input would be a way to stop the program. Each
case is tried with inputs of two sizes. Where C could go through a text again and again inside of one instruction, an
input of a megabyte or more shows it: it would not come to an end within the time that a test has.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

import nodes
from commands.overrides import apply_overrides
from diffusion import prompt, text_encoding
from diffusion.stored import spellings
from diffusion.weight_files.header import Header, TensorInfo
from graph.base.errors import NodeError, WorkflowError
from graph.building import seeds
from graph.building.build import build
from graph.caching.cache import Cache
from graph.caching.memory_cache import MemoryCache
from graph.document import json_text, reader, writer
from graph.document.workflow import Node, Reference, Workflow
from graph.files.folders import Files
from graph.files.name_patterns import check
from graph.node_types.body import Body
from graph.node_types.flow import Items
from graph.node_types.registry import Registry
from graph.planning.dry_run import forecast
from nodes import file_names, folder_listing
from server.runs import explanation, node_states
from tests.support.counting import instructions

SMALL = 200
GROWTH = 2.2
"""Twice, and a little for what a dictionary or a sort adds."""
BODY = Body(
    "body",
    {"1": Node("Reroute", {})},
    inputs={"item": (("1", "value"),), "state": (("1", "value"),)},
    outputs={"state": Reference("1", "output"), "go_on": Reference("1", "output")},
)


def registry() -> Registry:
    found = Registry()
    nodes.add_to(found)
    return found


REGISTRY = registry()
NOTHING = Files()


def chain(count: int, node_type: str = "ImageInvert") -> dict[str, Any]:
    """A canvas, some nodes one behind the other, and an end."""
    made: dict[str, Any] = {"0": {"type": "LoadImage", "inputs": {"image": "house-sketch.png"}}}
    for number in range(1, count):
        output = "IMAGE" if number == 1 or node_type == "ImageInvert" else "output"
        made[str(number)] = {"type": node_type, "inputs": {"image": {"from": [str(number - 1), output]}}}
    return {"jacquard": 1, "nodes": made}


def refused(call: Callable[[], object]) -> list[Any]:
    """The problems of what has to be refused."""
    with pytest.raises(WorkflowError) as caught:
        call()
    return list(caught.value.problems)


def clip() -> Any:
    """What `tokenize` asks of a text encoder: a token for each letter, 77 in a window."""

    def tokenizer(texts: list[str], **_: Any) -> Any:
        return SimpleNamespace(input_ids=[[1] * len(text) for text in texts])

    config = SimpleNamespace(max_position_embeddings=77)
    return SimpleNamespace(tokenizer=tokenizer, module=SimpleNamespace(config=config))


def layers(count: int) -> Header:
    """A file with scaled layers that its metadata tells of."""
    names = [f"blocks.{at}.to_q" for at in range(count)]
    text = json.dumps({"layers": {name: {"format": "float8_e4m3fn"} for name in names}})
    weights = {f"model.diffusion_model.{name}.weight": TensorInfo("F8_E4M3", (8, 8), 0, 64) for name in names}
    scales = {f"model.diffusion_model.{name}.weight_scale": TensorInfo("F32", (), 64, 68) for name in names}
    return Header("safetensors", 100, {**weights, **scales}, {"_quantization_metadata": text})


def events(count: int) -> list[dict[str, Any]]:
    names = [str(number) for number in range(count)]
    begun = {"event": "run_started", "to_run": names, "reused": [], "blocked": []}
    ended = [{"event": "node_finished", "node": name, "seconds": 0.1, "artifacts": []} for name in names]
    items = [{"event": "item_finished", "node": "0", "artifacts": [], "reused": False} for _ in names]
    return [begun, *items, *ended, {"event": "run_finished", "seconds": 1.0}]


def read(document: dict[str, Any]) -> Any:
    return reader.from_json(document)


def folder(path: Path, count: int) -> Files:
    place = path / str(count)
    place.mkdir()
    for number in range(count):
        (place / f"cat {number}.png").touch()
    return Files({"input": (place,)})


# Each makes an input of some size, and gives what is to be done with it.
PARSERS: dict[str, Callable[[int], Callable[[], object]]] = {
    "a prompt of open brackets": lambda n: partial(prompt.parse, "(a" * n),
    "a prompt of closed brackets": lambda n: partial(prompt.parse, "a)" * n),
    "a prompt of brackets in brackets": lambda n: partial(prompt.parse, "(" * n + "a:1.1" + ")" * n),
    "a prompt of many weights": lambda n: partial(prompt.parse, "(a:1.1)" * n),
    "a prompt of groups that nothing closes": lambda n: partial(prompt.parse, "((a)" * n),
    "a prompt of backslashes": lambda n: partial(prompt.parse, "\\" * n),
    "a prompt of breaks": lambda n: partial(prompt.split_breaks, " BREAK " * n),
    "a prompt of many windows": lambda n: partial(text_encoding.tokenize, clip(), "a" * 77 * n),
    "the tokens of many pieces": lambda n: partial(text_encoding.tokenize, clip(), "(a b c)" * n),
    "the quantised layers of a file": lambda n: partial(spellings.entries, layers(n), lambda _: b""),
    "JSON text": lambda n: partial(json_text.load_json, json.dumps(chain(n)), "it"),
    "the depth of JSON": lambda n: partial(json_text.is_deeper, [[[]] * n], 100),
    "a workflow": lambda n: partial(read, chain(n)),
    "a workflow in which every node is wrong": lambda n: partial(
        refused, partial(read, {"jacquard": 1, "nodes": {str(i): {"type": 5} for i in range(n)}})
    ),
    "a workflow, written": lambda n: partial(writer.to_json, read(chain(n))),
    "a checked chain": lambda n: partial(build, read(chain(n)), REGISTRY, picture(), [str(n - 1)]),
    "a chain of unknown nodes": lambda n: partial(
        refused, partial(build, read(chain(n, "Foreign")), REGISTRY, NOTHING)
    ),
    "a ring": lambda n: partial(refused, partial(build, read(ring(n)), REGISTRY, NOTHING, ["0"])),
    "the seeds of a workflow": lambda n: partial(seeds.advance_seeds, read(samplers(n)), REGISTRY),
    "what would run": lambda n: partial(
        forecast, build(read(chain(n)), REGISTRY, picture(), [str(n - 1)]), Cache(MemoryCache(0)), picture()
    ),
    "a file name of many words": lambda n: partial(name_of, "%year%" * n),
    "a file name of percent signs": lambda n: partial(name_of, "%" * n),
    "a file name of long words": lambda n: partial(name_of, "%date:yyyyyyyyyyyy%" * n),
    "a check of a file name": lambda n: partial(check, "%a.b%%c.d%:%" * n, ()),
    "a check of many words that mean nothing": lambda n: partial(
        try_to_save, [f"%KSampler.sed{at}%" for at in range(n)]
    ),
    "a file name of unknown words": lambda n: partial(name_of, "%a.b%" * n),
    "the number in a file name": lambda n: partial(folder_listing.natural, "a1" * n),
    "what the events of a run say": lambda n: partial(node_states.fold, {}, events(n)),
    "why the nodes of a run ran": lambda n: partial(explanation.explain, events(n)),
    "many changes from the command line": lambda n: partial(
        apply_overrides, read(samplers(n)), [f"{i}.steps=3" for i in range(n)], REGISTRY, NOTHING
    ),
}

LARGE = {"a check of many words that mean nothing", "a ring"}


def picture() -> Files:
    return Files({}, {"input": {"house-sketch.png": Path(__file__)}})


def ring(count: int) -> dict[str, Any]:
    made = chain(count)
    made["nodes"]["0"] = {"type": "ImageInvert", "inputs": {"image": {"from": [str(count - 1), "IMAGE"]}}}
    return made


def samplers(count: int) -> dict[str, Any]:
    sampler = {"type": "KSampler", "inputs": {"seed": 1}, "seeds": {"seed": "increment"}}
    return {"jacquard": 1, "nodes": {str(number): sampler for number in range(count)}}


def name_of(prefix: str) -> str:
    now = datetime(2026, 1, 1, tzinfo=UTC)
    try:
        return file_names.place(prefix, size=(1, 1), number=0, now=now, words={})[1]
    except NodeError as error:
        return str(error)


def try_to_save(prefixes: list[str]) -> None:
    registry = Registry()
    nodes.add_to(registry)
    named = {str(at): Node("SaveImage", {"filename_prefix": prefix}) for at, prefix in enumerate(prefixes)}
    assert len(refused(lambda: build(Workflow(named), registry, Files(), list(named)))) >= len(prefixes)


@pytest.mark.parametrize(
    "parser", [pytest.param(name, marks=pytest.mark.long if name in LARGE else ()) for name in PARSERS]
)
def test_twice_the_input_is_twice_the_work(parser: str) -> None:
    once, twice = (instructions(PARSERS[parser](size)) for size in (SMALL, 2 * SMALL))
    assert twice <= GROWTH * once


def test_twice_the_files_of_a_folder_are_twice_the_work(tmp_path: Path) -> None:
    counts = [
        instructions(partial(folder_listing.list_folder, folder(tmp_path, size), "", "*", recursive=True))
        for size in (SMALL, 2 * SMALL)
    ]
    assert counts[1] <= GROWTH * counts[0]


@pytest.mark.parametrize("text", ["%", "%%", "% ", "%date:", "%a", "%.%", "%a.b% "])
@pytest.mark.long
def test_a_long_file_name_is_gone_through_once(text: str) -> None:
    assert len(name_of(text * (1_000_000 // len(text)))) > 0


# What makes lists or streams


def call(name: str, **inputs: Any) -> Callable[[], object]:
    """Call a node, and go through everything that it gives."""
    found = REGISTRY.get(name)
    assert found is not None

    def use() -> None:
        value = found.function(**inputs)
        for _ in value.items if isinstance(value, Items) else ():
            pass

    return use


def pictures(count: int) -> torch.Tensor:
    return torch.zeros(count, 1, 1, 3)


MAKERS: dict[str, Callable[[int], Callable[[], object]]] = {
    "RebatchImages": lambda n: call("RebatchImages", images=[pictures(n)], batch_size=3),
    "BatchToList": lambda n: call("BatchToList", image=pictures(n)),
    "ListToBatch": lambda n: call("ListToBatch", images=[pictures(1)] * n),
    "RepeatEach": lambda n: call("RepeatEach", value=1, times=n),
    "ListToEach": lambda n: call("ListToEach", values=[1] * n),
    "ForEachNumber": lambda n: call("ForEachNumber", start=0, stop=n, step=1),
    "ForEachLine": lambda n: call("ForEachLine", text="a line\n" * n),
    "JoinLists": lambda n: call("JoinLists", list0=[1] * n, list1=[2] * n),
    "ForEach": lambda n: call("ForEach", items=[1] * n, body=BODY),
    "Accumulate": lambda n: call("Accumulate", items=[1] * n, initial=0, body=BODY),
    "RepeatImageBatch": lambda n: call("RepeatImageBatch", image=pictures(1), amount=n),
    "RepeatLatentBatch": lambda n: call("RepeatLatentBatch", samples={"samples": pictures(2)}, amount=n),
}
OF_FILES = {
    "LoadImagesFromFolder", "ForEachFile", "LoadImageSetFromFolderNode", "LoadImageTextSetFromFolderNode"
}  # fmt: skip
"""They list a folder, which has a case above, and open its files one by one."""
BY_STEPS = {"ShowPath", "TrainLoraNode", "TrainModel"}
"""They work for as many steps as they are told, however many pictures there are."""
makes_many = [item.id for item in REGISTRY if any(out.each or out.is_list for out in item.outputs)]
collects = [item.id for item in REGISTRY if any(each.collects for each in item.inputs)]


def test_every_node_that_makes_or_takes_a_list_has_a_case() -> None:
    assert {*makes_many, *collects} <= {*MAKERS, *OF_FILES, *BY_STEPS}


@pytest.mark.parametrize("maker", MAKERS)
def test_a_list_of_twice_the_length_is_twice_the_work(maker: str) -> None:
    once, twice = (instructions(MAKERS[maker](size)) for size in (SMALL, 2 * SMALL))
    assert twice <= GROWTH * once


def test_the_law_sees_work_that_grows_faster() -> None:
    def pairs(count: int) -> Callable[[], object]:
        return lambda: [(a, b) for a in range(count) for b in range(count)]

    assert instructions(pairs(2 * SMALL)) > GROWTH * instructions(pairs(SMALL))
