"""That secrets are there before work begins: asked for in the thread of whoever wants to connect.

The threads that connect cannot ask anybody; they find what is known by then.
"""

from __future__ import annotations

from collections.abc import Iterable

from jobmagics import credentials
from jobmagics.credentials.certificates import client_certificate
from jobmagics.remote import ConnectionInfo


def require_secrets(connections: Iterable[ConnectionInfo]) -> None:
    """Raises NotFound where nobody can be asked, UsageError for a certificate that cannot be used."""
    for name, authentication in dict.fromkeys((each.credential, each.authentication.lower()) for each in connections):
        if authentication == "certificate":
            if client_certificate(name).is_encrypted and name:
                credentials.require(name)
        elif name:
            credentials.require(name)
