"""Sessions and jobs of a notebook: ``SessionManager`` is what the magics and the Python API call.

``manager`` runs jobs, ``pssessions`` keeps sessions, ``links`` are their live ends, ``invocation`` follows a
pipeline, ``applier`` makes events true and writes the ledger, ``recovery`` comes back, ``selection`` knows what is
meant, ``scriptvars`` binds $using:.
"""

from jobmagics.sessions.manager import SessionManager

__all__ = ["SessionManager"]
