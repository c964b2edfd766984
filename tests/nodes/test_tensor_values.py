"""Tensors and arrays as the engine sees them: told apart, counted once, stored and restored without loss."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load

from graph.caching.disk.safetensors_file import read_from, to_pieces
from graph.caching.disk.serialization import pack, unpack
from graph.results.fingerprint import Fingerprinter
from graph.results.sizes import measure
from nodes.tensor_values import CODECS

MARKS = Fingerprinter(CODECS)
ROOT = Path(__file__).resolve().parents[2]


def again(value):
    """What comes back from a file."""
    data = b"".join(to_pieces(pack(value, CODECS)))
    return unpack(*read_from(io.BytesIO(data), len(data)), CODECS)


TORCH_TYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64, torch.uint16, torch.uint32,
    torch.uint64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64, torch.complex64, torch.complex128,
    torch.float8_e4m3fn, torch.float8_e5m2,
]  # fmt: skip
NUMPY_TYPES = ["bool", "u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8", "c8", "c16"]
SHAPES = [(), (5,), (2, 3, 4), (0,), (3, 0, 2)]


@pytest.mark.parametrize("dtype", TORCH_TYPES, ids=str)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_tensors_of_every_type_and_shape_come_back(dtype, shape):
    tensor = (torch.rand(shape) * 3).to(dtype)
    back = again(tensor)
    assert (back.dtype, back.shape, back.device.type) == (dtype, tensor.shape, "cpu")
    assert MARKS.of(back) == MARKS.of(tensor) is not None
    assert CODECS[0].buffer(back).tobytes() == CODECS[0].buffer(tensor).tobytes()
    if not str(dtype).startswith("torch.float8"):
        assert torch.equal(back, tensor)


@pytest.mark.parametrize("dtype", NUMPY_TYPES)
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_arrays_of_every_type_and_shape_come_back(dtype, shape):
    array = np.asarray(np.random.default_rng(0).random(shape) * 3).astype(dtype)
    back = again(array)
    assert (type(back), back.dtype, back.shape) == (np.ndarray, array.dtype, array.shape)
    assert np.array_equal(back, array)
    assert back.flags.writeable
    assert MARKS.of(back) == MARKS.of(array)


def test_scalars_of_numpy_come_back_as_such():
    for scalar in (np.float32(1.5), np.int64(-3), np.bool_(True)):
        assert type(again(scalar)) is type(scalar)
        assert again(scalar) == scalar
        assert MARKS.of(scalar) != MARKS.of(np.asarray(scalar))


@pytest.mark.parametrize(
    "change",
    [
        lambda x: x[::2], lambda x: x.T, lambda x: x[:, 1:3], lambda x: x.flip(0), lambda x: x[3:4].expand(5, 6),
        lambda x: torch.complex(x, x).conj(), lambda x: torch.complex(x, x).conj().imag,
    ],
    ids=["steps", "turned", "cut", "flipped", "expanded", "conjugated", "negated"],
)  # fmt: skip
def test_how_a_tensor_lies_in_memory_does_not_matter(change):
    tensor = change(torch.arange(36.0).reshape(6, 6))
    copy = tensor.clone(memory_format=torch.contiguous_format).resolve_conj().resolve_neg()
    assert MARKS.of(tensor) == MARKS.of(copy)
    assert torch.equal(again(tensor), tensor)


def test_what_differs_in_anything_has_another_mark():
    x = torch.arange(6.0)
    values = [
        x, x.reshape(2, 3), x.reshape(3, 2), x.to(torch.float64), x.to(torch.int32), x + 1, x.numpy(), [x], (x,),
        {"x": x}, x.numpy().reshape(2, 3), torch.tensor(0.0), torch.zeros(1), np.zeros(()), np.float64(0), 0.0,
        torch.zeros(0), torch.zeros((0, 2)), torch.zeros((2, 0)),
    ]  # fmt: skip
    marks = [MARKS.of(value) for value in values]
    assert None not in marks
    assert len(set(marks)) == len(marks)


def test_made_in_inference_mode_or_not_is_the_same_content():
    with torch.inference_mode():
        inside = torch.arange(6.0)
    assert MARKS.of(inside) == MARKS.of(torch.arange(6.0))
    assert torch.equal(again(inside), torch.arange(6.0))


class OwnTensor(torch.Tensor):
    pass


@pytest.mark.parametrize(
    "value",
    [
        torch.eye(3).to_sparse(), torch.empty(3, device="meta"), torch.nn.Parameter(torch.zeros(3)),
        torch.zeros(3, requires_grad=True), torch.zeros(3).as_subclass(OwnTensor), torch.nn.Linear(2, 2),
        np.array([object()]), np.array(["text"]), np.zeros(3, ">f4"), np.zeros(3, "f4,i4"), np.zeros(3, np.longdouble),
        np.ma.zeros(3), np.array(["2020"], "M8[Y]"), torch.float32,
    ],
    ids=lambda value: f"{type(value).__name__}-{getattr(value, 'dtype', '')}",
)  # fmt: skip
def test_what_is_not_plain_is_unknown(value):
    assert MARKS.of(value) is None
    assert pack([value], CODECS) is None
    own, pieces = measure((value,), CODECS)
    assert own + sum(pieces.values()) > 0


@pytest.mark.filterwarnings("ignore:The PyTorch API of nested tensors")
def test_a_nested_tensor_that_says_that_it_is_strided_is_unknown():
    nested = torch.nested.nested_tensor([torch.zeros(2), torch.zeros(3)])
    assert nested.layout is torch.strided
    assert not CODECS[0].owns(nested)
    assert MARKS.of([nested]) is None
    assert pack([nested], CODECS) is None


def test_a_latent_and_a_conditioning_come_back_and_share_what_they_shared():
    mask = torch.ones(1, 8, 8)
    latent = {"samples": torch.rand(1, 4, 8, 8), "noise_mask": mask, "batch_index": [0, 1]}
    conditioning = [[torch.rand(1, 77, 8).to(torch.bfloat16), {"mask": mask, "strength": 0.5, "area": (1, 2, 3, 4)}]]
    back = again([latent, conditioning])
    assert MARKS.of(back) == MARKS.of([latent, conditioning])
    assert back[0]["noise_mask"] is back[1][0][1]["mask"]
    assert back[1][0][1]["area"] == (1, 2, 3, 4)


def test_other_programs_find_the_tensors():
    tensor = torch.rand(2, 3).to(torch.bfloat16)
    found = load(b"".join(to_pieces(pack({"samples": tensor}, CODECS))))
    assert torch.equal(next(iter(found.values())), tensor)


def test_a_tensor_that_comes_back_can_be_changed_without_changing_another():
    one, two = again([torch.zeros(3), torch.zeros(3)])
    one += 1
    assert torch.equal(two, torch.zeros(3))


@pytest.mark.parametrize(
    ("dtype", "shape"), [("float32", (3,)), ("float32", (-1, -2)), ("object", (2,)), ("Tensor", (8,))]
)
@pytest.mark.parametrize("codec", CODECS, ids=lambda codec: codec.name)
def test_bytes_that_do_not_fit_are_refused(codec, dtype, shape):
    with pytest.raises(ValueError):
        codec.restore(dtype, shape, bytearray(8))


def pieces(value):
    return measure(value, CODECS)[1]


def test_all_views_of_a_tensor_are_one_piece_of_its_whole_storage():
    tensor = torch.zeros(1000)
    views = [tensor[3:5], tensor.reshape(10, 100).T, tensor.numpy(), tensor.numpy()[2:], tensor.view(torch.int32)]
    found = pieces([tensor, *views])
    assert list(found.values()) == [4000]
    assert pieces([tensor, tensor.clone()]).keys() > pieces(tensor).keys()


def test_all_views_of_an_array_are_one_piece_and_so_is_a_tensor_on_it():
    array = np.zeros(1000, np.float32)
    found = pieces([array[1:], array[2:][3:], array.reshape(10, 100).T, torch.from_numpy(array)])
    assert list(found.values()) == [4000]


def test_what_is_empty_holds_nothing():
    assert pieces([torch.zeros(0), np.zeros(0), np.float32(1)]) == {}


def test_contiguous_memory_is_not_copied():
    tensor, array = torch.zeros(10), np.zeros(10)
    for codec, value, pointer in zip(
        CODECS, (tensor, array), (tensor.data_ptr(), array.__array_interface__["data"][0]), strict=True
    ):
        assert np.frombuffer(codec.buffer(value), np.uint8).__array_interface__["data"][0] == pointer


@pytest.mark.process
def test_nothing_is_loaded_before_a_value_is_there():
    code = (
        "import sys\nfrom nodes.tensor_values import CODECS\nfrom graph.results.fingerprint import Fingerprinter\n"
        "Fingerprinter(CODECS).of([1, {'a': object()}])\nprint({'torch', 'numpy'} & set(sys.modules))"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
