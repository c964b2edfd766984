"""From a document with sub-workflows to one without, and sub-workflows as values of loops.

Builds no graph: `graph.building` takes what comes out.

- `body_bypass`: takes bypassed nodes out of the way inside of a body, where what comes in is not connected to
- `bypass`: what a bypassed node hands on
- `flatten`: from a document with sub-workflows to one without
- `inline`: unfolding
- `instance_types`: what a sub-workflow looks like from outside
- `make_body`: makes a `Body` of a definition
- `name_words`: where the words of the workflow in the names of files get their values
- `nesting`: which sub-workflows lie in which
- `problems`: what can be wrong with sub-workflows, in words
"""
