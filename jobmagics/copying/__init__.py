"""Files to a session and back, inside the session: scripts over PSRP, so that it works wherever a script runs.

``channel``  one script of ours after another in a session, over losses of the connection
``scripts``  those scripts: for Windows PowerShell 5.1, PowerShell 7 and the built-in engine alike
``sending``, ``fetching``  a file goes in blocks, each written at its place, into a partial file beside its destination;
             when all is there its SHA-256 is compared, and only then it gets its name
``local``    paths of this machine
"""

from jobmagics.copying.advance import Advance, CopiedFile, CopiedFiles, Progress, in_words
from jobmagics.copying.channel import Channel
from jobmagics.copying.fetching import fetch
from jobmagics.copying.sending import send

__all__ = ["Advance", "Channel", "CopiedFile", "CopiedFiles", "Progress", "fetch", "in_words", "send"]
