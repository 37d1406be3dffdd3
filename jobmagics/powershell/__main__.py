"""``python -m jobmagics.powershell -s``: the built-in engine, a drop-in for ``pwsh -s -nologo -noprofile``.

``--template`` is for the session host: see ``server/template.py``.
"""

import os
import sys


def _remember_bytecode() -> None:
    """Compile the engine once, not at every start, even where PYTHONDONTWRITEBYTECODE keeps source trees clean.

    A session is a process; compiling 20,000 lines would be most of its start. The bytecode goes to the user's cache.
    """
    if not sys.dont_write_bytecode or sys.pycache_prefix is not None:
        return
    home = os.path.expanduser("~")
    base = os.environ.get("LOCALAPPDATA" if os.name == "nt" else "XDG_CACHE_HOME") or os.path.join(home, ".cache")
    if os.path.isabs(base):
        sys.pycache_prefix = os.path.join(base, "jobmagics", "bytecode")
        sys.dont_write_bytecode = False


if __name__ == "__main__":
    _remember_bytecode()
    arguments = sys.argv[1:]
    if arguments == ["--template"]:
        from .server.template import serve

        serve()
        arguments = ["-s"]
    from .server.server import main

    sys.exit(main(arguments))
