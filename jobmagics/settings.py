"""What may be set of the notebook side: how long a lost connection is tried, how much the ledger keeps, whom to tell.

traitlets, as everywhere in Jupyter: in a file ``jupyter_jobmagics_config.py`` (or ``.json``) in one of Jupyter's
configuration directories (``c.JobMagics.retry_seconds = 600``), read when the magics are loaded.
"""

from __future__ import annotations

from traitlets import Float, List, TraitError, Unicode
from traitlets.config import Configurable
from traitlets.config.loader import (
    Config,
    ConfigFileNotFound,
    ConfigLoaderError,
    JSONFileConfigLoader,
    PyFileConfigLoader,
)

from jobmagics.errors import UsageError

FILE_NAME = "jupyter_jobmagics_config"


class JobMagics(Configurable):
    """Settings of the notebook side."""

    retry_seconds = Float(
        240.0,
        min=0.0,
        help="Seconds that a lost connection is tried again at once. After them the session is Disconnected, and is"
        " looked for with growing pauses.",
    ).tag(config=True)
    keep_days = Float(
        0.0, min=0.0, help="Finished jobs are deleted from the ledger so many days after their end; 0: never."
    ).tag(config=True)
    keep_megabytes = Float(
        0.0, min=0.0, help="The oldest finished jobs are deleted when the ledger is larger than this; 0: never."
    ).tag(config=True)
    notify_command = List(
        Unicode(),
        help="A command that is run as each job ends, as a list of words; no shell is between. It finds the job in its"
        " environment: JOBMAGICS_JOB_ID, _NAME, _STATE, _TYPE, _LOCATION and _SECONDS. Empty: none.",
    ).tag(config=True)


def load_settings() -> JobMagics:
    """As the configuration files say. Raises UsageError for one that cannot be used."""
    from jupyter_core.paths import jupyter_config_path

    config = Config()
    for folder in reversed(jupyter_config_path()):
        for loader, suffix in ((PyFileConfigLoader, ".py"), (JSONFileConfigLoader, ".json")):
            try:
                config.merge(loader(FILE_NAME + suffix, folder).load_config())
            except ConfigFileNotFound:
                continue
            except (ConfigLoaderError, SyntaxError, NameError, ValueError) as error:
                raise UsageError(f"The settings in {folder}/{FILE_NAME}{suffix} cannot be read: {error}.") from error
    try:
        return JobMagics(config=config)
    except TraitError as error:
        raise UsageError(f"A setting in {FILE_NAME} is wrong: {error}") from error
