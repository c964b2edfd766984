"""Wrong workflows: each is refused or fails with an error that names node, socket and remedy, and writes nothing."""

from __future__ import annotations

import copy
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from commands.overrides import apply_overrides
from graph.base.errors import WorkflowError
from graph.document.reader import from_json
from graph.files.folders import Files
from graph.node_types.registry import Registry

GOOD: dict[str, Any] = {
    "jacquard": 1,
    "nodes": {
        "4": {"type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "picturebook"}},
        "6": {"type": "CLIPTextEncode", "inputs": {"text": "a red house", "clip": {"from": ["4", "CLIP"]}}},
        "7": {"type": "CLIPTextEncode", "inputs": {"text": "", "clip": {"from": ["4", "CLIP"]}}},
        "5": {"type": "EmptyLatentImage", "inputs": {"width": 128, "height": 128, "batch_size": 1}},
        "3": {
            "type": "KSampler",
            "inputs": {
                "model": {"from": ["4", "MODEL"]},
                "seed": 7,
                "steps": 2,
                "positive": {"from": ["6", "CONDITIONING"]},
                "negative": {"from": ["7", "CONDITIONING"]},
                "latent_image": {"from": ["5", "LATENT"]},
            },
        },
        "8": {"type": "VAEDecode", "inputs": {"samples": {"from": ["3", "LATENT"]}, "vae": {"from": ["4", "VAE"]}}},
        "9": {"type": "SaveImage", "inputs": {"images": {"from": ["8", "IMAGE"]}}},
    },
}
PICTURE: dict[str, Any] = {
    "jacquard": 1,
    "nodes": {
        "1": {"type": "LoadImage", "inputs": {"image": "picture.png"}},
        "2": {"type": "ImageInvert", "inputs": {"image": {"from": ["1", "IMAGE"]}}},
        "3": {"type": "SaveImage", "inputs": {"images": {"from": ["2", "IMAGE"]}}},
    },
}
Edit = Callable[[dict[str, Any]], Any]
REMOVE = object()


def put(node: str, socket: str, value: Any) -> Edit:
    """Set one input of a node, or remove it."""

    def edit(nodes: dict[str, Any]) -> None:
        if value is REMOVE:
            del nodes[node]["inputs"][socket]
        else:
            nodes[node]["inputs"][socket] = value

    return edit


def change(node: str, **fields: Any) -> Edit:
    """Set some fields of a node."""
    return lambda nodes: nodes[node].update(fields)


def link(node: str, output: str) -> dict[str, list[str]]:
    """A reference to an output."""
    return {"from": [node, output]}


# what is done to the good workflow -> error code, node, socket, and words that the message must hold
WRONG: dict[str, tuple[Edit, str, str, str, str]] = {
    "unknown type": (change("3", type="KSamplr"), "unknown_node_type", "3", "", "did you mean 'KSampler'?"),
    "unknown type, nothing like it": (change("8", type="Zzz"), "unknown_node_type", "8", "", "install the pack"),
    "no type": (change("3", type=None), "wrong_shape", "3", "", "add the node's type"),
    "type is a number": (change("3", type=12), "wrong_shape", "3", "", "add the node's type"),
    "node is a list": (lambda nodes: nodes.update({"3": []}), "wrong_shape", "3", "", "an object"),
    "inputs are a list": (change("3", inputs=[1, 2]), "wrong_shape", "3", "", "an object"),
    "unknown mode": (change("3", mode="asleep"), "wrong_shape", "3", "", "active, muted, bypassed"),
    "position of one number": (change("3", position=[1]), "wrong_shape", "3", "", "two numbers from -1e9 to 1e9"),
    "unknown input": (put("3", "step", 3), "unknown_input", "3", "step", "did you mean 'steps'?"),
    "model is missing": (put("3", "model", REMOVE), "missing_input", "3", "model", "connect"),
    "images are missing": (put("9", "images", REMOVE), "missing_input", "9", "images", "connect"),
    "file name is missing": (put("4", "ckpt_name", REMOVE), "missing_input", "4", "ckpt_name", "choose a file"),
    "text on a socket": (put("3", "model", "sdxl"), "needs_connection", "3", "model", "type MODEL"),
    "latent into model": (put("3", "model", link("5", "LATENT")), "wrong_socket_type", "3", "model", "type MODEL"),
    "image into samples": (put("8", "samples", link("9", "IMAGE")), "unknown_output", "8", "samples", "none"),
    "unknown output": (put("8", "vae", link("4", "VEA")), "unknown_output", "8", "vae", "did you mean 'VAE'?"),
    "source is not there": (put("8", "samples", link("33", "LATENT")), "dangling_reference", "8", "samples", "exists"),
    "reference of one": (put("8", "samples", {"from": ["3"]}), "bad_reference", "8", "samples", "output name"),
    "reference by number": (put("8", "samples", {"from": ["3", 0]}), "bad_reference", "8", "samples", "output name"),
    "reference misspelt": (put("8", "samples", {"form": ["3", "X"]}), "bad_reference", "8", "samples", "reference"),
    "cycle of two": (
        lambda nodes: nodes.update(
            {
                "10": {"type": "LatentUpscaleBy", "inputs": {"samples": link("11", "LATENT")}},
                "11": {"type": "LatentUpscaleBy", "inputs": {"samples": link("10", "LATENT")}},
                "8": {"type": "VAEDecode", "inputs": {"samples": link("11", "LATENT"), "vae": link("4", "VAE")}},
            }
        ),
        "cycle",
        "10",
        "",
        "10 (LatentUpscaleBy) -> 11 (LatentUpscaleBy) -> 10 (LatentUpscaleBy)",
    ),
    "cycle of one": (put("3", "latent_image", link("3", "LATENT")), "cycle", "3", "", "3 (KSampler) -> 3 (KSampler)"),
    "steps below": (put("3", "steps", 0), "below_min", "3", "steps", "from 1 to"),
    "steps above": (put("3", "steps", 10**9), "above_max", "3", "steps", "from 1 to"),
    "steps beyond all bounds": (put("3", "steps", 10**400), "above_max", "3", "steps", "digits"),
    "steps are text": (put("3", "steps", "many"), "wrong_type", "3", "steps", "a whole number"),
    "steps are a fraction": (put("3", "steps", 2.5), "wrong_type", "3", "steps", "a whole number"),
    "steps are true": (put("3", "steps", True), "wrong_type", "3", "steps", "a whole number"),
    "steps are a list": (put("3", "steps", [20]), "wrong_type", "3", "steps", "a whole number"),
    "negative seed": (put("3", "seed", -1), "below_min", "3", "seed", "from 0 to"),
    "seed of 2**64": (put("3", "seed", 2**64), "above_max", "3", "seed", "from 0 to"),
    "denoise above": (put("3", "denoise", 1.5), "above_max", "3", "denoise", "from 0"),
    "guidance is NaN": (put("3", "cfg", float("nan")), "not_finite", "3", "cfg", "a finite number"),
    "guidance is infinite": (put("3", "cfg", float("inf")), "not_finite", "3", "cfg", "a finite number"),
    "guidance beyond doubles": (put("3", "cfg", 10**400), "above_max", "3", "cfg", "lower it"),
    "text with half an emoji": (
        put("6", "text", "a red \ud83d boat"),
        "bad_text",
        "6",
        "text",
        "delete that character",
    ),
    "text without end": (put("6", "text", "x" * 5_000_000), "too_long", "6", "text", "shorten it"),
    "text is a number": (put("6", "text", 5), "wrong_type", "6", "text", "text"),
    "unknown sampler": (put("3", "sampler_name", "eulr"), "not_a_choice", "3", "sampler_name", "did you mean 'euler'?"),
    "unknown schedule": (put("3", "scheduler", "zzz"), "not_a_choice", "3", "scheduler", "'karras'"),
    "choice is a number": (put("3", "scheduler", 3), "not_a_choice", "3", "scheduler", "'karras'"),
    "no such checkpoint": (put("4", "ckpt_name", "pictureboek"), "file_missing", "4", "ckpt_name", "'picturebook'?"),
    "checkpoint outside": (
        put("4", "ckpt_name", "../../etc"),
        "file_missing",
        "4",
        "ckpt_name",
        "leads out of the folder",
    ),
    "checkpoint by full path": (put("4", "ckpt_name", "/etc"), "file_missing", "4", "ckpt_name", "relative file name"),
    "picture of no width": (put("5", "width", 0), "below_min", "5", "width", "from 16 to"),
    "width of 100": (put("5", "width", 100), "not_a_multiple", "5", "width", "use 96 or 104"),
    "picture of a million": (put("5", "width", 10**6), "above_max", "5", "width", "to 16384"),
    "loader muted": (change("4", mode="muted"), "nothing_to_run", "4", "", "activate the muted node"),
    "saver muted": (change("9", mode="muted"), "no_targets", "", "", "SaveImage or PreviewImage"),
    "sampler bypassed into text": (
        lambda nodes: (nodes["6"].update(mode="bypassed"), None)[1],
        "missing_input",
        "3",
        "positive",
        "activate the bypassed node",
    ),
    "no nodes": (lambda nodes: nodes.clear(), "no_targets", "", "", "add a node"),
}


@pytest.mark.parametrize("name", WRONG)
def test_refuses(name: str, command: Callable[..., Any], tmp_path: Path) -> None:
    edit, code, node, socket, words = WRONG[name]
    document = copy.deepcopy(GOOD)
    edit(document["nodes"])
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document))
    answer = command("run", file, "--json")
    problems = answer.lines[-1]["problems"]
    found = [item for item in problems if item["code"] == code]
    assert found, problems
    assert found[0].get("node", "") == node
    assert found[0].get("socket", "") == socket
    assert words in answer.err
    assert found[0]["remedy"] in answer.err
    assert answer.code == 2
    assert answer.pictures == []
    assert command("check", file).code == 2


GOOD_TEXT = json.dumps(GOOD)
# what stands in the file -> error code, and words that the message must hold
UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "empty file": (b"", "not_json", "is empty"),
    "cut off in the middle": (GOOD_TEXT[: len(GOOD_TEXT) // 2].encode(), "not_json", "line 1"),
    "cut off before the last brace": (GOOD_TEXT[:-1].encode(), "not_json", "cut off"),
    "two documents": ((GOOD_TEXT + GOOD_TEXT).encode(), "not_json", "Extra data"),
    "a list": (b"[1, 2]", "wrong_shape", "not a list"),
    "a picture": (b"\x89PNG\r\n\x1a\n\xff\xfe", "not_text", "not UTF-8"),
    "nodes are a list": (b'{"jacquard": 1, "nodes": []}', "wrong_shape", "an object"),
    "another tool's graph": (b'{"nodes": [], "links": [], "version": 0.4}', "not_a_workflow", "graph file"),
    "another tool's prompt": (b'{"3": {"class_type": "KSampler", "inputs": {}}}', "not_a_workflow", "API prompt"),
    "some other JSON": (b'{"hello": "world"}', "not_a_workflow", "no format version"),
    "a newer format": (b'{"jacquard": 99, "nodes": {}}', "newer_version", "update Jacquard"),
    "a version in words": (b'{"jacquard": "one", "nodes": {}}', "bad_version", "whole number"),
    "one id twice": (b'{"jacquard": 1, "nodes": {"1": {"type": "A"}, "1": {"type": "B"}}}', "duplicate_name", "'1'"),
    "nested without end": (b"[" * 100_000, "too_deep", "nested"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_refuses_unreadable(name: str, command: Callable[..., Any], tmp_path: Path) -> None:
    data, code, words = UNREADABLE[name]
    file = tmp_path / "wrong.json"
    file.write_bytes(data)
    answer = command("run", file, "--json")
    (problem,) = answer.lines[-1]["problems"]
    assert problem["code"] == code
    assert words in answer.err
    assert problem["remedy"] in answer.err
    assert answer.code == 2
    assert answer.pictures == []


def _png(width: int, height: int, body: bytes) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def _good_png(tmp_path: Path) -> bytes:
    Image.effect_noise((64, 64), 80).convert("RGB").save(tmp_path / "good.png")
    return (tmp_path / "good.png").read_bytes()


BROKEN_PICTURES: dict[str, Callable[[Path], bytes]] = {
    "empty": lambda _: b"",
    "not a picture": lambda _: b"this is text, whatever its name says",
    "cut off in its header": lambda tmp: _good_png(tmp)[:20],
    "cut off in its pixels": lambda tmp: _good_png(tmp)[:2000],
    "a bit flipped": lambda tmp: (data := bytearray(_good_png(tmp)), data.__setitem__(500, data[500] ^ 255), data)[-1],
    "a bomb": lambda _: _png(200_000, 200_000, zlib.compress(b"\0" * 1000)),
    "no pixels": lambda _: _png(0, 0, zlib.compress(b"")),
}


@pytest.mark.parametrize("name", BROKEN_PICTURES)
def test_fails_on_broken_picture(name: str, command: Callable[..., Any], tmp_path: Path) -> None:
    (tmp_path / "input").mkdir()
    (tmp_path / "input" / "picture.png").write_bytes(bytes(BROKEN_PICTURES[name](tmp_path)))
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(PICTURE))
    answer = command("run", file, "--json")
    (problem,) = answer.lines[-1]["problems"]
    assert (problem["node"], problem["node_type"], problem["socket"]) == ("1", "LoadImage", "image")
    assert problem["remedy"] in answer.err
    assert answer.code == 1
    assert answer.pictures == []


def test_names_the_picture_that_is_not_there(command: Callable[..., Any], tmp_path: Path) -> None:
    file = tmp_path / "workflow.json"
    file.write_text(json.dumps(PICTURE))
    answer = command("run", file, "--json")
    (problem,) = answer.lines[-1]["problems"]
    assert (problem["code"], problem["node"], problem["socket"]) == ("file_missing", "1", "image")
    assert answer.code == 2


def test_tells_everything_that_is_wrong_at_once(command: Callable[..., Any], tmp_path: Path) -> None:
    document = copy.deepcopy(GOOD)
    document["nodes"]["3"]["inputs"].update(steps=0, cfg=1e9, sampler_name="eulr")
    document["nodes"]["4"]["inputs"]["ckpt_name"] = "nothing"
    file = tmp_path / "wrong.json"
    file.write_text(json.dumps(document))
    answer = command("check", file, "--json")
    assert {problem["code"] for problem in answer.lines[0]["problems"]} == {
        "below_min", "above_max", "not_a_choice", "file_missing",
    }  # fmt: skip


@pytest.mark.parametrize("where", ["title", "a node that is not needed"])
@pytest.mark.parametrize("how", ["check", "run"])
def test_half_a_character_is_refused_before_a_run_wherever_it_is(
    where: str, how: str, command: Callable[..., Any], tmp_path: Path
) -> None:
    document = copy.deepcopy(GOOD)
    if where == "title":
        document["title"] = "a red \ud83d boat"
    else:
        document["nodes"]["99"] = {"type": "CLIPTextEncode", "inputs": {"text": "a red \ud83d boat"}}
    file = tmp_path / "half.json"
    file.write_text(json.dumps(document))
    answer = command(how, file, "--json")
    (problem,) = answer.lines[-1]["problems"]
    assert problem["code"] == "bad_text"
    assert (problem.get("node"), problem.get("socket")) == ((None, None) if where == "title" else ("99", "text"))
    assert answer.code == 2


@pytest.mark.parametrize(("value", "code"), [("half \udcff", "bad_text"), ("x" * 5_000_000, "too_long")])
def test_what_is_set_is_refused_by_the_same_rule(value: str, code: str) -> None:
    workflow = from_json({"jacquard": 1, "nodes": {"6": {"type": "CLIPTextEncode", "inputs": {}}}})
    with pytest.raises(WorkflowError) as refused:
        apply_overrides(workflow, [f"6.text={value}"], Registry(), Files())
    (problem,) = refused.value.problems
    assert (problem.code, problem.node, problem.socket) == (code, "6", "text")


def test_names_a_workflow_file_that_is_not_there(command: Callable[..., Any], tmp_path: Path) -> None:
    answer = command("run", tmp_path / "nowhere.json")
    assert answer.code == 2
    assert "cannot be read" in answer.err


@pytest.mark.parametrize(
    ("assignment", "words"),
    [
        ("steps", "node.input=value"),
        ("KSampler=3", "node.input=value"),
        ("Nobody.steps=3", "3 (KSampler)"),
        ("CLIPTextEncode.text=x", "one of their ids: 6, 7"),
        ("3.stepz=3", "steps"),
        ("3.steps=lots", "a whole number"),
    ],
)
def test_refuses_a_change_that_means_nothing(
    assignment: str, words: str, command: Callable[..., Any], tmp_path: Path
) -> None:
    file = tmp_path / "good.json"
    file.write_text(json.dumps(GOOD))
    answer = command("run", file, "--set", assignment)
    assert words in answer.err
    assert answer.code == 2
    assert answer.pictures == []
