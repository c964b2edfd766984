"""The queue: submission, order, dispatch to the worker, and the record of each run.

Knows no HTTP.

- `artifacts`: what a run made to look at, folded from its events
- `attempt`: one attempt at a run: numbers, stores and publishes its events
- `attempts`: the attempts that are under way, and which run may begin beside them
- `database_reports`: what follows when the database reports trouble or damage
- `dispatcher`: the desk
- `documents`: the document of a run out of the database
- `endings`: how runs leave the desk
- `explanation`: what each node of a run did, and why
- `kept_events`: what is kept of a run's events
- `large_bodies`: a second process for bodies so large that reading them would hold up everybody else
- `large_bodies_process`: the program of the second process, which `server.runs.large_bodies` starts and asks; it
- `node_lookup`: the type of a node, looked up in a run's document
- `node_states`: what each node of a run is doing, folded from the run's events
- `prefetch`: tells the worker which runs come next, so that it does not forget what they will need
- `queue_order`: the book of runs
- `recovery`: the list of outputs, made again from the pictures themselves
- `rows`: a row of the table of runs as a run, whatever is in it
- `run`: one run as the queue knows it
- `run_queue`: what clients may do with runs
- `store`: runs, their events and their outputs in the database
- `submission`: from a submitted document to a run that may be queued
- `tables`: the tables of runs, their events and their outputs, and what brings a database of an earlier version up
- `warnings`: what the nodes of a run warned of, folded from its events
"""
