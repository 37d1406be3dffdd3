"""``jupyter jobmagics ...``: the demo, the session host, what there is, and what is missing.

Words only: each subcommand is one call elsewhere. Expected errors are one line on stderr and exit status 1.
"""
# ruff: noqa: RUF012 - traitlets reads flags and subcommands from the class, as plain dictionaries

from __future__ import annotations

import json
import sys
from typing import Any

from jupyter_core.application import JupyterApp
from traitlets import Bool, Unicode

from . import __version__
from .errors import JobMagicsError


class _Command(JupyterApp):
    """A subcommand that does its work in ``run`` and says how it went by its exit status."""

    version = __version__
    name = "jupyter-jobmagics"

    def start(self) -> None:
        super().start()
        try:
            status = self.run()
        except JobMagicsError as error:
            print(f"jupyter jobmagics: {error.message}", file=sys.stderr)
            status = 1
        self.exit(status)

    def run(self) -> int:
        raise NotImplementedError


class DemoApp(_Command):
    """Shows a job that outlives the kernel that started it, in half a minute."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .demo.story import run

        return run()


class HostInfoApp(_Command):
    """How to reach this machine's session host."""

    description = Unicode(__doc__)
    json = Bool(False, help="Print JSON.").tag(config=True)
    start_host = Bool(False, help="Start the host if none runs.").tag(config=True)
    flags: dict[str, Any] = {
        "json": ({"HostInfoApp": {"json": True}}, "Print JSON, for programs."),
        "start": ({"HostInfoApp": {"start_host": True}}, "Start the host if none runs."),
    }

    def run(self) -> int:
        from .host.client import host_info

        facts = host_info(start=self.start_host).as_json()
        if self.json:
            print(json.dumps(facts, indent=2))
        else:
            print("\n".join(f"{name}: {value}" for name, value in facts.items()))
        return 0


class HostStatusApp(_Command):
    """Whether the session host runs, and the sessions in it."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .host.client import host_statuses

        statuses = host_statuses()
        if not statuses:
            print("The session host is not running; the first job starts it.")
            return 1
        for status in statuses:
            info = status.info
            print(
                f"The session host {info.version} runs: process {info.pid}, {info.address}:{info.port}, "
                f"since {info.started}."
            )
            _print_table(status.shells, "No sessions.")
        return 0


class HostStopApp(_Command):
    """Stops the session host and everything that runs in it."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .host.client import stop_host

        print("The session host is stopped." if stop_host() else "The session host was not running.")
        return 0


class HostApp(JupyterApp):
    """The session host on this machine."""

    name = "jupyter-jobmagics-host"
    version = __version__
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "info": (HostInfoApp, "How to reach it (--json, --start)."),
        "status": (HostStatusApp, "Whether it runs, and the sessions in it."),
        "stop": (HostStopApp, "Stop it and everything that runs in it."),
    }

    def start(self) -> None:
        super().start()
        self.print_help()
        self.exit(1)


class SessionsListApp(_Command):
    """The sessions on this machine's session host, of all notebooks."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .host.client import host_statuses

        shells = [shell for status in host_statuses() for shell in status.shells]
        _print_table(shells, "No sessions: the session host is not running or has none.")
        return 0


class SessionsApp(JupyterApp):
    """Sessions."""

    name = "jupyter-jobmagics-sessions"
    version = __version__
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {"list": (SessionsListApp, "List the sessions on this machine.")}

    def start(self) -> None:
        super().start()
        self.print_help()
        self.exit(1)


class JobsListApp(_Command):
    """The jobs in this user's ledger, of all notebooks, as last written down."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .store import Store

        store = Store.open()
        if store.notice:
            print(store.notice, file=sys.stderr)
        rows = [
            {"Id": job.id, "Name": job.name, "State": job.state, "Notebook": owner.partition(":")[2] or owner}
            for owner in store.owners()
            for job in store.load(owner).jobs
        ]
        store.close()
        _print_table(rows, "No jobs.")
        return 0


class JobsApp(JupyterApp):
    """Jobs."""

    name = "jupyter-jobmagics-jobs"
    version = __version__
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {"list": (JobsListApp, "List the jobs of all notebooks.")}

    def start(self) -> None:
        super().start()
        self.print_help()
        self.exit(1)


class DoctorApp(_Command):
    """Tries each part that a job needs, and names what is missing."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .doctor import examine

        return examine()


class InstallApp(_Command):
    """Makes the PowerShell kernel known to Jupyter."""

    description = Unicode(__doc__)
    prefix = Unicode("", help="Install for the environment in this directory.").tag(config=True)
    aliases: dict[str, Any] = {"prefix": "InstallApp.prefix"}
    flags: dict[str, Any] = {
        "user": ({"InstallApp": {"prefix": ""}}, "Install for you, in every Jupyter of yours (what is done unasked)."),
        "sys-prefix": ({"InstallApp": {"prefix": sys.prefix}}, "Install for this Python environment only."),
    }

    def run(self) -> int:
        from .kernel.install import install

        where = install(prefix=self.prefix or None)
        print(f"The kernel PowerShell (jobmagics) is installed in {where}.")
        return 0


class JobMagicsApp(JupyterApp):
    """PowerShell jobs that outlive the notebook that started them."""

    name = "jupyter-jobmagics"
    version = __version__
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "demo": (DemoApp, DemoApp.__doc__),
        "host": (HostApp, "The session host: info, status, stop."),
        "sessions": (SessionsApp, "Sessions: list."),
        "jobs": (JobsApp, "Jobs: list."),
        "doctor": (DoctorApp, DoctorApp.__doc__),
        "install": (InstallApp, InstallApp.__doc__),
    }

    def start(self) -> None:
        super().start()
        self.print_help()
        self.exit(1)


def _print_table(rows: list[dict[str, Any]], nothing: str) -> None:
    """Plain columns; the text of a cell is ours or a name, never a job's output."""
    if not rows:
        print(nothing)
        return
    names = list(rows[0])
    lines = [names, *([str(row.get(name, "")) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    for line in lines:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


main = JobMagicsApp.launch_instance

if __name__ == "__main__":
    main()
