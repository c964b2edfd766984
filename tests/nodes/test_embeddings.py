"""`embedding:name` in prompt nodes: which file is meant, what is said of others, and when a prompt is read again."""

import os

import pytest
import torch
from safetensors.torch import save_file

import nodes
from commands.folders import find_files
from diffusion.errors import DiffusionError
from diffusion.loading import load_checkpoint
from graph.api import Files, NodeContext, Registry
from graph.document import reader
from graph.engine import Engine
from graph.node_types.context import RunRecord
from nodes.embeddings import embeddings_in, with_embeddings
from nodes.text import encode_text
from tests.support import tiny_models

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    tiny_models.write_checkpoint(home / "models" / "checkpoints" / "tiny")
    return home


@pytest.fixture(scope="module")
def clip(home):
    return load_checkpoint(home / "models" / "checkpoints" / "tiny", device="cpu").clip


@pytest.fixture
def folder(home):
    folder = home / "models" / "embeddings"
    for name, value in (("cat", 1.0), ("cat.", 2.0), ("styles/film", 3.0), ("dog", 4.0)):
        write(folder / f"{name}.safetensors", value)
    yield folder
    for path in folder.rglob("*.*"):
        path.unlink()


def write(path, value, width=32):
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file({"emb_params": torch.full((2, width), value)}, path)
    os.utime(path, ns=(int(value * 1e9), int(value * 1e9)))


@pytest.fixture
def warnings():
    return []


@pytest.fixture
def ctx(home, warnings):
    files = find_files(home, home / "models", home / "output")
    return NodeContext(files, RunRecord("run-1"), report_warning=warnings.append)


def meant(ctx, clip, text):
    """The first number of each embedding, and the text behind its name."""
    return {
        name: (float(word.embedding.vectors[""][0, 0]) if word.embedding else None, word.rest)
        for name, word in with_embeddings(ctx, clip, text).words.items()
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("embedding:cat", {"cat": (1.0, "")}),
        ("embedding:cat.safetensors", {"cat.safetensors": (1.0, "")}),
        ("embedding:dog!", {"dog!": (4.0, "!")}),
        ("embedding:cat.", {"cat.": (2.0, "")}),
        ('a "embedding:dog".', {'dog".': (4.0, '".')}),
        ("(embedding:styles/film:1.2), cat", {"styles/film": (3.0, "")}),
        ("embedding:styles\\film", {"styles\\film": (3.0, "")}),
    ],
)
def test_the_file_that_is_meant(ctx, clip, folder, warnings, text, words):
    assert meant(ctx, clip, text) == words
    assert warnings == []


def test_what_is_not_there_is_left_out_and_said_with_what_is_near(ctx, clip, folder, warnings):
    assert meant(ctx, clip, "embedding:film embedding:zzz") == {"film": (None, ""), "zzz": (None, "")}
    assert warnings == [
        "there is no embedding 'film', so the prompt was read without it; did you mean styles/film?",
        "there is no embedding 'zzz', so the prompt was read without it; put its file into models/embeddings",
    ]
    plain = encode_text(text="a red dog", clip=clip, ctx=ctx)
    assert torch.equal(encode_text(text="a red embedding:zzz dog", clip=clip, ctx=ctx)[0][0], plain[0][0])


def test_a_prompt_without_any_is_the_encoder_s_own(ctx, clip):
    assert with_embeddings(ctx, clip, "a cat") is clip


def test_of_another_width_it_is_refused(ctx, clip, folder):
    write(folder / "wide.safetensors", 1.0, width=768)
    with pytest.raises(DiffusionError, match="vectors of the width 768; words of this model have 32"):
        encode_text(text="embedding:wide", clip=clip, ctx=ctx)


def test_a_pickle_is_never_opened(ctx, clip, folder):
    (folder / "old.pt").write_bytes(b"PK\x03\x04" + b"\x00" * 200)
    with pytest.raises(DiffusionError, match=r"old\.pt cannot be used"):
        encode_text(text="embedding:old", clip=clip, ctx=ctx)


def test_a_prompt_depends_on_the_files_that_it_names_and_no_others(ctx, folder):
    depends = embeddings_in("text")

    def on(**given):
        ctx.files.forget_listings()
        return depends(files=ctx.files, **given)

    assert on(text="a cat") == []
    named, missing, unknown = on(text="embedding:cat"), on(text="embedding:new"), on()
    write(folder / "new.safetensors", 9.0)
    assert on(text="embedding:cat") == named
    assert on(text="embedding:new") != missing
    assert on() != unknown, "a prompt that is not known yet may name any"
    write(folder / "cat.safetensors", 7.0)
    assert on(text="embedding:cat") != named


@pytest.mark.parametrize("is_linked", [False, True])
def test_a_run_reads_the_prompt_again_when_the_file_changes(home, folder, is_linked):
    registry = Registry()
    nodes.add_to(registry)
    text = {"from": ["words", "STRING"]} if is_linked else "a embedding:cat"
    document = {
        "jacquard": 1,
        "nodes": {
            "load": {"type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "tiny"}},
            "words": {"type": "PrimitiveString", "inputs": {"value": "a embedding:cat"}},
            "end": {"type": "CLIPTextEncode", "inputs": {"text": text, "clip": {"from": ["load", "CLIP"]}}},
        },
    }

    def run(engine):
        outcome = engine.run(reader.from_json(document), ["end"])
        assert outcome.status == "finished", [str(problem) for problem in outcome.problems]
        return outcome.values["end"]["CONDITIONING"][0][0]

    with Engine(registry, Files(find_files(home, home / "models", home / "output").roots)) as engine:
        first = run(engine)
        assert torch.equal(run(engine), first)
        write(folder / "cat.safetensors", 7.0)
        assert not torch.equal(run(engine), first)
