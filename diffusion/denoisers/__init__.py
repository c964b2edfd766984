"""One denoiser per family: (x, sigma, context) -> x0."""
