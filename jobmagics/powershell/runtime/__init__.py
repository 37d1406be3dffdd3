"""What runs: runspaces, scopes, calls, pipelines, records."""
