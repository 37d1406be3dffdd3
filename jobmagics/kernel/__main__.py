"""``python -m jobmagics.kernel -f CONNECTION_FILE``."""

from __future__ import annotations

import os
import sys

# -m puts the notebook's directory first: a json.py there must not become the kernel's
if sys.path and sys.path[0] in ("", os.getcwd()):
    del sys.path[0]

from ipykernel.kernelapp import IPKernelApp

from jobmagics.kernel.kernel import PowerShellKernel

CONTROL_SECONDS = 2.0


class KernelApp(IPKernelApp):
    """ipykernel's, with an end that does not hang: ipykernel 7 closes the thread that sends messages while another
    may still be sending its last ones, which then wait until Jupyter kills the process.
    """

    def start(self) -> None:
        super().start()  # type: ignore[no-untyped-call]
        is_asked = self.kernel is not None and self.kernel._shutdown_message is not None
        if is_asked and self.control_thread is not None:
            self.control_thread.join(CONTROL_SECONDS)


KernelApp.launch_instance(kernel_class=PowerShellKernel)
