"""Reports as JUnit XML in pytest's family "xunit2": a test suite for each submission, a case for each check.

Schema: junit-10.xsd of Jenkins' xUnit plugin.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from grader.batch.entries import Entry
from grader.exports.messages import message_of
from grader.files import write_whole
from grader.text import MESSAGE, clean, one_line

_ELEMENTS = {"failed": "failure", "error": "error"}  # any other but "passed" is skipped
_TAGS = (*_ELEMENTS.values(), "skipped")
_NOT_YET = {"name": "is graded", "kind": "value", "status": "todo", "duration_s": 0.0}


def suites(
    entries: Iterable[Entry], report: Callable[[str], dict[str, Any]], name: str
) -> Iterator[str]:
    """The document, piece by piece: a class has many megabytes of it.

    Args:
        report: the report on the submission of a name (schema 1).
        name: of the pack.
    """
    yield '<?xml version="1.0" encoding="utf-8"?>\n'
    yield f"{ElementTree.tostring(_element('testsuites', name=name), 'unicode')[:-3]}>\n"
    for entry in entries:
        found = _suite(entry, report(entry.name) if entry.graded else None)
        yield f"{ElementTree.tostring(found, 'unicode')}\n"
    yield "</testsuites>\n"


def write_suites(path: Path, pieces: Iterable[str]) -> None:
    """Write the document.

    Raises:
        UsageError: the file cannot be written there.
    """
    write_whole(path, "".join(pieces))


def _suite(entry: Entry, report: dict[str, Any] | None) -> ElementTree.Element:
    cases = [
        _case(exercise["id"], check)
        for exercise in (report["exercises"] if report else ())
        for check in exercise["checks"]
    ]
    if report is None:
        said = {"rationale": "It has not been graded yet.", "evidence": "", "hint": ""}
        cases = [_case("batch", _NOT_YET | said)]
    counts = {tag: sum(case.find(tag) is not None for case in cases) for tag in _TAGS}
    suite = _element(
        "testsuite",
        name=entry.name,
        tests=len(cases),
        failures=counts["failure"],
        errors=counts["error"],
        skipped=counts["skipped"],
        time=_seconds(report["duration_s"] if report else 0.0),
        timestamp=report["started"] if report else None,
    )
    suite.extend(cases)
    return suite


def _case(exercise: str, check: dict[str, Any]) -> ElementTree.Element:
    case = _element(
        "testcase", classname=exercise, name=check["name"], time=_seconds(check["duration_s"])
    )
    if check["status"] == "passed":
        return case
    tag = _ELEMENTS.get(check["status"], "skipped")
    inner = _element(tag, type=check["status"], message=one_line(check["rationale"], MESSAGE))
    inner.text = clean(message_of(check))
    case.append(inner)
    return case


def _element(tag: str, **attributes: Any) -> ElementTree.Element:
    there = {key: _shown(str(value)) for key, value in attributes.items() if value is not None}
    return ElementTree.Element(tag, there)


@functools.lru_cache(4096)
def _shown(text: str) -> str:
    """`text` in one line. Most of them are names of checks, the same for every submission."""
    return one_line(text, MESSAGE)


def _seconds(value: float) -> str:
    return f"{value:.3f}"
