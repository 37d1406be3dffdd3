"""Arguments as words: the ``-Name`` that a function without such a parameter finds in $args."""

from __future__ import annotations


class ParameterWord(str):
    """A ``-Name`` in $args. Splatting @args gives it back as a parameter name, not as a string."""

    __slots__ = ()
