"""``python -m jobmagics.powershell -s``: the built-in engine, a drop-in for ``pwsh -s -nologo -noprofile``."""

import sys

from .server import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
