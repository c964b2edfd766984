"""Access control: permissions of routes, tokens, sessions, launch codes, allowed hosts and origins.

Pages and answers are not made here: see `server.http`.

- `credentials`: authenticates a request by the token, or by a session with its key
- `launch`: one-time codes in the address that the server prints at its start
- `local_open`: lets a user of this machine open a running server in a browser
- `origins`: the Host headers that this server answers, and the origins whose pages may use it
- `routing`: declares routes, each with a permission
- `security`: the middleware that checks Host, Origin and credentials, and sets security headers
- `sessions`: stores the sessions of browsers, as codes made with the token
- `sign_in_limit`: limits how often wrong tokens may be tried
"""
