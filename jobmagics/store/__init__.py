"""The ledger on disk: sessions, jobs, and every message as it came.

``ledger`` reads and writes it; ``file`` is about the SQLite file itself.
"""

from jobmagics.store.file import DATA_DIR_VARIABLE, MIGRATIONS, check_file, default_path
from jobmagics.store.ledger import (
    PAGE_MESSAGES,
    ChildRecord,
    JobRecord,
    Ledger,
    SessionRecord,
    Store,
    StoredMessage,
)

__all__ = [
    "DATA_DIR_VARIABLE",
    "MIGRATIONS",
    "PAGE_MESSAGES",
    "ChildRecord",
    "JobRecord",
    "Ledger",
    "SessionRecord",
    "Store",
    "StoredMessage",
    "check_file",
    "default_path",
]
