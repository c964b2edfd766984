"""The example sets that the training examples learn from: drawings of one striped cat, and scenes as blueprints.

    python -m tools.training_sets.write

writes them, always the same, to `workflows/pictures/striped-cat` and `workflows/pictures/blueprint`.

- `striped_cat`: one particular cat, which the bundled model does not know
- `blueprint`: what makes a picture a blueprint
- `sets`: which scenes a set shows, and how they are worded
- `write`: writes the sets
"""
