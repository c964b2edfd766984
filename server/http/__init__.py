"""HTTP and websockets: connections, answers, pages and the description of the API.

Routes by topic are in `server.http.routes`.
"""
