"""How the network of each family is asked, in one form for all: (x, noise level, conditions) -> the clean latent.

- `contract`: the form
- `beside`: latents and masks that a network sees beside x: inpainting, editing by instruction, control
- `flux`, `sd3`, `sdxl`, `unet`: the denoisers
- `patches`: latents as patches: sides made a multiple of them, and packed tokens
- `prompt`: what of a prompt's entry every network needs: its tokens and its pooled vector
- `references`: pictures that a network refers to, as tokens of their own
"""
