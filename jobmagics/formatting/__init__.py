"""PowerShell's default output for values, as text lines and as HTML.

Shared by both ends: the built-in engine formats live objects with it (Out-String, Out-Default,
Format-*), notebooks format decoded remote ones. It knows nothing of either; a ``Reader`` is how
it looks at a value. As in PowerShell there are two halves, with records between them:

    values --Shaper (Format-*)--> records --Layout (Out-*)--> lines

``reader``  what a value's properties and text are        ``views``   what a view is, finding one
``default_views``  the recorded default views
``shaping`` values to records                             ``layout``  records to lines
``tables``  column widths, rows, wrapping                 ``texts``   numbers, dates, cell widths
``errors``  how an ErrorRecord reads                      ``html``    the same for notebooks, escaped
``complex`` Format-Custom's nested braces                 ``columns`` what -Property names
"""

from jobmagics.formatting.columns import Column
from jobmagics.formatting.errors import error_text
from jobmagics.formatting.formatter import Formatter, format_lines, format_text
from jobmagics.formatting.html import NO_MATHS, ansi_to_html, text_to_html, to_html
from jobmagics.formatting.layout import Layout
from jobmagics.formatting.reader import Reader
from jobmagics.formatting.records import Record
from jobmagics.formatting.shaping import FormatError, Shaper, ShapeRequest

__all__ = [
    "NO_MATHS",
    "Column",
    "FormatError",
    "Formatter",
    "Layout",
    "Reader",
    "Record",
    "ShapeRequest",
    "Shaper",
    "ansi_to_html",
    "error_text",
    "format_lines",
    "format_text",
    "text_to_html",
    "to_html",
]
