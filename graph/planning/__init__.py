"""What would run, what is reused, and why; the tasks that a run is made of.

Calls no node.

- `dry_run`: what a run would do with each node, and why, told without running anything
- `lookup`: what is remembered, as a run may use it
- `loop_order`: side effects of a loop's turns, in the order of the turns
- `plan`: what has to be done for some nodes, and what need not
- `plan_summary`: what is told of a run when it begins
- `run_reasons`: why a node is called
- `tasks`: what a run is made of
"""
