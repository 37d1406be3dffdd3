"""From the syntax tree to Python closures."""
