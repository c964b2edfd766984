"""The folders that nodes read and write, the rules for file names, and what folders list.

The content of files is the business of the nodes.

- `display_names`: paths in messages, without the places of this machine
- `file_kinds`: what the engine asks of those that know model files
- `folders`: the folders that nodes may read and write, by names that cannot escape them
- `listing`: the files in a folder and below, and what was left out, with the reason
- `name_patterns`: file names with words in them, such as `cats/%date:yyyy-MM-dd%/%KSampler.seed%`
- `name_rules`: the rules for names of existing and of new files
- `numbered_names`: names of new files that count up
"""
