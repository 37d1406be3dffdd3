"""A client that is killed in the middle: opens a pool, starts a pipeline, prints what it got, forever.

``killed_client.py HOST.JSON SCRIPT``: first the pool's id, then each output as it is received.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

info = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
wsman = WSMan(
    info["address"],
    port=info["port"],
    auth="basic",
    username=info["user"],
    password=Path(info["secret_file"]).read_text(encoding="ascii").strip(),
    cert_validation=info["certificate"],
    no_proxy=True,
)
pool = RunspacePool(wsman)
pool.open()
print(pool.id, flush=True)
shell = PowerShell(pool)
shell.add_script(sys.argv[2])
shell.begin_invoke()
seen = 0
while True:
    shell.poll_invoke()
    for line in shell.output[seen:]:
        print(line, flush=True)
    seen = len(shell.output)
