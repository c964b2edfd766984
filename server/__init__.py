"""The server: HTTP and websockets, the run queue, the event log, and the watch over the worker.

Never runs a node and imports no torch: `commands/serve.py` hands it the folders, and the command line of the worker,
which sends the catalogue of node types when it is up. The rooms, from the outside in:

- `application` joins them; `routing`, `security` and `api/` answer requests; `openapi` describes them
- the door: `listening` opens sockets, `names` tells which names and origins are ours, `credentials` who asks, by the
  token or by `sessions`; `sign_in` begins these, by `launch` codes or by the token, whose wrong ones `guesses` slows
  down; `opening` is how a person of this machine finds the server
- `run_queue` is what clients may do with runs; `run_book` holds their order, `run_desk` and `run_work` the one that is
  being worked on, `run_store` and `database` keep them
- `supervisor` keeps a `worker` alive; `worker_process` is one in a process of its own, spoken to in `frames`
- `hub` numbers events and keeps the latest for clients that come back; `websocket` is their door
- `catalogue`, `documents`, `uploads`, `thumbnails`, `picture_threads` and `tidying` each keep what their name says
"""
