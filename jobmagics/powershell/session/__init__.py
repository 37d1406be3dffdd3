"""What a session has from the start, and what it tells of itself."""
