"""Which documents a question may be answered from, by their metadata: typed conditions, never pasted SQL.

A filter holds for everything that is shown: a passage, an entity or a relationship counts only as far as permitted
documents support it, and a report only if nothing else went into it.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphrag_lite.errors import QuestionError
from graphrag_lite.text.metadata import value_at

Filter = Mapping[str, Any] | Iterable[str]
_CONDITION = re.compile(r"\s*([\w.\-]+|[^\s=<>!~]+)\s*(>=|<=|!=|==|=|>|<|~)\s*(.*?)\s*", re.DOTALL)
_OPERATORS = ("=", "!=", ">", ">=", "<", "<=", "~")


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of a document: `operator` is =, !=, >, >=, <, <= or ~ (glob); a list of values means any of them."""

    key: str
    operator: str
    values: tuple[Any, ...]

    def holds(self, found: Any) -> bool:
        """Whether a metadata value passes; of a list, one item is enough. A missing value passes only !=."""
        items = list(found) if isinstance(found, (list, tuple)) else [] if found is None else [found]
        if self.operator == "!=":
            return not any(_equal(item, value) for item in items for value in self.values)
        return any(_compare(item, self.operator, value) for item in items for value in self.values)


def parse_filter(where: Filter | None) -> tuple[Condition, ...]:
    """Conditions that must all hold.

    Args:
        where: A mapping such as `{"tenant": "acme", "year": {">=": 2020}, "kind": ["memo", "report"]}`, or texts such
            as "tenant=acme", "year>=2020", "source~*/minutes/*". `source`, `title` and `document_id` are known of
            every document; any other key is metadata (`a.b` reaches inside).

    Raises:
        QuestionError: A condition cannot be read.
    """
    if where is None:
        return ()
    if isinstance(where, str):
        where = [where]
    if isinstance(where, Mapping):
        return tuple(condition for key, value in where.items() for condition in _of_mapping(str(key), value))
    return tuple(map(_of_text, where))


def matches(conditions: Sequence[Condition], document: Mapping[str, Any]) -> bool:
    """Whether a document passes.

    Args:
        conditions: All must hold.
        document: `document_id`, `title`, `sources`, and `metadata` as a mapping.
    """
    return all(condition.holds(_look_up(document, condition.key)) for condition in conditions)


def _of_mapping(key: str, value: Any) -> Iterable[Condition]:
    if not isinstance(value, Mapping):
        yield Condition(key, "=", tuple(value) if isinstance(value, (list, tuple, set)) else (value,))
        return
    for operator, operand in value.items():
        if operator not in _OPERATORS:
            raise QuestionError(f"filter {key}: no operator {operator!r}. There are: {' '.join(_OPERATORS)}")
        yield Condition(key, operator, tuple(operand) if isinstance(operand, (list, tuple, set)) else (operand,))


def _of_text(text: str) -> Condition:
    match = _CONDITION.fullmatch(text)
    if match is None:
        raise QuestionError(f"filter {text!r}: expected KEY=VALUE, with one of {' '.join(_OPERATORS)}")
    key, operator, value = match.groups()
    operator = "=" if operator == "==" else operator
    values = value.split(",") if operator in ("=", "!=") else [value]
    return Condition(key, operator, tuple(part.strip() for part in values))


def _look_up(document: Mapping[str, Any], key: str) -> Any:
    if key == "source":
        return document["sources"]
    if key in ("title", "document_id"):
        return document[key]
    return value_at(document["metadata"], key)


def _compare(found: Any, operator: str, value: Any) -> bool:
    if operator == "=":
        return _equal(found, value)
    if operator == "~":
        return fnmatch.fnmatchcase(str(found), str(value))
    left, right = _ordered(found), _ordered(value)
    if left is None or right is None or type(left) is not type(right):
        return False
    tests: dict[str, Callable[[Any, Any], bool]] = {
        ">": lambda a, b: a > b,
        ">=": lambda a, b: a >= b,
        "<": lambda a, b: a < b,
        "<=": lambda a, b: a <= b,
    }
    return bool(tests[operator](left, right))


def _equal(found: Any, value: Any) -> bool:
    if isinstance(found, bool) or isinstance(value, bool):
        return str(found).lower() == str(value).lower()
    left, right = _ordered(found), _ordered(value)
    return left == right if type(left) is type(right) else str(found) == str(value)


def _ordered(value: Any) -> float | str | None:
    """A value that can be ordered: a number where it reads as one, else text (ISO dates order as text)."""
    if isinstance(value, (int, float)):
        return float(value)
    try:
        return float(value)
    except (TypeError, ValueError):
        return str(value) if isinstance(value, str) else None
