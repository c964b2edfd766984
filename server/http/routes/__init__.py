"""The answers to requests, one topic a file; each ends with its routes.

What the answers do is in the wings below.

- `files`: pictures and other files of the user
- `packs`: packs
- `runs`: runs
- `system`: what there is here
- `workflows`: saved workflows
"""
