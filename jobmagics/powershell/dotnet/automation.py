"""System.Management.Automation: records, SemanticVersion, WildcardPattern, LanguagePrimitives, PSSerializer.

The records themselves are in ``records``; here is what scripts may make of them, call on them and change in them.
Members as values are in ``added_members``, script blocks and the parser in ``blocks``, credentials in ``credentials``.
"""

from __future__ import annotations

import re
from typing import Any

from ...psobject import Version
from ..records import (
    SMA,
    CategoryInfo,
    ErrorDetails,
    ErrorRecord,
    HostInformationMessage,
    InformationalRecord,
    InformationRecord,
    InvocationInfo,
    NetException,
    ProgressRecord,
    ScriptError,
)
from ..values.types import NetType
from ..values.wildcards import escape, has_wildcard, unescape, wildcard_match
from .enums import enum_value
from .table import NetObject, argument_null, declare, net_error

# -- ErrorRecord

ERROR = declare(SMA + "ErrorRecord")


@ERROR.constructor(
    "(System.Exception exception, string errorId, System.Management.Automation.ErrorCategory "
    "errorCategory, System.Object targetObject)"
)
def _new_record(
    kind: NetType, exception: NetException | None, fqid: str | None, category: Any, target: Any
) -> ErrorRecord:
    if exception is None:
        raise argument_null("exception")
    return ErrorRecord(exception, fqid or "", str(category), target)


@ERROR.constructor(
    "(System.Management.Automation.ErrorRecord errorRecord, System.Exception replaceParentContainsErrorRecordException)"
)
def _copy_record(kind: NetType, source: ErrorRecord, exception: NetException | None) -> ErrorRecord:
    made = ErrorRecord(
        exception or source.exception, source.error_id, source.category, source.target, details=source.details
    )
    made.command_id = source.command_id
    made.invocation = source.invocation
    made.activity, made.reason, made.target_override = source.activity, source.reason, source.target_override
    return made


def _put_details(record: ErrorRecord, details: Any) -> None:
    record.details = None if details is None else details.message
    record.recommended = None if details is None else details.recommended


def _details(record: ErrorRecord) -> ErrorDetails | None:
    return None if record.details is None else ErrorDetails(record.details, record.recommended or "")


ERROR.property("System.Exception Exception", lambda record: record.exception)
ERROR.property("System.Object TargetObject", lambda record: record.target)
ERROR.property("System.Management.Automation.ErrorCategoryInfo CategoryInfo", lambda record: record.category_info)
ERROR.property("string FullyQualifiedErrorId", lambda record: record.fqid)
ERROR.property("System.Management.Automation.ErrorDetails ErrorDetails", _details, _put_details)
ERROR.property("System.Management.Automation.InvocationInfo InvocationInfo", lambda record: record.invocation)
ERROR.property("string ScriptStackTrace", lambda record: record.stack_trace)
ERROR.property(
    "System.Collections.ObjectModel.ReadOnlyCollection[int] PipelineIterationInfo",
    lambda record: list(record.pipeline_iteration),
)

DETAILS = declare(SMA + "ErrorDetails")
DETAILS.constructor("(string message)")(lambda kind, message: ErrorDetails(message))
DETAILS.attributes("string Message")
DETAILS.property(
    "string RecommendedAction", lambda held: held.recommended, lambda held, text: setattr(held, "recommended", text)
)

CATEGORY = declare(SMA + "ErrorCategoryInfo")


def _category_part(name: str, put: Any) -> None:
    attribute = {"TargetName": "target_name", "TargetType": "target_type"}.get(name, name.lower())

    def write(info: CategoryInfo, text: str) -> None:
        setattr(info, attribute, text)
        if info.record is not None:
            put(info.record, info, text)

    CATEGORY.property(f"string {name}", lambda info: getattr(info, attribute), write)


def _put_target(record: ErrorRecord, info: CategoryInfo, text: str) -> None:
    record.target_override = (info.target_name, info.target_type)


CATEGORY.property(
    "System.Management.Automation.ErrorCategory Category", lambda info: enum_value(SMA + "ErrorCategory", info.category)
)
_category_part("Activity", lambda record, info, text: setattr(record, "activity", text))
_category_part("Reason", lambda record, info, text: setattr(record, "reason", text))
_category_part("TargetName", _put_target)
_category_part("TargetType", _put_target)
CATEGORY.method("string GetMessage()")(lambda info: info.ps_to_string())

INVOCATION = declare(SMA + "InvocationInfo")
for _text, _attribute in (
    ("System.Management.Automation.CommandInfo MyCommand", "command"),
    ("System.Object BoundParameters", "bound_parameters"),
    ("System.Object UnboundArguments", "unbound_arguments"),
    ("int ScriptLineNumber", "script_line_number"),
    ("int OffsetInLine", "offset_in_line"),
    ("string ScriptName", "script_name"),
    ("string Line", "line"),
    ("string Statement", "statement"),
    ("string PositionMessage", "position_message"),
    ("string PSScriptRoot", "ps_script_root"),
    ("string PSCommandPath", "script_name"),
    ("string InvocationName", "invocation_name"),
    ("int PipelineLength", "pipeline_length"),
    ("int PipelinePosition", "pipeline_position"),
    ("bool ExpectingInput", "expecting_input"),
):
    INVOCATION.property(_text, lambda info, attribute=_attribute: getattr(info, attribute))  # type: ignore[misc]
INVOCATION.static(
    "System.Management.Automation.InvocationInfo Create(System.Management.Automation.CommandInfo "
    "commandInfo, System.Object scriptPosition)"
)(lambda command, position: InvocationInfo(command))

# -- the other streams' records

for _name in ("Warning", "Verbose", "Debug"):
    _table = declare(f"{SMA}{_name}Record")
    _table.constructor("(string message)")(
        lambda kind, message: InformationalRecord(kind.name.removesuffix("Record"), message)
    )
INFORMATIONAL = declare(SMA + "InformationalRecord")
INFORMATIONAL.attributes("string Message", writable=True)

INFORMATION = declare(SMA + "InformationRecord")
INFORMATION.constructor("(System.Object messageData, string source)")(
    lambda kind, data, source: InformationRecord(data, source)
)
INFORMATION.attributes(
    "System.Object MessageData",
    "string Source",
    "datetime TimeGenerated",
    "string User",
    "string Computer",
    writable=True,
)
INFORMATION.attributes("uint ProcessId", "uint NativeThreadId", "uint ManagedThreadId")


def _tags(record: InformationRecord) -> Any:
    from .lists import object_list

    if type(record.tags) is list:  # made a .NET list when a script first looks: it may add to it
        record.tags = object_list(record.tags, "string")
    return record.tags


INFORMATION.property("System.Collections.Generic.List[string] Tags", _tags)

HOST_MESSAGE = declare(SMA + "HostInformationMessage")
HOST_MESSAGE.constructor("()")(lambda kind: HostInformationMessage("", False))
HOST_MESSAGE.attributes("string Message", writable=True)
HOST_MESSAGE.property("bool NoNewLine", lambda held: held.no_newline, lambda held, on: setattr(held, "no_newline", on))
for _text, _attribute in (("ForegroundColor", "foreground"), ("BackgroundColor", "background")):
    HOST_MESSAGE.property(
        f"System.ConsoleColor {_text}",
        lambda held, attribute=_attribute: getattr(held, attribute),  # type: ignore[misc]
        lambda held, color, attribute=_attribute: setattr(held, attribute, color),  # type: ignore[misc]
    )

PROGRESS = declare(SMA + "ProgressRecord")
PROGRESS.constructor(
    "(int activityId, string activity, string statusDescription)",
    "(int activityId, string activity)",
    "(int activityId)",
)(lambda kind, number, activity="", status="": ProgressRecord(number, activity, status))
for _text, _attribute in (
    ("int ActivityId", "activity_id"),
    ("int ParentActivityId", "parent_id"),
    ("string Activity", "activity"),
    ("string StatusDescription", "status"),
    ("string CurrentOperation", "current_operation"),
    ("int PercentComplete", "percent"),
    ("int SecondsRemaining", "seconds_remaining"),
):
    PROGRESS.property(
        _text,
        lambda record, attribute=_attribute: getattr(record, attribute),  # type: ignore[misc]
        lambda record, new, attribute=_attribute: setattr(record, attribute, new),  # type: ignore[misc]
    )
PROGRESS.property(
    "System.Management.Automation.ProgressRecordType RecordType",
    lambda record: enum_value(SMA + "ProgressRecordType", "Completed" if record.completed else "Processing"),
    lambda record, kind: setattr(record, "completed", int(kind) == 1),
)

# -- SemanticVersion

_SEMANTIC = re.compile(r"(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+([0-9A-Za-z.-]+))?")


class SemanticVersion(NetObject):
    """7.6.5-preview.1+build: ordered by the rules of semver 2.0."""

    net_type = SMA + "SemanticVersion"

    def __init__(
        self,
        major: int,
        minor: int = 0,
        patch: int = 0,
        pre_release_label: str | None = None,
        build_label: str | None = None,
    ) -> None:
        if min(major, minor, patch) < 0:
            raise net_error(
                SMA + "PSArgumentException",
                'Cannot process argument because the value of argument "major" is not valid.',
            )
        self.major = major
        self.minor = minor
        self.patch = patch
        self.pre_release_label = pre_release_label or None
        self.build_label = build_label or None

    @classmethod
    def parse(cls, text: str) -> SemanticVersion:
        found = _SEMANTIC.fullmatch(text)
        if found is None:
            raise net_error("System.FormatException", f'Cannot convert value "{text}" to type "{SMA}SemanticVersion".')
        return cls(int(found[1]), int(found[2] or 0), int(found[3] or 0), found[4], found[5])

    def ps_to_string(self) -> str:
        text = f"{self.major}.{self.minor}.{self.patch}"
        if self.pre_release_label:
            text += f"-{self.pre_release_label}"
        return f"{text}+{self.build_label}" if self.build_label else text

    __str__ = ps_to_string

    def _key(self) -> tuple[Any, ...]:
        numbers = (self.major, self.minor, self.patch)
        if not self.pre_release_label:
            return (*numbers, (1,))
        parts = [(0, int(p), "") if p.isdigit() else (1, 0, p) for p in self.pre_release_label.split(".")]
        return (*numbers, (0, *parts))

    def ps_compare(self, other: Any) -> int:
        from ..values.conversions import convert

        if other is None:
            return 1
        theirs = convert(other, self.net_type)
        return int(self._key() > theirs._key()) - int(self._key() < theirs._key())

    def ps_equals(self, other: Any) -> bool:
        try:
            return other is not None and self.ps_compare(other) == 0
        except ScriptError:
            return False


SEMVER = declare(SemanticVersion.net_type)
SEMVER.constructor("(string version)")(lambda kind, text: SemanticVersion.parse(text))
SEMVER.constructor("(int major)", "(int major, int minor)", "(int major, int minor, int patch)")(
    lambda kind, *numbers: SemanticVersion(*numbers)
)
SEMVER.constructor(
    "(int major, int minor, int patch, string label)",
    "(int major, int minor, int patch, string preReleaseLabel, string buildLabel)",
)(lambda kind, *parts: SemanticVersion(*parts))


@SEMVER.constructor("(version version)")
def _of_version(kind: NetType, version: Version) -> SemanticVersion:
    return SemanticVersion.parse(".".join(map(str, version[:3])))


SEMVER.attributes("int Major", "int Minor", "int Patch", "string PreReleaseLabel", "string BuildLabel")
SEMVER.static("semver Parse(string version)")(SemanticVersion.parse)
SEMVER.method("int CompareTo(System.Object version)", "int CompareTo(semver value)")(SemanticVersion.ps_compare)
SEMVER.static("int Compare(semver versionA, semver versionB)")(lambda a, b: a.ps_compare(b))


@SEMVER.static("bool TryParse(string version, [ref] semver result)")
def _try_parse(text: str | None, result: Any) -> bool:
    result.value = SemanticVersion.parse(text) if text and _SEMANTIC.fullmatch(text) else None
    return result.value is not None


# -- WildcardPattern


class WildcardPattern(NetObject):
    net_type = SMA + "WildcardPattern"

    def __init__(self, pattern: str, options: int = 0) -> None:
        self.pattern = pattern
        self.ignore_case = bool(options & 2)

    def is_match(self, text: str) -> bool:
        return wildcard_match(self.pattern, text, self.ignore_case)


WILDCARD = declare(WildcardPattern.net_type)
WILDCARD.constructor("(string pattern)", "(string pattern, System.Management.Automation.WildcardOptions options)")(
    lambda kind, pattern, options=0: WildcardPattern(pattern, int(options))
)
WILDCARD.method("bool IsMatch(string input)")(WildcardPattern.is_match)
WILDCARD.static("wildcardpattern Get(string pattern, System.Management.Automation.WildcardOptions options)")(
    lambda pattern, options: WildcardPattern(pattern, int(options))
)
WILDCARD.static("string Escape(string pattern)")(escape)
WILDCARD.static("string Unescape(string pattern)")(unescape)
WILDCARD.static("bool ContainsWildcardCharacters(string pattern)")(
    lambda pattern: bool(pattern) and has_wildcard(pattern)
)

# -- LanguagePrimitives

PRIMITIVES = declare(SMA + "LanguagePrimitives")


@PRIMITIVES.static("bool IsTrue(System.Object obj)")
def _is_true(value: Any) -> bool:
    from ..values.value import is_true

    return is_true(value)


@PRIMITIVES.static(
    "bool Equals(System.Object first, System.Object second)",
    "bool Equals(System.Object first, System.Object second, bool ignoreCase)",
)
def _equals(first: Any, second: Any, ignore_case: bool = False) -> bool:
    from ..values.operators import equals

    return equals(first, second, ignore_case)


@PRIMITIVES.static(
    "int Compare(System.Object first, System.Object second)",
    "int Compare(System.Object first, System.Object second, bool ignoreCase)",
)
def _compare(first: Any, second: Any, ignore_case: bool = False) -> int:
    from ..values.operators import compare

    return compare(first, second, ignore_case)


@PRIMITIVES.static("System.Object ConvertTo(System.Object valueToConvert, type resultType)")
def _convert_to(value: Any, kind: NetType) -> Any:
    from ..values.conversions import convert

    return convert(value, kind)


@PRIMITIVES.static("bool TryConvertTo(System.Object valueToConvert, type resultType, [ref] System.Object result)")
def _try_convert_to(value: Any, kind: NetType, result: Any) -> bool:
    try:
        result.value = _convert_to(value, kind)
    except ScriptError:
        result.value = None
        return False
    return True


@PRIMITIVES.static("System.Collections.IEnumerable GetEnumerable(System.Object obj)")
def _get_enumerable(value: Any) -> Any:
    from ..values.value import enumerate_value, is_enumerable

    return list(enumerate_value(value)) if is_enumerable(value) else None


PRIMITIVES.static("string ConvertTypeNameToPSTypeName(string typeName)")(lambda name: f"[{name}]")

# -- PSSerializer

SERIALIZER = declare(SMA + "PSSerializer")


@SERIALIZER.static("string Serialize(System.Object source)", "string Serialize(System.Object source, int depth)")
def _serialize(value: Any, depth: int = 1) -> str:
    from ... import clixml
    from ..values.secret_digits import DIGITS

    if depth < 1:
        message = (
            'Cannot process argument because the value of argument "writer" is not valid. Depth must be at least 1.'
        )
        raise net_error(SMA + "PSArgumentException", message, param="writer")
    return clixml.encode_objs([value], depth=depth, cipher=DIGITS)


def _decode(text: str | None) -> list[Any]:
    from ... import clixml
    from ..values.secret_digits import DIGITS
    from .lists import ArrayList

    if text is None:
        raise argument_null("s")
    try:
        found: list[Any] = clixml.decode_objs(text, cipher=DIGITS, lists=ArrayList, units=True)
    except clixml.CLIXMLError as failed:
        raise net_error("System.Xml.XmlException", str(failed)) from None
    if not found:
        raise net_error("System.Xml.XmlException", "Root element is missing.")
    from .revive import revive

    return [revive(one) for one in found]


@SERIALIZER.static("System.Object Deserialize(string source)")
def _deserialize(text: str) -> Any:
    found = _decode(text)
    return found[0] if len(found) == 1 else found


SERIALIZER.static("System.Object[] DeserializeAsList(string source)")(_decode)
