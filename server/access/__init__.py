"""Who may do what: permissions of routes, tokens, sessions, launch codes, names and origins.

The pages that people see are in `server.http`.
"""
