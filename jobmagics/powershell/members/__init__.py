"""Properties, methods and elements of values."""
