"""The Python beside PowerShell: ipykernel's own Python kernel, with a shell that is made when it is first needed.

So Python cells, magics, displays, comms and widgets are what they are in a Python notebook. Two things differ: there is
no debugger, whose import alone takes longer than the first PowerShell cell; and a start-up file that a person has for
IPython is not run.
"""

from __future__ import annotations

import copy
import os
from typing import Any

import comm
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelbase import Kernel

_PYTHON: Any = IPythonKernel  # which has no types
COMM_MESSAGES = ("comm_open", "comm_msg", "comm_close")


class PythonKernel(IPythonKernel):
    """``execution_count`` is the kernel's own: cells in both languages are counted together."""

    execution_count = 0

    def __init__(self, **details: Any) -> None:
        # without IPythonKernel's own, which loads the debugger
        Kernel.__init__(self, **details)  # type: ignore[no-untyped-call]
        self.comm_manager = comm.get_comm_manager()
        for kind in COMM_MESSAGES:
            self.shell_handlers[kind] = getattr(self.comm_manager, kind)

    def start(self) -> None:
        Kernel.start(self)  # type: ignore[no-untyped-call]

    def python_shell(self) -> Any:
        """IPython's shell; it has the request that is being answered for its own."""
        if self.shell is None:
            self.shell = shell = self._made_shell()
            shell.set_parent(_PYTHON.get_parent(self, "shell"))
        return self.shell

    def _made_shell(self) -> Any:
        os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
        config = copy.deepcopy(self.config)
        config.HistoryManager.enabled = False  # the kernel keeps its own, of both languages
        shell: Any = self.shell_class.instance(
            parent=self,
            config=config,
            profile_dir=self.profile_dir,
            user_ns={},
            kernel=self,
            compiler_class=self.compiler_class,
        )
        for speaker in (shell.displayhook, shell.display_pub):
            speaker.session = self.session
            speaker.pub_socket = self.iopub_socket
        shell.displayhook.topic = _PYTHON._topic(self, "execute_result")
        shell.configurables.append(self.comm_manager)
        return shell

    async def run_python(self, code: str, silent: bool, **details: Any) -> dict[str, Any]:
        """The content of an execute_reply. What the code shows has been sent when it comes."""
        shell = self.python_shell()
        shell.execution_count = self.execution_count
        for inputs in (shell.history_manager.input_hist_parsed, shell.history_manager.input_hist_raw):
            inputs[:] = (inputs + [""] * self.execution_count)[: self.execution_count]  # In[3] is what cell 3 had
        reply: dict[str, Any] = await _PYTHON.do_execute(self, code, silent, store_history=not silent, **details)
        return {**reply, "execution_count": self.execution_count}

    def complete_python(self, code: str, cursor: int) -> dict[str, Any]:
        """The content of a complete_reply."""
        self.python_shell()
        reply: dict[str, Any] = _PYTHON.do_complete(self, code, cursor)
        return reply

    def inspect_python(self, code: str, cursor: int, detail: int) -> dict[str, Any]:
        """The content of an inspect_reply."""
        self.python_shell()
        reply: dict[str, Any] = _PYTHON.do_inspect(self, code, cursor, detail)
        return reply

    def is_python_complete(self, code: str) -> dict[str, Any]:
        """The content of an is_complete_reply."""
        if not code.strip():
            return {"status": "incomplete", "indent": ""}
        self.python_shell()
        reply: dict[str, Any] = _PYTHON.do_is_complete(self, code)
        return reply

    async def do_debug_request(self, msg: Any) -> Any:
        raise NotImplementedError
