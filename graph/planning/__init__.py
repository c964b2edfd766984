"""What would run, what is reused, and why; the tasks that a run is made of.

Calls no node.

- `call_keys`: what identifies a call and what it gives
- `call_stages`: how a call goes on, and the table of what may follow what
- `dry_run`: what a run would do with each node, and why, without running anything
- `lookup`: the cache as a run may use it
- `loop_order`: side effects of a loop's turns, in the order of the turns
- `plan`: what has to run for some nodes, and what need not
- `plan_summary`: what is published of a run when it begins
- `reuse`: whether a call has to run at all: the chain of look-ups
- `run_reasons`: why a node is called
- `tasks`: what a run is made of: calls, streams and frames
"""
