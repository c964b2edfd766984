"""Files whose tensors were seen before are told as if each were alone: whatever else differs counts for each."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from diffusion.model_files.likenesses import Likenesses
from diffusion.model_files.model_file import ModelFile
from diffusion.model_files.recognise import recognise
from diffusion.weight_files.reading import begin_header
from tests.support.headers import shapes
from tests.support.sparse_files import write_gguf, write_plain, write_safetensors

if TYPE_CHECKING:
    from pathlib import Path

LORA = {"lora_unet_mid_block.lora_down.weight": (8, 320), "lora_unet_mid_block.lora_up.weight": (320, 8)}
NORM = "model.diffusion_model.output_blocks.11.1.transformer_blocks.0.norm1.bias"


@pytest.fixture
def known() -> Likenesses:
    return Likenesses()


def told(path: Path, known: Likenesses) -> ModelFile:
    """What a file is, which is the same whether others were looked at before or not."""
    found = recognise(path, known)
    assert found == recognise(path, Likenesses())
    return found


def is_known(path: Path, known: Likenesses) -> bool:
    return known.find(begin_header(path)) is not None


def test_the_tensors_of_a_second_file_are_not_read_again(tmp_path: Path, known: Likenesses) -> None:
    one = write_plain(tmp_path / "one.safetensors", LORA, metadata={"ss_output_name": "one"})
    two = write_plain(tmp_path / "two.safetensors", LORA, metadata={"ss_output_name": 'a {longer} "name", 犬'})
    assert not is_known(two, known)
    assert told(one, known).kind == "lora"
    assert is_known(two, known)
    assert told(two, known).size == two.stat().st_size != one.stat().st_size


def test_a_lora_goes_by_its_own_metadata(tmp_path: Path, known: Likenesses) -> None:
    for number, base in enumerate(("sdxl_base_v1-0", "sd_v1", "", "sdxl_base_v1-0")):
        path = write_plain(tmp_path / f"{number}.safetensors", LORA, metadata={"ss_base_model_version": base})
        assert told(path, known).family == {"sdxl_base_v1-0": "sdxl", "sd_v1": "sd1", "": ""}[base]


def test_a_model_goes_by_its_own_name_and_metadata(tmp_path: Path, known: Likenesses) -> None:
    sdxl, flux = shapes("sdxl-base"), shapes("flux1-dev")
    assert told(write_plain(tmp_path / "a.safetensors", sdxl), known).variant == ""
    assert told(write_plain(tmp_path / "b_vpred.safetensors", sdxl), known).variant == "v"
    told_v = {"modelspec.prediction_type": "v"}
    assert told(write_plain(tmp_path / "c.safetensors", sdxl, metadata=told_v), known).variant == "v"
    assert told(write_plain(tmp_path / "flux.safetensors", flux), known).variant == ""
    assert told(write_plain(tmp_path / "flux-kontext.safetensors", flux), known).variant == "kontext"
    assert told(write_plain(tmp_path / "flux-00001-of-00003.safetensors", flux), known).problem


def test_a_model_goes_by_its_own_values(tmp_path: Path, known: Likenesses) -> None:
    tensors = {name: ("F16", shape) for name, shape in shapes("sd21").items()}
    spread = {"narrow": 0.01, "wide": 0.5}
    for name, width in spread.items():
        values = struct.pack("<320e", *(width * (-1) ** number for number in range(320)))
        path = write_safetensors(tmp_path / f"{name}.safetensors", tensors, values={NORM: values})
        assert told(path, known).variant == ("v" if name == "wide" else "")


def test_notes_on_how_weights_are_stored_count_for_each_file(tmp_path: Path, known: Likenesses) -> None:
    plain = {name: ("I8", shape) for name, shape in shapes("flux1-dev").items()}
    beside = {**plain, "img_in.comfy_quant": ("U8", (64,))}
    rotated = json.dumps({"format": "int8_tensorwise", "convrot": True})
    said = {"_quantization_metadata": json.dumps({"layers": {"img_in": json.loads(rotated)}})}
    assert told(write_safetensors(tmp_path / "a.safetensors", plain), known).precision == "int8"
    assert told(write_safetensors(tmp_path / "b.safetensors", plain, {"a": "b"}), known).precision == "int8"
    assert told(write_safetensors(tmp_path / "c.safetensors", plain, said), known).precision == "int8 rotated"
    assert told(write_safetensors(tmp_path / "d.safetensors", beside), known).precision == "int8"
    values = {"img_in.comfy_quant": rotated.encode().ljust(64)}
    path = write_safetensors(tmp_path / "e.safetensors", beside, values=values)
    assert told(path, known).precision == "int8 rotated"


@pytest.mark.parametrize("change", [-1, 1])
def test_a_file_that_is_cut_short_or_too_long_is_refused_though_its_tensors_are_known(
    tmp_path: Path, known: Likenesses, change: int
) -> None:
    told(write_plain(tmp_path / "whole.safetensors", LORA), known)
    path = write_plain(tmp_path / "broken.safetensors", LORA)
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + change)
    assert "its header tells of" in told(path, known).problem


def test_metadata_that_are_there_twice_are_refused_though_the_tensors_are_known(
    tmp_path: Path, known: Likenesses
) -> None:
    tensors = '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}'
    for number, text in enumerate(
        (
            f'{{{tensors},"__metadata__":{{}}}}',
            f'{{"__metadata__":{{}},{tensors},"__metadata__":{{}}}}',
            f'{{"__metadata__":{{"a":"b","a":"b"}},{tensors}}}',
            f'{{"__metadata__":{{"a":{{}}}},{tensors}}}',
        )
    ):
        path = tmp_path / f"{number}.safetensors"
        path.write_bytes(struct.pack("<Q", len(text)) + text.encode() + b"\0")
        assert ("there twice" in told(path, known).problem) == (number in (1, 2))


_BEGIN = st.sampled_from(
    [
        "{",
        '{"__metadata__":{},',
        '{ "__metadata__":{},',
        '{"__metadata__":{"format":"pt"},',
        '{"__metadata__":{"ss_base_model_version":"sd_v1"},',
        '{"__metadata__":{"é":"\\ud83d\\ude00"},',
        '{"__metadata__":{"a":1},',
        '{"__metadata__":null,',
        '{"__metadata__":{"a":"b"}',
    ]
)
_MIDDLE = st.sampled_from(
    [
        '"x.lora_down.weight":{"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}',
        '"x.lora_down.weight": {"dtype":"U8","shape":[2,2],"data_offsets":[0,4]}',
        '"x.lora_down.weight":{"dtype":"U8","shape":[2,2],"data_offsets":[0,5]}',
        '"x.lora_down.weight":{"shape":[2,2],"dtype":"U8","data_offsets":[0,4]},"__metadata__":{}',
    ]
)
_END = st.sampled_from(["}", "}    ", "}\n", "", "},"])


@given(st.lists(st.tuples(_BEGIN, _MIDDLE, _END), min_size=2, max_size=8))
def test_any_files_one_after_another_are_told_as_if_each_were_alone(
    tmp_path_factory: pytest.TempPathFactory, texts: list[tuple[str, str, str]]
) -> None:
    known, path = Likenesses(), tmp_path_factory.getbasetemp() / "alike.safetensors"
    for text in map("".join, texts):
        path.write_bytes(struct.pack("<Q", len(text.encode())) + text.encode() + bytes(4))
        told(path, known)


def test_files_of_another_format_have_no_likeness(tmp_path: Path, known: Likenesses) -> None:
    path = write_gguf(tmp_path / "a.gguf", {"a": ("F16", (4,))})
    assert begin_header(path).likeness == b""
    told(path, known)
    assert not is_known(path, known)


def test_it_begins_anew_after_so_many(tmp_path: Path) -> None:
    known = Likenesses(most=2)
    paths = [write_plain(tmp_path / f"{size}.safetensors", {"a": (size,)}) for size in (1, 2, 3)]
    for path in paths:
        told(path, known)
    assert [is_known(path, known) for path in paths] == [False, False, True]
