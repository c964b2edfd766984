"""HTTP and websockets: connections, answers, pages and the description of the API.

Routes by topic are in `server.http.routes`.

- `connections`: connections
- `descriptors`: file descriptors
- `listening`: where the server listens
- `middleware`: errors as answers, and refusal of undeclared parameters
- `openapi`: the API described for programs (OpenAPI 3.1), made from the declared routes
- `page`: the editor's static page
- `refusals`: answers to what never became a request
- `schemas`: jSON Schemas of what the API takes and gives; `openapi` refers to them by name
- `sign_in`: signing in and out
- `websocket`: the websocket
"""
