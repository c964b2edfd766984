"""The routes of the API, one topic a file; each file ends with its declared routes.

A route parses its request and calls a service; the work itself is in the wings below.

- `files`: the gallery, files, thumbnails and uploads
- `models`: what the model files are
- `packs`: loads the packs again
- `runs`: submit, list, read, cancel, move and delete runs
- `system`: versions, worker, node types and choices
- `templates`: the example workflows
- `workflows`: saved workflows and their versions
"""
