"""Test-Json: is a text JSON, and JSON as a schema wants it?

The text is read as System.Text.Json reads it: strictly. Schemas are the library ``jsonschema``'s business; what is
wrong is told in the words of the library that PowerShell uses, JsonSchema.Net.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ...psobject import Hashtable
from ..runtime.cmdlet import Cmdlet, command
from ..values.utf16 import joined, units
from ..values.value import as_list, to_string

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

MAX_DEPTH = 64  # System.Text.Json's
FETCH_SECONDS = 30
TEXT_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
TEXT_OR_TRAILING_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(\s*[}\]])', re.DOTALL)
TYPES = ("object", "array", "boolean", "string", "number", "integer", "null")
SIMPLE = {
    "None": "All values fail against the false schema",
    "const": "Expected {limit}",
    "enum": "Value should match one of the values specified by the enum",
    "pattern": "The string value is not a match for the indicated regular expression",
    "minimum": "{value} should be at least {limit}",
    "maximum": "{value} should be at most {limit}",
    "exclusiveMinimum": "{value} should be greater than {limit}",
    "exclusiveMaximum": "{value} should be less than {limit}",
    "multipleOf": "{value} should be a multiple of {limit}",
    "minLength": "Value should be at least {limit} characters",
    "maxLength": "Value should be at most {limit} characters",
    "minItems": "Value should have at least {limit} items",
    "maxItems": "Value should have at most {limit} items",
    "minProperties": "Value should have at least {limit} properties",
    "maxProperties": "Value should have at most {limit} properties",
}


@command("Test-Json")
class TestJson(Cmdlet):
    def begin(self) -> None:
        self._validator: Any = None
        text, origin = self.arg("Schema"), self.arg("Schema")
        if self.has("SchemaFile"):
            origin = self.arg("SchemaFile")
            text = self._schema_file(self.path(origin))
        if text is not None:
            try:
                self._validator = validator_of(text)
            except ValueError:
                self._fail("Cannot parse the JSON schema.", "InvalidJsonSchema", origin)

    def _schema_file(self, path: str) -> str:
        try:
            with open(path, encoding="utf-8-sig", errors="replace") as source:
                return source.read()
        except OSError:
            raise self.terminate(
                f"Cannot open JSON Schema file: {path}",
                "JsonSchemaFileOpenFailure",
                "OpenError",
                path,
                net_type="System.Exception",
            ) from None

    def process(self) -> None:
        text = self.arg("Json")
        options = {to_string(option).lower() for option in as_list(self.arg("Options"))}
        try:
            value = read_strictly(
                joined(self._file_text() if text is None else text),
                comments="ignorecomments" in options,
                trailing_commas="allowtrailingcommas" in options,
            )
        except (ValueError, RecursionError):
            self._fail("Cannot parse the JSON.", "InvalidJson", text)
            self.write(False)
            return
        self.write(self._validator is None or self._is_valid(value))

    def _file_text(self) -> str:
        path = self.arg("LiteralPath") or self.arg("Path")
        try:
            with open(self.path(path), encoding="utf-8-sig") as source:
                return units(source.read())
        except OSError:
            raise self.terminate(
                f"Cannot find path '{path}' because it does not exist.",
                "PathNotFound",
                "ObjectNotFound",
                path,
                net_type="System.Management.Automation.ItemNotFoundException",
            ) from None

    def _is_valid(self, value: Any) -> bool:
        from referencing.exceptions import Unresolvable

        try:
            found = list(problems(self._validator, value))
            valid = bool(self._validator.is_valid(value))
        except Unresolvable:
            self._fail("Cannot parse the JSON schema.", "InvalidJsonSchema", Hashtable())
            return False
        for message, pointer in found:
            self._fail(
                units(f"The JSON is not valid with the schema: {message} at '{pointer}'"),
                "InvalidJsonAgainstSchemaDetailed",
                None,
            )
        return valid

    def _fail(self, message: str, fqid: str, target: Any) -> None:
        self.error(message, fqid, "InvalidData", target, net_type="System.Exception")


def read_strictly(text: str, comments: bool = False, trailing_commas: bool = False) -> Any:
    """Raises ValueError for what System.Text.Json refuses."""
    if comments:
        text = TEXT_OR_COMMENT.sub(lambda match: match[1] or " ", text)
    if trailing_commas:
        text = TEXT_OR_TRAILING_COMMA.sub(lambda match: match[1] or match[2], text)
    value = json.loads(text, parse_constant=_refuse)
    level, depth = [value], 0
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        level = [item for held in level for item in (held.values() if isinstance(held, dict) else held)]
    if depth > MAX_DEPTH:
        raise ValueError(f"more than {MAX_DEPTH} levels")
    return value


def _refuse(text: str) -> Any:
    raise ValueError(text)


def validator_of(text: str) -> Any:
    """Raises ValueError for a text that is no schema."""
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import Draft202012Validator, validator_for
    from jsonschema_specifications import REGISTRY
    from referencing import Registry

    schema = read_strictly(joined(text))
    if not isinstance(schema, (dict, bool)):
        raise ValueError("a schema is an object or a boolean")
    kind = validator_for(schema, default=Draft202012Validator)
    try:
        kind.check_schema(schema)
    except SchemaError as problem:
        raise ValueError(str(problem)) from None
    return kind(schema, registry=REGISTRY.combine(Registry(retrieve=_fetched)))  # type: ignore[call-arg]


def _fetched(uri: str) -> Any:
    """A schema that another refers to, from http, https or a file, as PowerShell fetches it."""
    from urllib.request import urlopen

    from referencing import Resource
    from referencing.jsonschema import DRAFT202012

    with urlopen(uri, timeout=FETCH_SECONDS) as response:  # noqa: S310 - what -Schema names
        return Resource.from_contents(json.load(response), default_specification=DRAFT202012)


def problems(validator: Any, value: Any) -> Iterator[tuple[str, str]]:
    """Messages with JSON pointers, level by level of the schema."""
    level: list[ValidationError] = list(validator.iter_errors(value))
    while level:
        inner: list[ValidationError] = []
        for problem in sorted(level, key=lambda one: len(one.absolute_schema_path)):
            for message, below in messages(validator, problem):
                yield message, "".join(f"/{_step(step)}" for step in (*problem.absolute_path, *below))
            inner += problem.context or ()
        level = inner


def _step(step: Any) -> str:
    return str(step).replace("~", "~0").replace("/", "~1")


def messages(validator: Any, problem: ValidationError) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What JsonSchema.Net says of one failed keyword, and at which members of the value."""
    keyword, limit, value = str(problem.validator), problem.validator_value, problem.instance
    if keyword in SIMPLE:
        yield SIMPLE[keyword].format(value=_json(value), limit=_json(limit)), ()
    elif keyword == "type":
        wanted = ", ".join(name for name in TYPES if name in as_list(limit))
        received = next(name for name in reversed(TYPES) if validator.is_type(value, name))
        yield f'Value is "{received}" but should be "{wanted}"', ()
    elif keyword == "required":
        missing = [name for name in limit if name not in value]
        if problem.message.startswith(f"{missing[0]!r} "):  # the library gives an error for each name
            yield f"Required properties {_json(missing)} are not present", ()
    elif keyword == "additionalProperties":
        schema = problem.schema if isinstance(problem.schema, dict) else {}
        for name in value:
            if name not in schema.get("properties", {}) and not any(
                re.search(pattern, name) for pattern in schema.get("patternProperties", {})
            ):
                yield SIMPLE["None"], (name,)
    elif keyword == "oneOf":
        matching = sum(validator.evolve(schema=schema).is_valid(value) for schema in limit)
        yield f"Expected 1 matching subschema but found {matching}", ()
    elif keyword not in ("allOf", "anyOf", "if"):  # these fail by what they hold
        yield problem.message, ()


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
