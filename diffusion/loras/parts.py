"""The parts of a model that a LoRA changes, by name. Free of torch."""

DENOISER = "denoiser"
PARTS = (DENOISER, "clip_l", "clip_g", "clip_h", "t5xxl")
"""The denoiser, and the roles of text encoders."""
BIAS = ".bias"
"""Behind the path of a layer: its bias, and not its weight."""
