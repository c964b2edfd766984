"""LoRAs on handles: nothing is changed before a model paints or reads, and nobody else notices."""

import threading
from dataclasses import replace

import pytest
import torch

from diffusion.errors import Cancelled, DiffusionError
from diffusion.loras.changes import Difference
from diffusion.loras.lora import Lora
from diffusion.model_sampling import discrete
from diffusion.sample import sample
from diffusion.text_encoding import encode
from graph.results.sizes import measure
from nodes.tensor_values import CODECS
from tests.support import tiny_families
from tests.support.loras import assert_untouched, for_module, snapshot

pytestmark = pytest.mark.network

ENDS = ("to_q", "to_v", "conv1", "q_proj", "fc1")
LATENT = {"samples": torch.zeros(1, 4, 8, 8)}


def paint(model, prompts, **settings):
    positive, negative = prompts
    settings = {"seed": 1, "steps": 2, "cfg": 3.0, "sampler_name": "euler", "scheduler": "normal"} | settings
    return sample(model, positive, negative, LATENT, **settings)["samples"]


def change(first, second):
    """The largest difference, as a part of the largest value."""
    return float((first - second).abs().max() / second.abs().max())


@pytest.fixture(scope="module")
def lora(checkpoint):
    return for_module(checkpoint.model.module, ends=ENDS)


@pytest.fixture(scope="module")
def text_lora(checkpoint):
    return for_module(checkpoint.clip.parts["clip_l"].module, "clip_l", ends=ENDS)


def test_a_picture_before_with_and_after(checkpoint, prompts, lora):
    model = checkpoint.model
    before, weights = paint(model, prompts), snapshot(model.module)
    with_lora = model.with_lora(lora, 1.0)
    assert_untouched(model.module, weights)
    painted = paint(with_lora, prompts)
    assert_untouched(model.module, weights)
    assert change(painted, before) > 1e-2
    assert torch.equal(paint(model, prompts), before)
    assert torch.equal(paint(with_lora, prompts), painted)


def test_zero_is_the_handle_itself_and_less_leads_the_other_way(checkpoint, prompts, lora):
    model = checkpoint.model
    assert model.with_lora(lora, 0.0) is model
    assert change(paint(model.with_lora(lora, -1.0), prompts), paint(model.with_lora(lora, 1.0), prompts)) > 1e-2


def test_several_add_and_their_order_does_not_count(checkpoint, prompts, lora):
    model = checkpoint.model
    other = for_module(model.module, ends=ENDS, seed=5)
    one_way = paint(model.with_lora(lora, 0.5).with_lora(other, 0.25), prompts)
    other_way = paint(model.with_lora(other, 0.25).with_lora(lora, 0.5), prompts)
    assert change(one_way, other_way) < 1e-4
    halves = paint(model.with_lora(lora, 0.5).with_lora(lora, 0.5), prompts)
    assert change(halves, paint(model.with_lora(lora, 1.0), prompts)) < 1e-4
    assert change(paint(model.with_lora(lora, 1.0).with_lora(lora, -1.0), prompts), paint(model, prompts)) < 1e-4


def test_cancelling_leaves_the_model_as_it_was(checkpoint, prompts, lora):
    model = checkpoint.model
    weights, asked = snapshot(model.module), []

    def cancelled():
        asked.append(1)
        return len(asked) > len(lora.changes()) + 4  # inside the first step, when all are merged

    with pytest.raises(Cancelled):
        paint(model.with_lora(lora, 1.0), prompts, cancelled=cancelled)
    assert_untouched(model.module, weights)


def test_two_runs_on_one_model_do_not_disturb_each_other(checkpoint, prompts, lora):
    models = [checkpoint.model, checkpoint.model.with_lora(lora, 1.0), checkpoint.model.with_lora(lora, -1.0)]
    alone = [paint(model, prompts) for model in models]
    found = {}

    def work(number):
        found[number] = [paint(models[number], prompts) for _ in range(2)]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, pictures in found.items():
        for picture in pictures:
            assert torch.equal(picture, alone[number])


def test_other_changes_of_a_handle_keep_it(checkpoint, lora):
    assert discrete(checkpoint.model.with_lora(lora, 1.0), "v_prediction").patches == ((lora, 1.0),)


def test_text_before_with_and_after(checkpoint, text_lora):
    clip = checkpoint.clip
    module = clip.parts["clip_l"].module
    before, weights = encode(clip, "a cat"), snapshot(module)
    changed = encode(clip.with_lora(text_lora, 1.0), "a cat")
    assert_untouched(module, weights)
    assert change(changed[0][0], before[0][0]) > 1e-2
    assert torch.equal(encode(clip, "a cat")[0][0], before[0][0])
    assert clip.with_lora(text_lora, 0.0) is clip
    assert clip.with_lora(text_lora, 1.0).with_stop_at_layer(-2).patches == ((text_lora, 1.0),)


def test_each_handle_takes_its_own_part(checkpoint, lora, text_lora):
    both = Lora({**lora.layers, **text_lora.layers})
    assert checkpoint.model.with_lora(text_lora, 1.0) is checkpoint.model
    assert checkpoint.clip.with_lora(lora, 1.0) is checkpoint.clip
    assert len(checkpoint.model.with_lora(both, 1.0).patches) == len(checkpoint.clip.with_lora(both, 1.0).patches) == 1


def test_what_does_not_fit_is_refused_before_anything_is_painted(checkpoint, lora):
    model, clip = checkpoint.model, checkpoint.clip
    with pytest.raises(DiffusionError, match="made for Stable Diffusion XL, and the model is Stable Diffusion 1"):
        model.with_lora(replace(lora, family="sdxl"), 1.0)
    with pytest.raises(DiffusionError, match=r"Chroma.*choose a LoRA for Stable Diffusion 1"):
        model.with_lora(replace(lora, family="chroma"), 1.0)
    with pytest.raises(DiffusionError, match="conv_in, it is for a layer of the shape"):
        model.with_lora(Lora({"denoiser": {"conv_in": Difference(torch.ones(3))}}), 1.0)
    with pytest.raises(DiffusionError, match="no such layer"):
        clip.with_lora(Lora({"clip_l": {"nowhere": Difference(torch.ones(3))}}), 1.0)
    with pytest.raises(DiffusionError, match="strength nan"):
        model.with_lora(lora, float("nan"))


def test_a_handle_weighs_its_lora_once_beside_the_weights_that_all_share(checkpoint, lora):
    def size(*handles):
        return sum(measure(list(handles), CODECS)[1].values())

    model = checkpoint.model
    first, second = model.with_lora(lora, 1.0), model.with_lora(lora, 0.5)
    assert size(model, first, second) == size(first) == size(model) + lora.nbytes


@pytest.mark.parametrize(("family", "variant"), tiny_families.PLAIN)
def test_each_family_paints_with_a_lora(family, variant):
    model = tiny_families.shared(family, variant)
    prompt = tiny_families.prompt(model, seed=1)
    lora = for_module(model.module, ends=("to_q", "proj_mlp", "linear_1"), family=family)
    latent = {"samples": torch.zeros(1, model.latent_format.channels, 8, 8)}
    settings = {"seed": 1, "steps": 1, "cfg": 1.0, "sampler_name": "euler", "scheduler": "normal"}
    weights = snapshot(model.module)
    plain, painted = (
        sample(handle, prompt, prompt, latent, **settings)["samples"] for handle in (model, model.with_lora(lora, 1.0))
    )
    assert change(plain, painted) > 1e-3
    assert_untouched(model.module, weights)
