"""A tokenizer in a file of its own counts as a part of the loaders that may read it."""

import pytest

import nodes
from graph.api import Files, Registry
from graph.document import reader
from graph.engine import Engine
from nodes.tensor_values import CODECS
from nodes.tokenizer_files import tokenizers_beside
from tests.support import tiny_files
from tests.support.tiny_text_models import t5_tokenizer

pytestmark = pytest.mark.network


@pytest.fixture
def models(tmp_path):
    """Flux's text encoders, of which T5 has no tokenizer inside, and a folder with tokenizers on another disk."""
    painter = tiny_files.painter("flux", guidance=False)
    encoders = tmp_path / "models" / "text_encoders"
    tiny_files.split_file(encoders / "clip_l.safetensors", painter, "clip_l")
    tiny_files.write(encoders / "t5xxl.safetensors", tiny_files.file_tensors(painter, "t5xxl"))
    kinds = {"text_encoders": [encoders], "tokenizers": [tmp_path / "other disk" / "tokenizers"]}
    return Files({**kinds, "checkpoints": [tmp_path / "models" / "checkpoints"]})


def tokenizer(folder, text):
    (folder / "t5xxl").mkdir(parents=True, exist_ok=True)
    (folder / "t5xxl" / "tokenizer.json").write_text(text)


def test_a_prompt_is_read_again_once_the_tokenizer_file_is_another(models):
    text = t5_tokenizer().backend_tokenizer.to_str()
    tokenizer(models.roots["tokenizers"][0], text)
    files = {"clip_name1": "clip_l.safetensors", "clip_name2": "t5xxl.safetensors", "type": "flux"}
    prompt = {"type": "CLIPTextEncode", "inputs": {"text": "a red cat", "clip": {"from": ["1", "CLIP"]}}}
    workflow = reader.from_json(
        {"jacquard": 1, "nodes": {"1": {"type": "DualCLIPLoader", "inputs": files}, "2": prompt}}
    )
    registry = Registry()
    nodes.add_to(registry)
    with Engine(registry, models, codecs=CODECS) as engine:
        assert set(engine.run(workflow, ["2"]).ran) == {"1", "2"}
        assert not engine.run(workflow, ["2"]).ran
        tokenizer(models.roots["tokenizers"][0], text + "\n")
        assert set(engine.run(workflow, ["2"]).ran) == {"1", "2"}


def test_tokenizers_beside_the_chosen_file_count_too_and_those_that_come_later(models, tmp_path):
    depends_on = tokenizers_beside("text_encoders", "clip_name")
    assert depends_on(files=models, clip_name="t5xxl.safetensors", type="sd3") == []
    tokenizer(tmp_path / "models" / "tokenizers", "{}")
    (beside,) = depends_on(files=models, clip_name="t5xxl.safetensors", type="sd3")
    tokenizer(tmp_path / "models" / "tokenizers", "{ }")
    (changed,) = depends_on(files=models, clip_name="t5xxl.safetensors", type="sd3")
    assert beside[0] == changed[0] == str(tmp_path / "models" / "tokenizers" / "t5xxl" / "tokenizer.json")
    assert beside != changed
    tokenizer(models.roots["tokenizers"][0], "{}")
    assert len(depends_on(files=models, clip_name="t5xxl.safetensors")) == 2
    assert len(depends_on(files=models)) == 1  # a name that comes through a wire is not known yet


def test_the_tokenizer_beside_a_text_encoder_that_is_a_folder_counts(models, tmp_path):
    depends_on = tokenizers_beside("text_encoders", "clip_name")
    whole = tmp_path / "models" / "text_encoders" / "flux"
    (whole / "text_encoder_2").mkdir(parents=True)
    chosen = {"files": models, "clip_name": "flux/text_encoder_2"}
    assert depends_on(**chosen) == []
    (whole / "tokenizer_2").mkdir()
    (whole / "tokenizer_2" / "spiece.model").write_text("one")
    (beside,) = depends_on(**chosen)
    assert beside[0] == str(whole / "tokenizer_2" / "spiece.model")
    (whole / "tokenizer_2" / "spiece.model").write_text("other one")
    assert depends_on(**chosen) != [beside]
    (whole / "text_encoder_2" / "tokenizer.json").write_text("{}")
    assert len(depends_on(**chosen)) == 2
