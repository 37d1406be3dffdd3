"""What mkdocs is to do beside reading the pages: put in those that are made from the code, and see to links that leave
docs/, which the repository has and the site has not.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

DOCS = Path(__file__).parent
OUTSIDE = re.compile(r"\[([^\]]+)\]\((\.\./[^)#]+)\)")


def on_files(files: Any, config: Any) -> Any:
    sys.path[:0] = [str(DOCS), str(DOCS.parent)]  # mkdocs takes away what a hook puts in while it is loaded
    import reference

    for path, text in reference.pages().items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_rest: Any) -> str:
    """A link to a file of the repository becomes its name; one to nothing is left for --strict to complain about."""
    place = (DOCS / page.file.src_uri).parent

    def shown(match: re.Match[str]) -> str:
        target = (place / match[2]).resolve()
        is_outside = target.exists() and not target.is_relative_to(DOCS)
        return f"`{target.relative_to(DOCS.parent)}`" if is_outside else match[0]

    return OUTSIDE.sub(shown, markdown)
