"""Who may do what: permissions of routes, tokens, sessions, launch codes, names and origins.

The pages that people see are in `server.http`.

- `credentials`: who is asking
- `launch`: launch codes
- `local_open`: what leads a person of this machine into a running server
- `origins`: the names that this server answers to, and the origins whose pages may use it
- `routing`: routes, each with a declared permission
- `security`: the door
- `sessions`: sessions of browsers, kept over restarts and never as what the browser holds
- `sign_in_limit`: how often a wrong token may be tried
"""
