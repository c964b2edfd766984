"""The server: HTTP and websockets, the queue of runs, the log of events, and the supervision of the worker.

It runs no node and imports no torch: `commands/serve.py` passes it the folders and the command of the worker, which
reports its catalogue of node types. `README.md` tells how a request, a submission and a run go through the wings.

- `answers`: makes JSON answers from structs
- `application`: builds the parts of the server, starts and closes them
- `errors`: errors of the API, with status, code, sentence and remedy
- `hub`: numbers messages to clients, and keeps the latest for clients that come back
- `limits`: limits on what clients may use
- `services`: the parts of the server by name
- `settings`: the settings of a server, fixed at its start
- `signals`: events among the parts of the server
"""
