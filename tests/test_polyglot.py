"""Notebooks of .NET Interactive become notebooks of the PowerShell kernel, or are refused by what is not PowerShell."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from jobmagics.kernel import polyglot

META = '#!meta\n\n{"kernelInfo":{"defaultKernelName":"csharp","items":[{"name":"pwsh"},{"name":"sql-sales"}]}}\n\n'
DIB = META + "#!markdown\n\n# Title\n\n#!pwsh\n\n$x = 1 # one\n\n$x + 1\n\n#!mermaid\n\ngraph TD\n\n#!pwsh\n\n'end'\n"


def dib(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "old.dib"
    path.write_text(text, encoding="utf-8")
    return path


def shown(converted: polyglot.Converted) -> list[tuple[str, str]]:
    nbformat.validate(nbformat.from_dict(converted.notebook))
    return [(cell["cell_type"], cell["source"]) for cell in converted.notebook["cells"]]


def notebook(tmp_path: Path, cells: list[dict[str, Any]], metadata: dict[str, Any]) -> Path:
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}))
    return path


def code(source: str, **metadata: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": metadata, "outputs": [], "execution_count": 3}


def convert(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "jobmagics.app", "convert", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_text_of_cells_becomes_a_notebook(tmp_path: Path) -> None:
    converted = polyglot.read(dib(tmp_path, DIB))
    assert shown(converted) == [
        ("markdown", "# Title"),
        ("code", "$x = 1 # one\n\n$x + 1"),
        ("markdown", "```mermaid\ngraph TD\n```"),
        ("code", "'end'"),
    ]
    assert converted.others == []
    assert converted.notebook["metadata"]["kernelspec"]["name"] == "jobmagics"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Console.Write(1);\n", "cell 1: C# (#!csharp)"),
        ("#!pwsh\n1\n#!csharp\nvar x = 1;\n", "cell 2: C# (#!csharp)"),
        ("#!pwsh\n#!share --from csharp x\n$x\n", "cell 1: #!share --from csharp x, a command of .NET Interactive"),
        (META + "#!sql-sales\nselect 1\n", "cell 1: sql-sales (#!sql-sales)"),
    ],
)
def test_what_is_not_powershell_is_named(tmp_path: Path, text: str, told: str) -> None:
    converted = polyglot.read(dib(tmp_path, text))
    assert converted.others == [told]
    assert shown(converted)[-1][0] == "raw"


@pytest.mark.parametrize(
    "metadata", [{"polyglot_notebook": {"kernelName": "pwsh"}}, {"dotnet_interactive": {"language": "pwsh"}}]
)
def test_a_cells_own_metadata_says_its_language(tmp_path: Path, metadata: dict[str, Any]) -> None:
    spec = {"kernelspec": {"name": ".net-csharp", "language": "C#"}}
    cells = [code("1 + 1", **metadata), code("#!pwsh\nGet-Date\n#!markdown\n*then*")]
    converted = polyglot.read(notebook(tmp_path, cells, spec))
    assert shown(converted) == [("code", "1 + 1"), ("code", "Get-Date"), ("markdown", "*then*")]
    assert converted.notebook["cells"][0]["execution_count"] == 3


def test_a_notebook_of_the_powershell_kernel_of_dotnet_needs_no_mark(tmp_path: Path) -> None:
    spec = {"kernelspec": {"name": ".net-powershell", "language": "PowerShell"}}
    assert shown(polyglot.read(notebook(tmp_path, [code("1")], spec))) == [("code", "1")]


def test_metadata_of_another_shape_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps({"cells": [{**code("1"), "metadata": "?"}], "metadata": {"polyglot_notebook": [1]}}))
    assert polyglot.read(path).others == ["cell 1: C# (#!csharp)"]


SHARED = """#!connect jupyter --kernel-name py --kernel-spec python3
#!pwsh
$rows = 1..3
#!py
#!share --from pwsh rows --as numbers
total = sum(numbers)
#!pwsh
#!set --name total --value @py:total
"the sum is $total"
#!python
#!share --from powershell _odd
"""


def test_python_and_its_variables_come_over(tmp_path: Path) -> None:
    converted = polyglot.read(dib(tmp_path, SHARED))
    assert converted.others == []
    assert shown(converted) == [
        ("code", "$rows = 1..3"),
        ("code", "%%python\nnumbers = ps.rows\ntotal = sum(numbers)"),
        ("code", "%%python\nps.total = total"),
        ("code", '"the sum is $total"'),
        ("code", "%%python\n_odd = ps['_odd']"),
    ]


def test_python_is_known_by_the_metadata_too(tmp_path: Path) -> None:
    items = [{"name": "csharp", "languageName": "csharp"}, {"name": "snake", "languageName": "Python"}]
    metadata = {"polyglot_notebook": {"kernelInfo": {"defaultKernelName": "csharp", "items": items}}}
    cells = [code("#!connect jupyter --kernel-name snake --kernel-spec python3"), code("#!snake\n1"), code("#!pwsh\n2")]
    assert shown(polyglot.read(notebook(tmp_path, cells, metadata))) == [("code", "%%python\n1"), ("code", "2")]


@pytest.mark.parametrize(
    "command",
    ["#!share --from csharp x", "#!share x", "#!set --name x --value 5", "#!share --from pwsh x", "#!share --from 'x"],
)
def test_what_is_shared_with_another_language_is_refused(tmp_path: Path, command: str) -> None:
    converted = polyglot.read(dib(tmp_path, f"#!pwsh\n{command}\n$x\n"))
    assert converted.others == [f"cell 1: {command}, a command of .NET Interactive"]


def test_the_command_writes_beside_and_never_over(tmp_path: Path) -> None:
    source = dib(tmp_path, DIB)
    assert convert(str(source)).returncode == 0
    assert len(nbformat.read(tmp_path / "old.ipynb", as_version=4).cells) == 4
    again = convert(str(source))
    assert (again.returncode, again.stderr.count("\n")) == (1, 1)
    assert "is there already" in again.stderr


def test_the_command_refuses_other_languages_unless_they_are_to_be_kept(tmp_path: Path) -> None:
    source = dib(tmp_path, "#!csharp\nvar x = 1;\n#!pwsh\n1\n")
    refused = convert(str(source))
    assert refused.returncode == 1
    assert "cell 1: C# (#!csharp)" in refused.stderr
    assert not (tmp_path / "old.ipynb").exists()
    kept = convert(str(source), "--keep-others", f"--output={tmp_path / 'new.ipynb'}")
    assert kept.returncode == 0
    assert [cell.cell_type for cell in nbformat.read(tmp_path / "new.ipynb", as_version=4).cells] == ["raw", "code"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("x.txt", "1", "is no notebook"),
        ("x.ipynb", "[]", "format 4"),
        ("x.ipynb", "{", "format 4"),
        ("gone.dib", None, "cannot be read"),
    ],
)
def test_a_file_that_is_none_is_told_in_a_line(tmp_path: Path, name: str, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / name).write_text(text)
    refused = convert(str(tmp_path / name))
    assert (refused.returncode, refused.stderr.count("\n")) == (1, 1)
    assert told in refused.stderr
