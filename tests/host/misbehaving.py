"""Engines that go wrong, each a real program: ``misbehaving.py HOW``."""

from __future__ import annotations

import os
import sys
import time

how = sys.argv[1]
if how == "dies-at-start":
    sys.stderr.write("first line\nno license found\n")
    sys.exit(3)
elif how == "hangs":
    time.sleep(600)
elif how == "closes-stdout":
    os.close(1)
    time.sleep(600)
elif how == "garbage":
    sys.stdin.readline()
    print("Welcome to the machine! <b>Have a nice day</b>", flush=True)
    time.sleep(600)
elif how == "bad-base64":
    sys.stdin.readline()
    print("<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>AAA</Data>", flush=True)
    time.sleep(600)
elif how == "half-fragment":
    sys.stdin.readline()
    print("<Data Stream='Default' PSGuid='00000000-0000-0000-0000-000000000000'>AAAA</Data>", flush=True)
    time.sleep(600)
elif how == "floods-stderr":
    for number in range(100_000):
        sys.stderr.write(f"complaint {number}\n")
    sys.exit(4)
