"""The worker process: started, spoken with, checked, replaced; and why it died.

Which run it works on is decided in `server.runs`.
"""
