"""Classes and enums that scripts define."""
