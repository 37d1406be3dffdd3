"""What is wrong with a script although it can be read: checks of the finished tree.

PowerShell makes them at parse time, so a script with a duplicate parameter runs not a single line. What they need of
types they take from names; whether a type exists is the compiler's business.
The flow through a class's methods is parser_flow's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from jobmagics.powershell.parser.constants import is_constant, pure_expression
from jobmagics.powershell.parser.errors import ErrorList
from jobmagics.powershell.parser.flow import check_method
from jobmagics.powershell.parser.syntax import (
    ArrayLiteralAst,
    AssignmentStatementAst,
    Ast,
    AttributeAst,
    AttributedExpressionAst,
    BlockStatementAst,
    BreakStatementAst,
    CommandAst,
    ConstantExpressionAst,
    ContinueStatementAst,
    ConvertExpressionAst,
    ExpressionAst,
    Extent,
    ForEachStatementAst,
    FunctionDefinitionAst,
    FunctionMemberAst,
    HashtableAst,
    IndexExpressionAst,
    InvokeMemberExpressionAst,
    LabeledStatementAst,
    MemberExpressionAst,
    NamedBlockAst,
    ParamBlockAst,
    ParameterAst,
    ParenExpressionAst,
    PropertyMemberAst,
    ReturnStatementAst,
    ScriptBlockAst,
    ScriptBlockExpressionAst,
    StatementBlockAst,
    StringConstantExpressionAst,
    SwitchStatementAst,
    TrapStatementAst,
    TryStatementAst,
    TypeConstraintAst,
    TypeDefinitionAst,
    UnaryExpressionAst,
    UsingExpressionAst,
    UsingStatementAst,
    VariableExpressionAst,
)

REFERENCE = frozenset(("ref", "psreference", "system.management.automation.psreference"))
VOID = frozenset(("void", "system.void"))
EXCEPTION = frozenset(("exception", "system.exception"))
AUTOMATIC_TYPES = {
    "_": ("System.Object", "object"),
    "args": ("System.Object[]", "object[]"),
    "this": ("System.Object", "object"),
    "input": ("System.Object", "object"),
    "pscmdlet": ("System.Management.Automation.PSScriptCmdlet", "psscriptcmdlet"),
    "psboundparameters": ("System.Management.Automation.PSBoundParametersDictionary", "psboundparametersdictionary"),
    "myinvocation": ("System.Management.Automation.InvocationInfo", "invocationinfo"),
    "psscriptroot": ("System.String", "string"),
    "pscommandpath": ("System.String", "string"),
}
"""Automatic variables that can be assigned with their own type only: its full and its short name."""


class Place(NamedTuple):
    """A node on the way from the root down, and the way to it."""

    node: Ast
    above: Place | None


class Checker:
    def __init__(self, errors: ErrorList) -> None:
        self.errors = errors

    def check(self, root: Ast) -> None:
        stack: list[tuple[Ast, Place | None]] = [(root, None)]
        while stack:
            node, above = stack.pop()
            check = CHECKS.get(type(node))
            if check is not None:
                check(self, node, above)
            below = list(node.children())
            if below:
                place = Place(node, above)
                stack.extend((child, place) for child in reversed(below))

    def report(self, error_id: str, extent: Extent, *args: str) -> None:
        self.errors.add(error_id, extent.start, extent.end, *args)

    # -- parameters, attributes, functions

    def parameters(self, parameters: list[ParameterAst]) -> None:
        seen: set[str] = set()
        for parameter in parameters:
            name = parameter.name.path.lower()
            if name in seen:
                self.report("DuplicateFormalParameter", parameter.name.extent, parameter.name.path)
            seen.add(name)
            for item in parameter.attributes:
                if isinstance(item, TypeConstraintAst) and item.type_name.full_name.lower() in VOID:
                    self.report("VoidTypeConstraintNotAllowed", item.extent)
                    break

    def param_block(self, node: ParamBlockAst, above: Place | None) -> None:
        self.parameters(node.parameters)

    def parameter(self, node: ParameterAst, above: Place | None) -> None:
        in_method = above is not None and isinstance(above.node, FunctionMemberAst)
        typed = False
        for item in node.attributes:
            if not isinstance(item, TypeConstraintAst):
                continue
            if item.type_name.full_name.lower() == "ordered":
                self.report("OrderedAttributeOnlyOnHashLiteralNode", item.extent, item.type_name.full_name)
            elif typed and in_method:
                self.report("MultipleTypeConstraintsOnMethodParam", item.extent)
            typed = True

    def attribute(self, node: AttributeAst, above: Place | None) -> None:
        of_class = above is not None and isinstance(
            above.node, TypeDefinitionAst | PropertyMemberAst | FunctionMemberAst
        )
        kind = "ParameterAttributeArgumentNeedsToBeConstant" + ("" if of_class else "OrScriptBlock")
        seen: set[str] = set()
        for named in node.named_arguments:
            name = named.argument_name.lower()
            if name in seen:
                self.report("DuplicateNamedArgument", named.extent, named.argument_name)
                continue
            seen.add(name)
            if not named.expression_omitted and not is_constant(named.argument, blocks=not of_class):
                self.report(kind, named.argument.extent)
        for argument in node.positional_arguments:
            if not is_constant(argument, blocks=not of_class):
                self.report(kind, argument.extent)

    def function(self, node: FunctionDefinitionAst, above: Place | None) -> None:
        if node.parameters is not None:
            if node.body.param_block is not None:
                self.report("OnlyOneParameterListAllowed", node.body.param_block.extent)
            else:
                self.parameters(node.parameters)
        if node.is_workflow:
            self.report("WorkflowNotSupportedInPowerShellCore", node.extent)

    def using(self, node: UsingStatementAst, above: Place | None) -> None:
        if node.kind not in ("namespace", "assembly", "module") or node.alias is not None:
            self.report("UsingStatementNotSupported", node.extent)

    # -- members of classes

    def type_definition(self, node: TypeDefinitionAst, above: Place | None) -> None:
        seen: set[str] = set()
        for member in node.members:
            if not isinstance(member, PropertyMemberAst):
                continue
            if member.name.lower() in seen:
                self.report("MemberAlreadyDefined", member.extent, member.name)
            seen.add(member.name.lower())

    def property(self, node: PropertyMemberAst, above: Place | None) -> None:
        constraint = node.property_type
        if constraint is not None and constraint.type_name.full_name.lower() in VOID:
            self.report("TypeNotAllowedForProperty", constraint.extent, constraint.type_name.full_name)

    def method(self, node: FunctionMemberAst, above: Place | None) -> None:
        body = node.body
        if body.param_block is not None:
            self.report("ParamBlockNotAllowedInMethod", body.param_block.extent)
        blocks = (body.dynamic_param_block, body.begin_block, body.process_block, body.clean_block, body.end_block)
        named = [block for block in blocks if block is not None and not block.unnamed]
        if named:
            self.report("NamedBlockNotAllowedInMethod", named[0].extent)
        if node.is_constructor and node.return_type is not None:
            self.report("ConstructorCantHaveReturnType", node.return_type.extent)
        report = check_method(node)
        if not report.returns and not returns_void(node):
            self.report("MethodHasCodePathNotReturn", node.name_extent)
        for variable in report.unassigned:
            self.report("VariableNotLocal", variable.extent)
        for variable in report.this:
            self.report("NonStaticMemberAccessInStaticMember", variable.extent, variable.path)

    # -- flow control

    def try_statement(self, node: TryStatementAst, above: Place | None) -> None:
        clauses = node.catch_clauses
        for index, clause in enumerate(clauses[:-1]):
            later = clauses[index + 1 :]
            if not clause.catch_types:
                at = later[0].extent.start
                self.report("EmptyCatchNotLast", Extent(at, at))
                continue
            caught = {_exception_name(item) for item in clause.catch_types}
            for item in (item for other in later for item in other.catch_types):
                name = _exception_name(item)
                if name in caught or (caught & EXCEPTION and name.endswith("exception")):
                    written = item.type_name.full_name
                    full = written if "." in written else "System." + written
                    self.report("ExceptionTypeAlreadyCaught", item.extent, full)

    def break_or_continue(self, node: BreakStatementAst | ContinueStatementAst, above: Place | None) -> None:
        label = _label(node.label)
        self._leaving_finally(node, above, label)
        if label:
            self._label_in_method(node, above, label)

    def return_statement(self, node: ReturnStatementAst, above: Place | None) -> None:
        self._leaving_finally(node, above, None)
        method = _method_of(above)
        if method is None:
            return
        void = returns_void(method)
        if node.pipeline is not None and void:
            self.report("VoidMethodHasReturn", node.extent)
        elif node.pipeline is None and not void:
            self.report("NonVoidMethodMissingReturnValue", node.extent)

    def _leaving_finally(self, node: Ast, above: Place | None, label: str | None) -> None:
        place = above
        while place is not None:
            at = place.node
            if isinstance(at, NamedBlockAst | TrapStatementAst | ScriptBlockAst):
                return
            if label is not None and isinstance(at, LabeledStatementAst) and _matches(label, at.label):
                return
            outer = place.above.node if place.above is not None else None
            if isinstance(at, StatementBlockAst) and isinstance(outer, TryStatementAst) and outer.finally_block is at:
                self.report("ControlLeavingFinally", node.extent)
                return
            place = place.above

    def _label_in_method(self, node: Ast, above: Place | None, label: str) -> None:
        place = above
        while place is not None:
            at = place.node
            if isinstance(at, FunctionMemberAst):
                self.report("LabelNotFound", node.extent, label)
                return
            if isinstance(at, FunctionDefinitionAst):
                return
            loop = isinstance(at, LabeledStatementAst) and not isinstance(at, SwitchStatementAst)
            if loop and isinstance(at, LabeledStatementAst) and _matches(label, at.label):
                return
            place = place.above

    def switch(self, node: SwitchStatementAst, above: Place | None) -> None:
        if "parallel" in node.flags:
            self.report("KeywordParameterReservedForFutureUse", node.extent, "switch", "parallel")

    def foreach(self, node: ForEachStatementAst, above: Place | None) -> None:
        if "parallel" in node.flags:
            self.report("KeywordParameterReservedForFutureUse", node.extent, "foreach", "parallel")
        if node.throttle_limit is not None:
            self.report("KeywordParameterReservedForFutureUse", node.extent, "foreach", "throttlelimit")
            if not node.flags:
                self.report("ThrottleLimitRequiresParallelFlag", node.extent)

    def block(self, node: BlockStatementAst, above: Place | None) -> None:
        start = node.extent.start
        self.report("UnexpectedKeyword", Extent(start, start + len(node.kind)), node.kind)

    # -- assignment

    def assignment(self, node: AssignmentStatementAst, above: Place | None) -> None:
        for wrong in self._bad_targets(node.left, simple=node.operator == "="):
            self.report("InvalidLeftHandSide", wrong.extent)

    def unary(self, node: UnaryExpressionAst, above: Place | None) -> None:
        if node.operator.endswith(("++", "--")):
            for wrong in self._bad_targets(node.child, simple=False):
                self.report("OperatorRequiresVariableOrProperty", wrong.extent, node.operator.removeprefix("post"))

    def _bad_targets(self, target: ExpressionAst, *, simple: bool) -> Iterator[Ast]:
        """The parts of an assignment's target that cannot be assigned to."""
        if isinstance(target, ArrayLiteralAst):
            if not simple:
                yield target
                return
            for element in target.elements:
                yield from self._bad_targets(element, simple=True)
        elif isinstance(target, ParenExpressionAst):
            inner = pure_expression(target.pipeline)
            if inner is None:
                yield target.pipeline
            else:
                yield from self._bad_targets(inner, simple=simple)
        elif isinstance(target, AttributedExpressionAst):
            yield from self._typed_target(target, simple)
        elif isinstance(target, MemberExpressionAst | IndexExpressionAst):
            if target.null_conditional:
                yield target
        elif not isinstance(target, VariableExpressionAst):
            yield target

    def _typed_target(self, target: AttributedExpressionAst, simple: bool) -> Iterator[Ast]:
        child: ExpressionAst = target
        names: list[str] = []
        reference: Extent | None = None
        while isinstance(child, AttributedExpressionAst):
            if isinstance(child, ConvertExpressionAst):
                name = child.attribute.type_name.full_name.lower()
                names.append(name)
                if name in REFERENCE:
                    reference = child.attribute.extent
                elif name in VOID:
                    self.report("VoidTypeConstraintNotAllowed", child.attribute.extent)
            child = child.child
        if reference is not None and len(names) > 1:
            self.report("ReferenceNeedsToBeByItselfInTypeConstraint", reference)
            return
        if isinstance(child, VariableExpressionAst) and names:
            expected = AUTOMATIC_TYPES.get(child.path.lower())
            if expected is not None and names[-1] not in (expected[0].lower(), expected[1]):
                path = child.path
                self.report("AssignmentStatementToAutomaticNotSupported", target.extent, path, expected[0])
        yield from self._bad_targets(child, simple=simple)

    # -- expressions

    def convert(self, node: ConvertExpressionAst, above: Place | None) -> None:
        name = node.attribute.type_name.full_name
        if name.lower() == "ordered" and not isinstance(node.child, HashtableAst):
            self.report("OrderedAttributeOnlyOnHashLiteralNode", node.extent, name)
        if name.lower() not in REFERENCE:
            return
        child = node.child
        while isinstance(child, AttributedExpressionAst):
            if isinstance(child, ConvertExpressionAst) and child.attribute.type_name.full_name.lower() in REFERENCE:
                self.report("ReferenceNeedsToBeByItselfInTypeSequence", child.attribute.extent)
            child = child.child
        outer = above.node if above is not None else None
        if isinstance(outer, ConvertExpressionAst) and outer.attribute.type_name.full_name.lower() not in REFERENCE:
            place = above
            while place is not None and isinstance(place.node, AttributedExpressionAst):
                place = place.above
            if place is None or not isinstance(place.node, AssignmentStatementAst):
                self.report("ReferenceNeedsToBeLastTypeInTypeConversion", node.attribute.extent)

    def attributed(self, node: AttributedExpressionAst, above: Place | None) -> None:
        child: ExpressionAst = node
        while isinstance(child, AttributedExpressionAst):
            child = child.child
        if not isinstance(child, VariableExpressionAst):
            self.report("UnexpectedAttribute", node.attribute.extent, node.attribute.type_name.full_name)

    def using_expression(self, node: UsingExpressionAst, above: Place | None) -> None:
        inner: ExpressionAst | None = node.sub_expression
        while inner is not None and not isinstance(inner, VariableExpressionAst):
            wrong: ExpressionAst | None = None
            if isinstance(inner, IndexExpressionAst):
                wrong = None if is_constant(inner.index, blocks=True) else inner.index
                inner = inner.target
            elif (
                isinstance(inner, MemberExpressionAst)
                and not isinstance(inner, InvokeMemberExpressionAst)
                and isinstance(inner.member, StringConstantExpressionAst)
            ):
                inner = inner.expression
            else:
                wrong = inner
            if wrong is not None:
                self.report("InvalidUsingExpression", wrong.extent)
                return

    def variable(self, node: VariableExpressionAst, above: Place | None) -> None:
        if not node.splatted or above is None or isinstance(above.node, CommandAst | UsingExpressionAst):
            return
        listed = isinstance(above.node, ArrayLiteralAst) and above.above is not None
        in_command = listed and above.above is not None and isinstance(above.above.node, CommandAst)
        kind = "SplattingNotPermittedInArgumentList" if in_command else "SplattingNotPermitted"
        self.report(kind, node.extent, node.path)

    def hashtable(self, node: HashtableAst, above: Place | None) -> None:
        seen: set[str] = set()
        for key, _ in node.pairs:
            if not isinstance(key, ConstantExpressionAst | StringConstantExpressionAst):
                continue
            text = str(key.value)
            if text.lower() in seen:
                self.report("DuplicateKeyInHashLiteral", key.extent, text)
            seen.add(text.lower())


# -- questions about nodes


def returns_void(method: FunctionMemberAst) -> bool:
    return method.return_type is None or method.return_type.type_name.full_name.lower() in VOID


def _exception_name(item: TypeConstraintAst) -> str:
    return item.type_name.full_name.lower().removeprefix("system.")


def _label(label: ExpressionAst | None) -> str | None:
    """A jump's label: "" if there is none, None if only running the script can tell."""
    if label is None:
        return ""
    return label.value if isinstance(label, StringConstantExpressionAst) else None


def _matches(label: str, of_loop: str | None) -> bool:
    return not label or label.lower() == (of_loop or "").lower()


def _method_of(above: Place | None) -> FunctionMemberAst | None:
    while above is not None:
        if isinstance(above.node, FunctionMemberAst):
            return above.node
        if isinstance(above.node, FunctionDefinitionAst | ScriptBlockExpressionAst):
            return None
        above = above.above
    return None


CHECKS: dict[type, Callable[[Checker, Any, Place | None], None]] = {
    ParamBlockAst: Checker.param_block,
    ParameterAst: Checker.parameter,
    AttributeAst: Checker.attribute,
    FunctionDefinitionAst: Checker.function,
    UsingStatementAst: Checker.using,
    TypeDefinitionAst: Checker.type_definition,
    PropertyMemberAst: Checker.property,
    FunctionMemberAst: Checker.method,
    TryStatementAst: Checker.try_statement,
    BreakStatementAst: Checker.break_or_continue,
    ContinueStatementAst: Checker.break_or_continue,
    ReturnStatementAst: Checker.return_statement,
    SwitchStatementAst: Checker.switch,
    ForEachStatementAst: Checker.foreach,
    BlockStatementAst: Checker.block,
    AssignmentStatementAst: Checker.assignment,
    UnaryExpressionAst: Checker.unary,
    ConvertExpressionAst: Checker.convert,
    AttributedExpressionAst: Checker.attributed,
    UsingExpressionAst: Checker.using_expression,
    VariableExpressionAst: Checker.variable,
    HashtableAst: Checker.hashtable,
}
