"""The .NET types that scripts touch: a module for each family, loaded when a member of one of its types is first used.

``table`` has the decorators that a family's classes are written with; ``values/type_catalog.py`` lists
which module a type is in.
"""
