"""Pickles: weight files in the form of torch.save. They are never opened, for opening one can run code."""

from __future__ import annotations

SUFFIXES = (".ckpt", ".pt", ".pt2", ".pth", ".bin", ".pkl")

PROBLEM = "It is a pickle, which can run code when it is opened, so it is never opened here."
REMEDY = "Make a safetensors file of it: python main.py convert FILE."
