"""The worker process: starts, supervises and replaces it, checks its messages, and explains its death.

Which run it works on is decided in `server.runs`.

- `failures`: the cause of a worker's death, as a code and a sentence
- `frames`: encodes and reads the frames between server and worker
- `log_limit`: limits the lines that nodes print into the log
- `message_checks`: validates the messages of a worker
- `pack_log`: logs the packs that a worker could not load
- `process`: a worker in a process, with frames over its standard input and output
- `supervisor`: keeps one worker alive
- `suspects`: finds the runs that may have caused the death of a worker
- `warden`: a program that ends a worker and all processes that it started, together with the server
- `worker`: the interface of a worker
"""
