"""``python -m jobmagics.kernel -f CONNECTION_FILE``."""

from __future__ import annotations

from ipykernel.kernelapp import IPKernelApp

from .kernel import PowerShellKernel

IPKernelApp.launch_instance(kernel_class=PowerShellKernel)
