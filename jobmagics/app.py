"""``jupyter jobmagics ...``: the demo, the session host, what there is, and what is missing.

Words only: each subcommand is one call elsewhere. Expected errors are one line on stderr and exit status 1.
"""
# ruff: noqa: RUF012 - traitlets reads flags and subcommands from the class, as plain dictionaries

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from traitlets import Bool, Int, Unicode

from .command import Command, Group, print_table
from .errors import JobMagicsError, UsageError
from .ledger_app import JobsApp, SessionsApp

HELP = frozenset({"-h", "--help", "--help-all"})


class DemoApp(Command):
    """Shows a job that outlives the kernel that started it, in half a minute."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .demo.story import run

        return run()


class HostInfoApp(Command):
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


class HostStatusApp(Command):
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
            print_table(status.shells, "No sessions.")
        return 0


class HostStopApp(Command):
    """Stops the session host and everything that runs in it."""

    description = Unicode(__doc__)

    def run(self) -> int:
        from .host.client import stop_host

        print("The session host is stopped." if stop_host() else "The session host was not running.")
        return 0


class HostApp(Group):
    """The session host on this machine."""

    name = "jupyter-jobmagics-host"
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "info": (HostInfoApp, "How to reach it (--json, --start)."),
        "status": (HostStatusApp, "Whether it runs, and the sessions in it."),
        "stop": (HostStopApp, "Stop it and everything that runs in it."),
    }


class DoctorApp(Command):
    """Tries each part that a job needs, and names what is missing: on this machine, or for a computer that is named."""

    description = Unicode(
        "Tries each part that a job needs, and names what is missing. Without a name: this machine. Else\n"
        "    jupyter jobmagics doctor HOST [-Port N] [-UseSSL] [-Authentication WAY] [-Credential NAME]"
        " [-ConfigurationName NAME]\n"
        "    jupyter jobmagics doctor USER@HOST[:PORT]"
    )
    words: tuple[str, ...] = ()

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """The words are those of the magic, PowerShell's: traitlets would not read them."""
        words = sys.argv[1:] if argv is None else argv
        if HELP & set(words):
            super().parse_command_line(argv)
        self.words = tuple(words)

    def run(self) -> int:
        from .doctor import examine_as_asked
        from .options import parse
        from .options.access_specs import DOCTOR

        line = " ".join(word if word.startswith("-") else "'" + word.replace("'", "''") + "'" for word in self.words)
        try:
            given = parse(DOCTOR, line, {})
        except JobMagicsError as error:
            told = error.message.replace(f"{DOCTOR.shown}? explains", "doctor --help explains")
            raise UsageError(told.replace(DOCTOR.shown, "doctor")) from None
        return examine_as_asked(given)


class TrustApp(Command):
    """Takes a computer's certificate from now on, after showing it: for those that no known authority has signed."""

    description = Unicode(f"{__doc__}\n    jupyter jobmagics trust HOST [--port=N] [--yes]")
    port = Int(5986, help="Port of its HTTPS listener.").tag(config=True)
    yes = Bool(False, help="Do not ask: the SHA-256 was compared.").tag(config=True)
    aliases: dict[str, Any] = {"port": "TrustApp.port"}
    flags: dict[str, Any] = {"yes": ({"TrustApp": {"yes": True}}, "Do not ask: the SHA-256 was compared.")}

    def run(self) -> int:
        from .doctor.there import trust_computer
        from .remote import ConnectionInfo

        if len(self.extra_args) != 1:
            raise UsageError("trust takes one computer: jupyter jobmagics trust HOST [--port N] [--yes].")
        return trust_computer(ConnectionInfo(self.extra_args[0], self.port, use_ssl=True), is_sure=self.yes)


class InstallApp(Command):
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


class ConvertApp(Command):
    """Makes a notebook of .NET Interactive (.dib or .ipynb) one of the PowerShell kernel."""

    description = Unicode(
        "Makes a notebook of .NET Interactive (Polyglot Notebooks) one of the PowerShell kernel:\n"
        "    jupyter jobmagics convert FILE.dib [--output=NEW.ipynb] [--keep-others]"
    )
    output = Unicode("", help="The file to write; unasked FILE.ipynb, or FILE-jobmagics.ipynb beside one.").tag(
        config=True
    )
    keep_others = Bool(False, help="Keep what is not PowerShell as raw cells, which are not run.").tag(config=True)
    aliases: dict[str, Any] = {"output": "ConvertApp.output"}
    flags: dict[str, Any] = {
        "keep-others": ({"ConvertApp": {"keep_others": True}}, "Keep what is not PowerShell as raw cells."),
    }

    def run(self) -> int:
        from .kernel import polyglot

        if len(self.extra_args) != 1:
            raise UsageError("convert takes one notebook: jupyter jobmagics convert FILE.dib")
        source = Path(self.extra_args[0])
        converted = polyglot.read(source)
        if converted.others and not self.keep_others:
            raise UsageError(
                f"{source.name} is not all PowerShell and Python:\n  " + "\n  ".join(converted.others) + "\n"
                "Rewrite these, or keep them as raw cells, which are not run, with --keep-others."
            )
        beside = source.with_name(source.stem + ("-jobmagics" if source.suffix.lower() == ".ipynb" else "") + ".ipynb")
        target = Path(self.output) if self.output else beside
        polyglot.write(target, converted)
        for other in converted.others:
            print(f"Kept as a raw cell: {other}.")
        print(f"{target} is a notebook of the PowerShell kernel.")
        return 0


class JobMagicsApp(Group):
    """PowerShell jobs that outlive the notebook that started them."""

    name = "jupyter-jobmagics"
    description = Unicode(__doc__)
    subcommands: dict[str, Any] = {
        "demo": (DemoApp, DemoApp.__doc__),
        "host": (HostApp, "The session host: info, status, stop."),
        "sessions": (SessionsApp, "Sessions: list, prune, export."),
        "jobs": (JobsApp, "Jobs: list, prune, export."),
        "doctor": (DoctorApp, DoctorApp.__doc__),
        "trust": (TrustApp, TrustApp.__doc__),
        "install": (InstallApp, InstallApp.__doc__),
        "convert": (ConvertApp, ConvertApp.__doc__),
    }


main = JobMagicsApp.launch_instance

if __name__ == "__main__":
    main()
