"""The queue: submission, order, dispatch to the worker, and the record of each run.

Knows no HTTP.

- `artifacts`: folds the artifacts of a run from its events
- `attempt`: numbers, stores and publishes the events of one attempt at a run
- `attempts`: the active attempts, and which run may start beside them
- `database_reports`: reacts to trouble and damage of the database
- `dispatcher`: submits queued runs to the worker, and handles its messages
- `documents`: reads the document of a run from the database
- `endings`: ends attempts, or puts their runs back into the queue
- `explanation`: explains what each node of a run did and why
- `kept_events`: selects the events to store
- `large_bodies`: parses large bodies in a second process
- `large_bodies_process`: the program of that process
- `node_lookup`: finds the type of a node in a document
- `node_states`: folds the state of each node from the events of a run
- `prefetch`: sends the next runs to the worker, so that its cache keeps what they need
- `queue_order`: the order of the queue, in memory and in the database
- `recovery`: rebuilds the list of outputs from the pictures
- `rows`: reads a row of the table of runs, even if it is damaged
- `run`: the data of one run
- `run_queue`: everything that clients can do with runs
- `store`: reads and writes runs, events and outputs
- `submission`: checks a submitted document, and advances its seeds
- `tables`: the tables of runs, events and outputs, and their migrations
- `warnings`: folds the warnings of a run from its events
"""
