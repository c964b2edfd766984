"""The folders that nodes read and write, the rules for names in them, and what is listed there.

What a node writes into a file is the node's business.

- `display_names`: what files are called towards others
- `folders`: the folders that nodes may read and write, behind names that cannot escape them
- `listing`: what lies in a folder and below
- `name_patterns`: file names with words in them, such as `cats/%date:yyyy-MM-dd%/%KSampler.seed%`
- `name_rules`: two rules for the names of files, which come from workflow files and so from strangers
"""
