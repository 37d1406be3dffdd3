"""The PowerShell kernel: notebooks whose cells are PowerShell.

``kernel``   what Jupyter asks of a kernel              ``cells``    the session that the cells run in, one job a cell
``install``  the kernel spec

``python -m jobmagics.kernel -f CONNECTION_FILE`` runs it; ``jupyter jobmagics install`` makes it known to Jupyter.
A cell is a job of the kernel's own session, so what it says is in the ledger before it is shown, and it outlives a
kernel that dies. Nothing of ipykernel is imported here: ``install`` must not pay for it.
"""
