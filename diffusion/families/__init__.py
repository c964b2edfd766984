"""The families of models, one file each, and the table of them. Free of torch.

- `family`: what a family declares
- `latent_format`: how latents of a VAE look to a model
"""
