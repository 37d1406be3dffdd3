"""The words of the magics of access: who signs in."""

from __future__ import annotations

from . import MagicSpec, Option
from .kinds import TEXT

GET_CREDENTIAL = MagicSpec(
    "get_credential",
    "Ask for a password, in Jupyter's hidden box, and keep it in this kernel under a name for -Credential.\n"
    "It is in no notebook, file or log; -Save also puts it into this machine's keyring, for other kernels.",
    (
        Option("Credential", "The name under which -Credential finds it.", TEXT, ("Name",)),
        Option("UserName", "The user to sign in as, if not the name itself.", TEXT),
        Option("Save", "Also put it into the keyring of this machine."),
    ),
    ("Credential",),
    "    %get_credential web-admin -UserName CORP\\ada",
)
