"""What values are: their types, conversions, comparison, arithmetic and text."""
