"""The samplers by the field's names, in the field's order. Free of torch: a sampler only adds and multiplies."""

from __future__ import annotations

from diffusion.samplers import flow
from diffusion.samplers.contract import Sampler, Sampling, StepNoise
from diffusion.samplers.dpm_2 import dpm_2, dpm_2_ancestral
from diffusion.samplers.dpmpp_2m import dpmpp_2m
from diffusion.samplers.dpmpp_2m_sde import dpmpp_2m_sde
from diffusion.samplers.dpmpp_2s_ancestral import dpmpp_2s_ancestral
from diffusion.samplers.dpmpp_3m_sde import dpmpp_3m_sde
from diffusion.samplers.dpmpp_sde import dpmpp_sde
from diffusion.samplers.euler import euler, euler_ancestral
from diffusion.samplers.heun import heun
from diffusion.samplers.lcm import lcm
from diffusion.samplers.lms import lms

__all__ = ["SAMPLERS", "Sampler", "Sampling", "StepNoise"]

_ALL = (
    Sampler("euler", euler),
    Sampler("euler_ancestral", euler_ancestral, noise="white", flow=flow.euler_ancestral),
    Sampler("heun", heun, calls_per_step=2),
    Sampler("dpm_2", dpm_2, calls_per_step=2, discard_penultimate=True),
    Sampler(
        "dpm_2_ancestral",
        dpm_2_ancestral,
        noise="white",
        calls_per_step=2,
        discard_penultimate=True,
        flow=flow.dpm_2_ancestral,
    ),
    Sampler("lms", lms),
    Sampler("dpmpp_2s_ancestral", dpmpp_2s_ancestral, noise="white", calls_per_step=2, flow=flow.dpmpp_2s_ancestral),
    Sampler("dpmpp_sde", dpmpp_sde, noise="brownian", calls_per_step=2, flow=flow.by_ratio(dpmpp_sde)),
    Sampler("dpmpp_2m", dpmpp_2m),
    Sampler("dpmpp_2m_sde", dpmpp_2m_sde, noise="brownian", flow=flow.by_ratio(dpmpp_2m_sde)),
    Sampler("dpmpp_3m_sde", dpmpp_3m_sde, noise="brownian", flow=flow.by_ratio(dpmpp_3m_sde)),
    Sampler("lcm", lcm, noise="white", flow=flow.lcm),
    # Without added noise DDIM is Euler's method in sigma (arXiv 2010.02502, equation 14).
    Sampler("ddim", euler, own_mask_noise=True),
)

SAMPLERS: dict[str, Sampler] = {sampler.name: sampler for sampler in _ALL}
