"""Classes and enums."""

from __future__ import annotations

from jobmagics.powershell.parser.core import span
from jobmagics.powershell.parser.definitions import DefinitionParser
from jobmagics.powershell.parser.lexer import COMMAND, EXPRESSION, SIGNATURE
from jobmagics.powershell.parser.syntax import (
    AttributeAst,
    AttributeBaseAst,
    BaseCtorInvokeMemberExpressionAst,
    CommandExpressionAst,
    ErrorStatementAst,
    ExpressionAst,
    Extent,
    FunctionMemberAst,
    MemberAst,
    ParameterAst,
    PropertyMemberAst,
    StatementAst,
    StringConstantExpressionAst,
    TypeConstraintAst,
    TypeDefinitionAst,
    VariableExpressionAst,
)
from jobmagics.powershell.parser.tokens import KEYWORDS, NAME, NEWLINE, VARIABLE, Token

MODIFIERS = frozenset(("hidden", "static"))


class ParserLayers(DefinitionParser):
    """All layers together."""

    def class_definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            self.missing("MissingNameAfterKeyword", keyword.end, keyword.text)
            return ErrorStatementAst(keyword.extent)
        self.skip_newlines()
        with self.fresh(SIGNATURE):
            bases = self._base_types()
            left = self.accept("{")
            if left is None:
                end = bases[-1].extent.end if bases else name.end
                self.missing("MissingTypeBody", end, keyword.kind)
                return ErrorStatementAst(Extent(keyword.start, end), [*bases])
            members: list[MemberAst] = []
            while self._member_definition(name, members):
                pass
            self._close_type(left)
        return self._type("class", keyword, name, attributes, members, bases)

    def enum_definition(self, keyword: Token, attributes: list[AttributeBaseAst]) -> StatementAst:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            self.missing("MissingNameAfterKeyword", keyword.end, keyword.text)
            return ErrorStatementAst(keyword.extent)
        self.skip_newlines()
        with self.fresh(SIGNATURE):
            bases = self._base_types()
        with self.fresh(COMMAND):
            left = self.accept("{")
            if left is None:
                self.missing("MissingTypeBody", bases[-1].extent.end if bases else name.end, keyword.kind)
                return ErrorStatementAst(span(keyword, name))
            members: list[MemberAst] = []
            while (member := self._enum_member()) is not None:
                members.append(member)
            self._close_type(left)
        return self._type("enum", keyword, name, attributes, members, bases)

    def _close_type(self, left: Token) -> None:
        if self.accept("}") is None:
            self.missing_for("MissingEndCurlyBrace", left.end, left.end, self.peek().end)

    def _type(
        self,
        kind: str,
        keyword: Token,
        name: Token,
        attributes: list[AttributeBaseAst],
        members: list[MemberAst],
        bases: list[TypeConstraintAst],
    ) -> TypeDefinitionAst:
        good = [item for item in attributes if isinstance(item, AttributeAst)]
        start = good[0].extent.start if good else keyword.start
        end = max(self.last_end(), members[-1].extent.end if members else 0)
        extent = Extent(start, end)
        return TypeDefinitionAst(extent, kind, name.text, good, members, bases, name.extent)

    def _base_types(self) -> list[TypeConstraintAst]:
        bases: list[TypeConstraintAst] = []
        colon = self.accept(":")
        separator = colon
        while separator is not None:
            self.skip_newlines()
            base = self.type_name(assembly=False)
            if base is None:
                self.missing("TypeNameExpected", separator.end)
                break
            bases.append(TypeConstraintAst(base.extent, base))
            self.skip_newlines()
            separator = self.accept(",")
        return bases

    # -- members of a class

    def _member_definition(self, class_name: Token, members: list[MemberAst]) -> bool:
        """Reads one member; False when there is none."""
        attributes: list[AttributeAst] = []
        constraint: TypeConstraintAst | None = None
        modifiers: set[str] = set()
        start: int | None = None
        last_end: int | None = None
        while True:
            self.skip_newlines()
            found = self.attribute()
            if isinstance(found, AttributeAst):
                attributes.append(found)
            elif isinstance(found, TypeConstraintAst):
                if constraint is not None:
                    self.wrong("TooManyTypes", found.extent)
                else:
                    constraint = found
            else:
                token = self.peek()
                if token.kind not in MODIFIERS:
                    break
                if token.kind in modifiers:
                    self.wrong("DuplicateQualifier", token, token.text)
                modifiers.add(token.kind)
                self.take()
            start = self._first_start(start, found)
            last_end = self.last_end()
        start = token.start if start is None else start
        if token.kind == VARIABLE:
            members.append(self._property(start, attributes, constraint, modifiers))
            return True
        if token.kind == NAME or token.kind in KEYWORDS:
            method = self._method(start, class_name, attributes, constraint, modifiers)
            if method is not None:
                members.append(method)
                return True
            self.skip_to("}", take=False)
            return bool(attributes or constraint)
        if last_end is not None:
            self.missing("IncompleteMemberDefinition", last_end)
        return bool(last_end is not None and (attributes or constraint))

    def _first_start(self, start: int | None, found: AttributeBaseAst | None) -> int:
        if start is not None:
            return start
        return found.extent.start if found is not None else self.tokens[-1].start

    def _property(
        self,
        start: int,
        attributes: list[AttributeAst],
        constraint: TypeConstraintAst | None,
        modifiers: set[str],
    ) -> PropertyMemberAst:
        name = self.take()
        end = name.end
        value: ExpressionAst | None = None
        if self.accept("="):
            self.skip_newlines()
            value = self.expression()
            end = value.extent.end if value is not None else end
        end = self._member_end(end)
        path = str(name.value)
        return PropertyMemberAst(
            Extent(start, end), path, attributes, "static" in modifiers, "hidden" in modifiers, constraint, value
        )

    def _member_end(self, end: int, *, reported: bool = False) -> int:
        """The separator after a property or an enum's value."""
        token = self.peek()
        if token.kind not in (NEWLINE, ";", "}") and not reported:
            self.missing("MissingPropertyTerminator", end)
        self.skip_separators()
        return token.end if token.kind == ";" else end

    def _method(
        self,
        start: int,
        class_name: Token,
        attributes: list[AttributeAst],
        constraint: TypeConstraintAst | None,
        modifiers: set[str],
    ) -> FunctionMemberAst | None:
        name = self.take()
        parameters: list[ParameterAst] = []
        wrong_end: int | None = None
        if left := self.accept("("):
            parameters, wrong_end = self.parameter_list(left)
        else:
            self.missing("MissingMethodParameterList", name.end)
        is_constructor = name.text.lower() == class_name.text.lower()
        end = self.last_end()
        base_call: StatementAst | None = None
        if is_constructor and "static" not in modifiers:
            self.skip_newlines()
            base_call, wrong = self._base_call()
            wrong_end = wrong if wrong is not None else wrong_end
        left = self.accept("{")
        if left is None and wrong_end is None:
            wrong_end = end
            self.missing("MissingFunctionBody", end)
        if left is None or wrong_end is not None:
            return None
        with self.fresh(COMMAND):
            body = self.script_block(left, first=base_call)
        return FunctionMemberAst(
            Extent(start, body.extent.end),
            name.text,
            attributes,
            "static" in modifiers,
            "hidden" in modifiers,
            parameters,
            body,
            constraint,
            is_constructor,
            name.extent,
        )

    def _base_call(self) -> tuple[StatementAst | None, int | None]:
        """``: base(...)``; with it where it goes wrong, if it does."""
        colon = self.accept(":")
        if colon is None:
            return None, None
        self.skip_newlines()
        base = self.accept("base")
        if base is None:
            self.missing("MissingBaseCtorCall", colon.end)
            return None, colon.end
        self.skip_newlines()
        left = self.accept("(")
        if left is None:
            self.missing("MissingMethodParameterList", base.end)
            return None, base.end
        arguments, end = self.parenthesized_arguments(left)
        self.skip_newlines()
        target = VariableExpressionAst(base.extent, "this")
        member = StringConstantExpressionAst(base.extent, ".ctor", "BareWord")
        extent = Extent(base.start, end)
        call = BaseCtorInvokeMemberExpressionAst(extent, target, member, False, False, arguments)
        return CommandExpressionAst(extent, [], call), None

    # -- values of an enum

    def _enum_member(self) -> PropertyMemberAst | None:
        self.skip_newlines()
        name = self.simple_name()
        if name is None:
            return None
        end = name.end
        value: ExpressionAst | None = None
        reported = False
        with self.mode(EXPRESSION):
            equals = self.accept("=")
            if equals is not None:
                value = self.expression()
                if value is None:
                    self.errors.add("ExpectedValueExpression", equals.end, equals.end, "=")
                    reported = True
                end = value.extent.end if value is not None else equals.end
        end = self._member_end(end, reported=reported)
        return PropertyMemberAst(Extent(name.start, end), name.text, [], True, False, None, value)
