"""Whoever sits before an IPython shell: in a notebook the input box of the cell, in a terminal the keyboard."""

from __future__ import annotations

import getpass

from .texts import colored


class ShellPerson:
    """ipykernel puts its own ``input`` and ``getpass`` in place, which raise StdinNotImplementedError where nobody can
    type.
    """

    def line(self, prompt: str) -> str:
        return input(prompt)

    def secret(self, prompt: str) -> str:
        return getpass.getpass(prompt)

    def tell(self, text: str) -> None:
        print(colored(text))
