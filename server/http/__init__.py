"""HTTP and websockets: connections, middleware, pages and the description of the API.

The routes of the API are in `server.http.routes`, the access control in `server.access`.

- `connections`: limits the number of connections, and how long each may stay silent
- `descriptors`: raises the limit of file descriptors, and divides them
- `listening`: opens the sockets on which the server listens
- `middleware`: errors as answers, and refusal of undeclared parameters
- `openapi`: describes the API for programs (OpenAPI 3.1), from the declared routes
- `page`: serves the files of the built editor
- `refusals`: answers to requests that the parser refuses
- `sign_in`: the sign-in page; exchanges a launch code or the token for a session
- `websocket`: sends numbered messages to one client
"""
