"""Jobs inside a session: background jobs in processes, thread jobs, parallel jobs, and the session's list of them.

``job`` has the job as scripts see it, ``table`` the list, ``starters`` the ways to run one, ``wire`` the records
that come back from another engine (``remoting``). The cmdlets are in ``commands/jobs.py``.
"""
