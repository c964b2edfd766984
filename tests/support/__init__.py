"""What tests share: toy nodes, and graphs from one line of text."""
