"""Sessions in other engines: this engine as a client of the protocol that ``server`` speaks.

``client`` has the connection and its pipelines, ``requests`` the messages it sends, ``transports`` the programs behind
it (this engine again, or ``ssh``), ``host_calls`` what the other side asks of this side's host, ``pssession`` the
session as scripts see it, ``operations`` a script's run in one, as a job. Start-Job uses the same client. The cmdlets
are in ``commands/remote_sessions.py`` and ``commands/remote_invocation.py``.
"""
