"""What is known of the model files of an installation: recognised once, remembered, and corrected by persons.

What a file is, `diffusion.model_files` tells from its header; no room here imports torch, and none opens weights.

- `clashes`: which nodes of a graph would be given parts that cannot work together
- `homes`: which folder files of a kind go into
- `identity`: whether a file is the one of before, and whether two are copies of each other
- `library`: what files are, from memory where they are known, read where they are not
- `listing`: the list of all models for the command line and the editor, with how far it is
- `memory`: what was found out about files, in a database that may be thrown away
- `named`: a checkpoint by its name or path
- `opening`: the library of an installation
- `overrides`: what persons set against how files look
- `parts`: what the files of loaders give
- `readers`: how many files are looked at at once
- `words`: sentences about files, as parts of other sentences
"""
