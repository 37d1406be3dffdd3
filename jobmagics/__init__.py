"""PowerShell jobs that outlive the notebook that started them.

``%load_ext jobmagics`` in a Jupyter notebook registers the magics and begins, in the
background, to find and reconnect the jobs that this notebook started before. Nothing
heavy is imported here: a program that only wants one room imports that room.
"""

__version__ = "0.1.0"
