"""The shapes of everything that crosses a border of the server, each declared once, by topic.

From these declarations come the checks of what is received, the JSON that is sent, the OpenAPI document and the types
of the editor (`tools/typescript_types.py`). What the engine's own records say is read off its dataclasses. No behaviour
lives here: who fills a shape, and what a request does, is in the wings above.

- `artifacts`: pictures and other files that runs made
- `encoding`: a shape as JSON
- `events`: the events of a run, as clients see them
- `engine_records`: shapes of the engine's dataclasses
- `explanations`: what each node of a run did, and why
- `files`: choices of file inputs, uploads
- `messages`: the websocket's messages, both ways
- `models`: model files: what each is, what goes with it, or why it cannot be used
- `node_types`: node types, widgets and packs
- `parameters`: query and header parameters
- `problems`: problems, warnings and errors
- `runs`: runs, the states of their nodes, requests about them
- `schema`: the JSON Schemas of shapes, under their names
- `system`: the installation and its worker
- `worker_messages`: what server and worker send each other
- `workflows`: saved workflows and templates
"""
