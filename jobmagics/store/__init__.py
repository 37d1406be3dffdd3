"""The ledger on disk: sessions, jobs, and every message as it came.

``ledger`` reads and writes it, over ``messages``, the log of what arrived, and ``database``, transactions; ``records``
are what it is made of; ``lease`` says which kernel has what; ``file`` is about the SQLite file itself.
"""

from jobmagics.store.file import MIGRATIONS, check_file, default_path
from jobmagics.store.lease import Holder, Lease, sweep
from jobmagics.store.ledger import Store
from jobmagics.store.limits import compact, job_size, past_limits, size_of
from jobmagics.store.messages import PAGE_MESSAGES
from jobmagics.store.records import ChildRecord, JobRecord, Ledger, SessionRecord, StoredMessage

__all__ = [
    "MIGRATIONS",
    "PAGE_MESSAGES",
    "ChildRecord",
    "Holder",
    "JobRecord",
    "Lease",
    "Ledger",
    "SessionRecord",
    "Store",
    "StoredMessage",
    "check_file",
    "compact",
    "default_path",
    "job_size",
    "past_limits",
    "size_of",
    "sweep",
]
