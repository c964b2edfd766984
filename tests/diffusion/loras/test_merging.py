"""LoRAs are in a module while it works, and leave it as it was, to the last bit and object."""

import threading

import pytest
import torch
from torch import nn

from diffusion.errors import Cancelled, DiffusionError
from diffusion.loras import merging
from diffusion.loras.changes import Difference, LowRank, Oft
from diffusion.loras.lora import Lora
from diffusion.loras.merging import merged
from diffusion.stored.modules import StoredWeight, place
from diffusion.stored.plain import Plain
from diffusion.stored.scaled import Scaled
from tests.support.loras import assert_untouched, for_module, low_rank, snapshot


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.conv, self.last = nn.Linear(4, 6), nn.Conv2d(6, 3, 3, padding=1), nn.Linear(3, 2)
        self.requires_grad_(requires_grad=False)

    def forward(self, x):
        return self.last(self.conv(self.first(x).movedim(-1, 1)).movedim(1, -1))


X = torch.randn(1, 5, 5, 4, generator=torch.Generator().manual_seed(1))
PATHS = ("first", "conv", "last")


def net(form="fp32"):
    made = Net()
    if form == "fp8":
        for path in PATHS:
            place(made, f"{path}.weight", Plain(getattr(made, path).weight.data.to(torch.float8_e4m3fn)), torch.float32)
    elif form == "int8":
        for path in PATHS:
            whole = getattr(made, path).weight.data
            scale = whole.abs().max() / 127
            stored = Scaled((whole / scale).round().to(torch.int8), scale.reshape(1), 0)
            place(made, f"{path}.weight", stored, torch.float32)
    elif form != "fp32":
        made.to(getattr(torch, form))
    return made


def explicit(module, *patches):
    """A module of torch whose weights are the sums, in float32."""
    made = Net()
    for path in PATHS:
        layer = getattr(module, path)
        stored = layer.stored.widen(torch.float32) if isinstance(layer, StoredWeight) else layer.weight.float()
        total = stored.clone()
        for lora, strength in patches:
            if change := lora.layers["denoiser"].get(path):
                total += strength * change.delta(stored)
        getattr(made, path).weight.data = total
        getattr(made, path).bias.data = layer.bias.float()
    return made


@pytest.mark.parametrize("form", ["fp32", "bfloat16", "fp8", "int8"])
@pytest.mark.parametrize("strengths", [(1.0,), (-0.5,), (0.7, 0.3)])
def test_the_result_is_that_of_summed_weights(form, strengths):
    module = net(form)
    patches = [(for_module(Net(), ends=PATHS, seed=number), s) for number, s in enumerate(strengths)]
    before = snapshot(module)
    x = X.to(torch.bfloat16) if form == "bfloat16" else X
    plain = module(x)
    with merged(module, "denoiser", patches):
        with_loras = module(x)
    wanted = explicit(module, *patches)(X)
    tolerance = 0.1 if form == "bfloat16" else 1e-5
    torch.testing.assert_close(with_loras.float(), wanted, atol=tolerance, rtol=tolerance)
    assert (with_loras - plain).abs().max() > 0.05
    assert_untouched(module, before)
    assert torch.equal(module(x), plain)


def test_plain_weights_are_merged_once_and_stored_ones_stay_as_they_are():
    module, small = net(), net("fp8")
    lora = for_module(Net(), ends=PATHS)
    raw = small.first.stored.tensors()["data"]
    with merged(module, "denoiser", [(lora, 1.0)]), merged(small, "denoiser", [(lora, 1.0)]):
        assert type(module.first) is nn.Linear
        assert type(module.conv) is nn.Conv2d
        assert isinstance(small.first, StoredWeight)
        assert small.first.stored.tensors()["data"] is raw


def test_without_room_changes_are_added_as_layers_compute(monkeypatch):
    module, lora = net(), for_module(Net(), ends=PATHS)
    before, wanted = snapshot(module), explicit(net(), (lora, 1.0))(X)
    monkeypatch.setattr(merging, "SMALL_BYTES", 0)
    monkeypatch.setattr(merging, "memory_left", lambda: 8)
    with merged(module, "denoiser", [(lora, 1.0)]):
        assert isinstance(module.first, StoredWeight)
        assert module.first.stored.tensors()["data"].data_ptr() == before["first.weight"][1]
        torch.testing.assert_close(module(X), wanted, atol=1e-5, rtol=1e-5)
    assert type(module.first) is nn.Linear
    assert_untouched(module, before)


def test_a_bias_may_change():
    module = net()
    lora = Lora({"denoiser": {"first.bias": Difference(torch.ones(6)), "last": Difference(torch.ones(2, 3))}})
    before = snapshot(module)
    with merged(module, "denoiser", [(lora, 2.0)]):
        assert torch.equal(module.first.bias, before["first.bias"][2] + 2)
        assert torch.equal(module.last.weight, before["last.weight"][2] + 2)
    assert_untouched(module, before)


def test_changes_that_depend_on_the_weight_see_it_without_the_others():
    module = net()
    turn = Lora({"denoiser": {"first": Oft(torch.randn(2, 3, 3))}})
    low = Lora({"denoiser": {"first": low_rank(module.first.weight)}})
    both = []
    for patches in ([(turn, 1.0), (low, 1.0)], [(low, 1.0), (turn, 1.0)]):
        with merged(module, "denoiser", patches):
            both.append(module.first.weight.clone())
    torch.testing.assert_close(both[0], both[1], atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("form", ["fp32", "fp8"])
@pytest.mark.parametrize("error", [Cancelled, KeyError])
def test_what_breaks_off_leaves_nothing_behind(form, error):
    module = net(form)
    before = snapshot(module)
    with pytest.raises(error), merged(module, "denoiser", [(for_module(Net(), ends=PATHS), 1.0)]):
        module(X)
        raise error
    assert_untouched(module, before)


def test_merging_itself_can_be_cancelled():
    module = net()
    before, asked = snapshot(module), iter([False, True])
    with (
        pytest.raises(Cancelled),
        merged(module, "denoiser", [(for_module(Net(), ends=PATHS), 1.0)], lambda: next(asked)),
    ):
        raise AssertionError
    assert_untouched(module, before)


@pytest.mark.parametrize(
    ("path", "change", "words"),
    [
        ("middle", Difference(torch.ones(1)), r"no layer \(middle\)"),
        ("first.weight.bias", Difference(torch.ones(1)), "no layer"),
        ("first", LowRank(torch.ones(1, 5), torch.ones(6, 1), 1.0), r"for a layer of the shape \[6, 5\]"),
    ],
)
def test_a_layer_that_is_not_there_is_an_error_and_changes_nothing(path, change, words):
    module = net()
    before = snapshot(module)
    layers = {"last": low_rank(module.last.weight), path: change}
    with pytest.raises(DiffusionError, match=words), merged(module, "denoiser", [(Lora({"denoiser": layers}), 1.0)]):
        raise AssertionError
    assert_untouched(module, before)


def test_merged_weights_can_be_used_in_inference_mode_and_after_it():
    module = net()
    with torch.inference_mode():
        lora = for_module(Net(), ends=PATHS)
        with merged(module, "denoiser", [(lora, 1.0)]):
            module(X)
    module.requires_grad_(requires_grad=True)
    module(X).sum().backward()
    assert module.first.weight.grad is not None


def test_of_other_parts_nothing_is_taken():
    module = net()
    before = snapshot(module)
    with merged(module, "clip_l", [(for_module(Net(), ends=PATHS), 1.0)]):
        assert_untouched(module, before)


def test_two_threads_under_one_lock_do_not_see_each_other():
    module, lock = net(), threading.RLock()
    loras = [for_module(Net(), ends=PATHS, seed=seed) for seed in (1, 2)]
    alone = [explicit(net(), (lora, 1.0))(X) for lora in loras]
    found: dict[int, list[torch.Tensor]] = {0: [], 1: []}

    def work(number):
        for _ in range(10):
            with lock, merged(module, "denoiser", [(loras[number], 1.0)]):
                found[number].append(module(X))

    threads = [threading.Thread(target=work, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in (0, 1):
        assert len(found[number]) == 10
        for result in found[number]:
            torch.testing.assert_close(result, alone[number], atol=1e-5, rtol=1e-5)
