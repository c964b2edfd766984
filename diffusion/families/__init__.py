"""The families of models, one file each, and the table of them. Free of torch.

- `family`: what a family declares
- `flux`, `sd1`, `sd2`, `sd3`, `sdxl`, `sdxl_refiner`: a family each
- `latent_format`: how latents of a VAE look to a model
- `table`: all of them by id
- `tensor_names`: what names and shapes of tensors say of a UNet, for families that recognise theirs
"""
