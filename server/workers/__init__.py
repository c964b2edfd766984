"""The worker process: started, spoken with, checked, replaced; and why it died.

Which run it works on is decided in `server.runs`.

- `failures`: why a worker ended, in a word for programs and a sentence for people
- `frames`: frames
- `log_limit`: room in the log for what nodes print
- `message_checks`: what comes over the seam from a worker, looked at before anything else sees it
- `pack_log`: what the server's log says about packs, once a worker has reported them
- `process`: a worker in a process of its own, spoken to in frames over its standard input and output
- `supervisor`: keeps a worker alive
- `suspects`: who is to blame when a worker dies
- `warden`: sees to it that a worker, and all that it started, ends together with it and with the server
- `worker`: what the server asks of a worker
"""
