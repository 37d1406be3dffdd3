"""The seam over pypsrp, the only importer of it: ``pools`` speaks, ``enumeration`` lists, ``values`` go out,
``errors`` are mapped.
"""

from jobmagics.psrp.pools import PsrpPipeline, PsrpPool, connect

__all__ = ["PsrpPipeline", "PsrpPool", "connect"]
