"""How diffusion works: both languages say the same in the same order, formulas are those of the code, workflows run."""

import json
import math
import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import nodes
from diffusion.denoisers.contract import CONTEXT
from diffusion.guidance import Guidance
from diffusion.noise_models import FlowNoise, discrete_noise
from diffusion.samplers import SAMPLERS
from diffusion.samplers.euler import ancestral_levels
from diffusion.schedules import karras
from graph.api import Files, Registry
from graph.document import reader
from graph.engine import Engine
from nodes.tensor_values import CODECS
from tests.support.tiny_models import write_checkpoint

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
ENGLISH, CHINESE = DOCS / "how-diffusion-works.md", DOCS / "how-diffusion-works.zh.md"
WORKFLOWS = sorted((DOCS / "workflows").glob("*.json"))
MOST_BYTES = 600_000


def text_of(page):
    return page.read_text(encoding="utf-8")


def both(pattern):
    return [re.findall(pattern, text_of(page), re.MULTILINE) for page in (ENGLISH, CHINESE)]


# --- the two pages


@pytest.mark.parametrize(
    "pattern",
    [
        r"^(#+) ",
        r"!\[[^\]]*\]\(([^)]*)\)",
        r"\]\((workflows/[^)]*)\)",
        r"arXiv\s+(\d{4}\.\d{5})",
        r"`((?:diffusion)/[^`]*)`",
        r"^(\|)",
        r"^(\d\.|-) ",
    ],
    ids=["headings", "pictures", "workflows", "papers", "files", "rows of tables", "points of lists"],
)
def test_both_languages_have_the_same_in_the_same_order(pattern):
    english, chinese = both(pattern)
    assert english == chinese
    assert len(english) > 4


def test_both_languages_have_the_same_equations():
    english, chinese = both(r"\$\$(.+)\$\$")
    assert [re.sub(r"\\text\{[^}]*\}", "", each) for each in english] == [
        re.sub(r"\\text\{[^}]*\}", "", each) for each in chinese
    ]
    assert len(english) > 10


def test_the_chinese_page_is_chinese_and_each_leads_to_the_other():
    letters = re.sub(r"`[^`]*`|\$[^$]*\$|\([^)]*\)", "", text_of(CHINESE))
    assert len(re.findall(r"[\u4e00-\u9fff]", letters)) > 2500
    assert f"({CHINESE.name})" in text_of(ENGLISH)
    assert f"({ENGLISH.name})" in text_of(CHINESE)


def test_what_the_pages_name_is_there_and_small():
    pictures, workflows = (both(pattern)[0] for pattern in (r"\]\((images/[^)]*)\)", r"\]\((workflows/[^)]*)\)"))
    assert {DOCS / name for name in workflows} == set(WORKFLOWS)
    assert {(DOCS / name).stem.removeprefix("how-") for name in pictures} == {path.stem for path in WORKFLOWS}
    assert sum((DOCS / name).stat().st_size for name in pictures) < MOST_BYTES
    for name in both(r"`(diffusion/[^`]*)`")[0]:
        assert (ROOT / name).exists(), name


def test_others_lead_to_it():
    for page in (ROOT / "README.md", DOCS / "editor.md"):
        assert ENGLISH.name in text_of(page)
        assert CHINESE.name in text_of(page)


# --- the formulas


SIGMAS = (0.05, 0.6, 3.0, 14.0)


@pytest.mark.parametrize("sigma", SIGMAS)
def test_noise_and_v_stand_for_the_clean_picture_as_the_page_says(sigma):
    x0, noise = np.array([0.7, -1.2]), np.array([-0.4, 0.9])
    x = x0 + sigma * noise
    alpha = 1 / (1 + sigma**2)
    assert sigma == pytest.approx(math.sqrt((1 - alpha) / alpha))
    assert np.allclose(discrete_noise().scale_input(x, sigma), math.sqrt(alpha) * x0 + math.sqrt(1 - alpha) * noise)
    v = math.sqrt(alpha) * noise - math.sqrt(1 - alpha) * x0
    assert np.allclose(discrete_noise().x0(x, noise, sigma), x0)
    assert np.allclose(discrete_noise("v_prediction").x0(x, v, sigma), x0)
    assert np.allclose(x / (sigma**2 + 1) - sigma / math.sqrt(sigma**2 + 1) * v, x0)


@pytest.mark.parametrize("sigma", [0.05, 0.5, 0.98])
def test_flow_is_a_straight_line_with_the_same_equation(sigma):
    x0, noise = np.array([0.7, -1.2]), np.array([-0.4, 0.9])
    x = FlowNoise().add_noise(x0, noise, sigma)
    assert np.allclose(x, (1 - sigma) * x0 + sigma * noise)
    assert np.allclose(FlowNoise().x0(x, noise - x0, sigma), x0)
    assert np.allclose((x - x0) / sigma, noise - x0)
    assert FlowNoise(shift=3.0).sigma(1000 * sigma) == pytest.approx(3 * sigma / (1 + 2 * sigma))


def test_the_levels_of_stable_diffusion_and_of_karras_are_those_of_the_page():
    model = discrete_noise()
    assert (round(model.sigma_min, 2), round(model.sigma_max, 1)) == (0.03, 14.6)
    high, low = model.sigma_max ** (1 / 7), model.sigma_min ** (1 / 7)
    expected = [(high + step / 9 * (low - high)) ** 7 for step in range(10)]
    assert karras(model, 10) == pytest.approx([*expected, 0.0])


def test_the_flow_of_probability_carries_a_gaussian_to_its_own_width():
    """Of a Gaussian of deviation s, E[x0|x] is x s^2 / (s^2 + sigma^2), and x ends at x s / sqrt(s^2 + sigma^2)."""
    s, sigma = 0.8, 10.0
    end = s / math.sqrt(s**2 + sigma**2)

    def solved(name, steps):
        levels = [*np.geomspace(sigma, 1e-3, steps), 0.0]
        run = SAMPLERS[name].sampling(1.0, levels, lambda *_: 0.0)
        x, level = next(run)
        while True:
            try:
                x, level = run.send(x * s**2 / (s**2 + level**2))
            except StopIteration as done:
                return done.value

    euler, heun = ([abs(solved(name, steps) - end) for steps in (50, 100)] for name in ("euler", "heun"))
    assert euler[0] / euler[1] == pytest.approx(2, rel=0.15)
    assert heun[0] / heun[1] == pytest.approx(4, rel=0.25)
    assert heun[0] < euler[1] < 0.01


def test_the_score_of_a_gaussian_is_the_clean_picture_in_disguise():
    s, sigma, x, tiny = 0.8, 1.5, 0.6, 1e-5

    def log_density(at):
        return -(at**2) / (2 * (s**2 + sigma**2))

    x0 = x * s**2 / (s**2 + sigma**2)
    assert -(x - x0) / sigma**2 == pytest.approx((log_density(x + tiny) - log_density(x - tiny)) / (2 * tiny), rel=1e-6)


def test_ancestral_steps_go_down_and_up_to_the_same_level():
    down, up = ancestral_levels(3.0, 2.0)
    assert up**2 == pytest.approx(2.0**2 * (3.0**2 - 2.0**2) / 3.0**2)
    assert down**2 + up**2 == pytest.approx(2.0**2)


def test_guidance_goes_from_the_second_answer_to_the_first_and_beyond():
    def side(answer):
        conditions = {CONTEXT: torch.full((1, 1, 1), answer)}
        return SimpleNamespace(
            applies_at=lambda _: True, cut=lambda x: x, conditions=conditions, everywhere=True, weight=1.0
        )

    def denoiser(x, _, conditions):
        return conditions[CONTEXT].view(-1, 1, 1, 1).expand_as(x)

    guided = Guidance(denoiser, [side(0.5)], [side(0.2)], 3.0)
    assert guided(torch.zeros(1, 4, 2, 2), 1.0).unique().tolist() == pytest.approx([0.2 + 3 * (0.5 - 0.2)])


# --- the workflows


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_introduces_itself_and_fits_the_built_in_nodes(path):
    registry = Registry()
    nodes.add_to(registry)
    workflow = reader.read(path)
    assert workflow.title
    assert workflow.description
    for node in workflow.nodes.values():
        assert set(node.inputs) <= set(registry.get(node.type).by_name)


@pytest.mark.long
@pytest.mark.network
def test_every_workflow_runs_at_a_reduced_size(tmp_path):
    write_checkpoint(tmp_path / "checkpoints" / "picturebook")
    folders = {kind: [tmp_path / kind] for kind in ("checkpoints", "vae", "output", "temp")}
    registry = Registry()
    nodes.add_to(registry)
    files = Files({**folders, "input": [ROOT / "workflows" / "pictures"]})
    for kind in ("output", "temp", "vae"):
        (tmp_path / kind).mkdir()
    with Engine(registry, files, codecs=CODECS) as engine:
        for path in WORKFLOWS:
            document = json.loads(path.read_text(encoding="utf-8"))
            for node in document["nodes"].values():
                small = {"steps": 2, "width": 64, "height": 64, "time": 0.5, "cfg": 1.0}
                node["inputs"].update({name: value for name, value in small.items() if name in node["inputs"]})
            outcome = engine.run(reader.from_json(document))
            assert outcome.status == "finished", (path.stem, [str(problem) for problem in outcome.problems])
            made = [artifact for shown in outcome.artifacts.values() for artifact in shown]
            kept = [node for node in document["nodes"].values() if node["type"] == "SaveImage"]
            assert len([each for each in made if each.folder == "output"]) == len(kept)
