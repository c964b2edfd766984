"""Pictures and latents that evolve by a partial differential equation: du/dt = laplace(u) + f(u, x).

One cell (a pixel, or a cell of a latent) is the unit of length, and the time is counted so that the factor of the
Laplacian is 1: without f, a time t is a Gaussian blur with the deviation sqrt(2 t). Fields are float32
[batch, channels, height, width]. It is a folder of its own, as nothing here needs a model and no model needs it.

- `contract`: what f is, and what an equation is solved with
- `stencil`: differences between neighbours, with edges that reflect or lead to the opposite side
- `forces`: the functions f that there are
- `explicit`: Euler's method in steps that are short enough to be stable
- `spectral`: exact in time for what does not depend on u, by Fourier's transform
- `implicit`: stable for steps of any length, with masks and edges, by conjugate gradients
- `solving`: which solver and how many steps; the run with progress and cancelling
- `fields`: IMAGE and LATENT as fields, and back
"""

from __future__ import annotations

from diffusion.equation import contract, fields, forces, solving

__all__ = ["contract", "fields", "forces", "solving"]
