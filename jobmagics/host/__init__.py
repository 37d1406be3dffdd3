"""The session host: a WSMan/PSRP endpoint on this machine whose sessions outlive every client.

An engine such as ``pwsh -s`` speaks PSRP on its stdin and stdout and cannot be disconnected.
The host owns those pipes, keeps what the engine says until somebody has acknowledged it, and
answers over HTTPS what WinRM would answer. It knows PSRP only as far as fragments and their
headers go: what a script says is none of its business, and is never decoded here.

Rooms: ``wsman`` (envelopes), ``faults`` (WinRM's numbers), ``outofproc`` (the engine's elements),
``fragments`` (PSRP fragment headers), ``delivery`` (one stream, exactly once) and ``shells`` (who may
do what, when) decide and do no I/O; ``spool``, ``engines``, ``server`` and ``files`` act;
``client`` is what the notebook side calls.
"""
