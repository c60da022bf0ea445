"""An independent judge of SOQL's grammar: soql-parser-js in a node process, and its trees in the form of ours."""

import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from localorg.soql.ast import (
    And,
    Compare,
    Condition,
    Expression,
    Includes,
    InQuery,
    InValues,
    Literal,
    Not,
    Or,
    Query,
    SelectChildren,
    SelectField,
    SelectFields,
    SelectItem,
    SelectTypeof,
)
from localorg.soql.ast import Path as FieldPath
from tests.localorg.node import NODE_FOLDER, node

Json = dict[str, Any]
PACKAGE = NODE_FOLDER / "node_modules" / "@jetstreamapp" / "soql-parser-js"
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_OPERATORS = {"<>": "!="}


class Incomparable(Exception):
    """The judge mixes AND and OR without parentheses, or has lost parentheses (those between two NOTs)."""


class Judge:
    """The parser, running."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            node("soql.mjs"), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def tree(self, soql: str) -> Json | None:
        """The query's tree; None: it is not taken."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(soql) + "\n")
        self._process.stdin.flush()
        verdict: Json = json.loads(self._process.stdout.readline())
        return verdict.get("tree")

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def readme_queries(package: Path = PACKAGE) -> list[str]:
    """Every query that the package's README shows, whole and with SELECT in front."""
    text = (package / "README.md").read_text("utf-8")
    found = []
    for match in re.finditer(r"""(["'`])\s*(SELECT\b.*?)\1(?=[\s;,)])""", text, re.DOTALL | re.IGNORECASE):
        found.append(match[2])
    for block in re.findall(r"```sql\n(.*?)```", text, re.DOTALL):
        found += [part.strip() for part in re.split(r"^--.*$|\n\s*\n", block, flags=re.MULTILINE)]
    return list(dict.fromkeys(one.strip() for one in found if one.strip().upper().startswith("SELECT")))


# -- our tree, as plain values --


def ours(query: Query) -> Json:
    """What a query says, as plain values."""
    return {
        "select": [_item(item) for item in query.select],
        "from": query.source.text.rpartition(".")[2],
        "alias": query.alias,
        "scope": query.scope.text if query.scope else None,
        "where": _condition(query.where),
        "with": query.filter.text if query.filter else None,
        "group": [_expression(one) for one in query.group_by],
        "subtotals": query.subtotals.text if query.subtotals else None,
        "having": _condition(query.having),
        "order": [
            (_expression(key.expression), key.descending, {None: None, True: "LAST", False: "FIRST"}[key.nulls_last])
            for key in query.order_by
        ],
        "limit": query.limit,
        "offset": query.offset,
        "for": [word.text for word in query.purposes],
        "update": [word.text for word in query.statistics],
    }


def _item(item: SelectItem) -> Any:
    match item:
        case SelectField():
            return (_expression(item.expression), item.alias)
        case SelectFields():
            return (f"FIELDS({item.kind})", None)
        case SelectChildren():
            return ours(item.query)
        case SelectTypeof():
            whens = [(when.sobject, [field.text for field in when.fields]) for when in item.whens]
            return ("TYPEOF", item.relationship.text, whens, [field.text for field in item.otherwise])


def _expression(expression: Expression | Literal) -> str:
    if isinstance(expression, FieldPath):
        return expression.text
    if isinstance(expression, Literal):
        return str(expression.value)
    return f"{expression.function}({','.join(map(_expression, expression.arguments))})"


def _condition(condition: Condition | None) -> Any:
    match condition:
        case None:
            return None
        case And(conditions=parts):
            return ("AND", [_condition(part) for part in parts])
        case Or(conditions=parts):
            return ("OR", [_condition(part) for part in parts])
        case Not(condition=part):
            return ("NOT", _condition(part))
        case Compare():
            return (_expression(condition.left), condition.operator, [_literal(condition.right)])
        case InValues():
            operator = "NOT IN" if condition.negated else "IN"
            return (_expression(condition.left), operator, [_literal(one) for one in condition.values])
        case Includes():
            operator = "EXCLUDES" if condition.negated else "INCLUDES"
            return (_expression(condition.left), operator, [_literal(one) for one in condition.values])
        case InQuery():
            return (_expression(condition.left), "NOT IN" if condition.negated else "IN", ours(condition.query))


def _literal(literal: Literal) -> Any:
    match literal.kind:
        case "number":
            return ("number", literal.value)
        case "range":
            return f"{literal.value}:{literal.detail}" if literal.detail else literal.value
        case "currency":
            return (literal.detail, literal.value)
        case "string":
            return ("text", literal.value)
        case "null":
            return "NULL"
    return str(literal.value).upper()


# -- the judge's tree, the same way --


def theirs(tree: Json) -> Json:
    """What the judge read, as plain values."""
    groups = tree.get("groupBy", [])
    groups = [_their_expression(one) for one in (groups if isinstance(groups, list) else [groups])]
    subtotals = None
    if len(groups) == 1 and (found := re.fullmatch(r"(ROLLUP|CUBE)\((.*)\)", groups[0])):
        subtotals, groups = found[1], found[2].split(",")
    orders = tree.get("orderBy", [])
    return {
        "select": [_their_item(item) for item in tree["fields"]],
        "from": tree.get("sObject") or tree["relationshipName"],
        "alias": tree.get("sObjectAlias"),
        "scope": tree["usingScope"].upper() if "usingScope" in tree else None,
        "where": _their_condition(tree.get("where")),
        "with": "SECURITY_ENFORCED"
        if tree.get("withSecurityEnforced")
        else "DATA CATEGORY"
        if "withDataCategory" in tree
        else tree.get("withAccessLevel"),
        "group": groups,
        "subtotals": subtotals,
        "having": _their_condition(tree.get("having")),
        "order": [
            (_their_expression(one), one.get("order") == "DESC", one.get("nulls"))
            for one in (orders if isinstance(orders, list) else [orders])
        ],
        "limit": tree.get("limit"),
        "offset": tree.get("offset"),
        "for": [tree["for"]] if "for" in tree else [],
        "update": [tree["update"]] if "update" in tree else [],
    }


def _their_item(item: Json) -> Any:
    match item["type"]:
        case "FieldSubquery":
            return theirs(item["subquery"])
        case "FieldTypeof":
            whens = [(one["objectType"], one["fieldList"]) for one in item["conditions"] if one["type"] == "WHEN"]
            otherwise = [one["fieldList"] for one in item["conditions"] if one["type"] == "ELSE"]
            return ("TYPEOF", item["field"], whens, otherwise[0] if otherwise else [])
    name = _their_expression(item)
    return (name.upper() if item.get("functionName") == "FIELDS" else name, item.get("alias"))


def _their_expression(value: Any) -> str:
    if isinstance(value, str):
        return _unescaped(value[1:-1]) if value.startswith("'") else value
    if "fn" in value:
        return _their_expression(value["fn"])
    if "functionName" in value:
        return f"{value['functionName'].upper()}({','.join(map(_their_expression, value.get('parameters', [])))})"
    # Fields of parents come apart in SELECT.
    name = ".".join([*value.get("relationships", []), value["field"]])
    return f"{value['objectPrefix']}.{name}" if "objectPrefix" in value else name


def _their_condition(clause: Json | None) -> Any:
    """A list of comparisons with the parentheses around them, as a tree."""
    if clause is None:
        return None
    tokens: list[Any] = []
    part: Json | None = clause
    while part is not None:
        left = part.get("left")
        if left is not None:
            tokens += ["("] * int(left.get("openParen", 0))
            if "operator" in left:
                tokens.append(_their_comparison(left))
            tokens += [")"] * int(left.get("closeParen", 0))
        if part.get("operator") is not None:
            tokens.append(part["operator"].upper())
        part = part.get("right")
    if tokens.count("(") != tokens.count(")"):
        raise Incomparable
    return _joined(tokens)[0]


def _joined(tokens: list[Any]) -> tuple[Any, list[Any]]:
    first, tokens = _simple(tokens)
    parts, word = [first], None
    while tokens and tokens[0] in ("AND", "OR"):
        word = word or tokens[0]
        if tokens[0] != word:
            raise Incomparable
        part, tokens = _simple(tokens[1:])
        parts.append(part)
    return (first if word is None else (word, parts)), tokens


def _simple(tokens: list[Any]) -> tuple[Any, list[Any]]:
    if tokens[0] == "NOT":
        inner, rest = _simple(tokens[1:])
        return ("NOT", inner), rest
    if tokens[0] == "(":
        inner, rest = _joined(tokens[1:])
        assert rest[0] == ")"
        return inner, rest[1:]
    return tokens[0], tokens[1:]


def _their_comparison(left: Json) -> Any:
    operator = _OPERATORS.get(left["operator"], left["operator"].upper())
    field = _their_expression(left)
    if "valueQuery" in left:
        return (field, operator, theirs(left["valueQuery"]))
    values, kinds = left["value"], left["literalType"]
    if not isinstance(values, list):
        values = [values]
    if not isinstance(kinds, list):
        kinds = [kinds] * len(values)
    return (field, operator, [_their_literal(*one) for one in zip(values, kinds, strict=True)])


def _their_literal(value: str, kind: str) -> Any:
    if kind == "STRING":
        return ("text", _unescaped(value[1:-1]))
    if kind in ("INTEGER", "DECIMAL"):
        return ("number", Decimal(value))
    if kind.endswith("CURRENCY_PREFIX"):
        return (value[:3].upper(), Decimal(value[3:]))
    return value.upper()


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1].lower(), found[1]), text)
