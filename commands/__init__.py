"""The commands of the command line, one a file. `main.py` chooses; nothing else imports from here."""
