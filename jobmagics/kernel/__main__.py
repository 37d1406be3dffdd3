"""``python -m jobmagics.kernel -f CONNECTION_FILE``."""

from __future__ import annotations

import os
import sys

# -m puts the notebook's directory first: a json.py there must not become the kernel's
if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from ipykernel.kernelapp import IPKernelApp

from jobmagics.kernel.kernel import PowerShellKernel

IPKernelApp.launch_instance(kernel_class=PowerShellKernel)
