"""`submission_metadata.yml` of a Gradescope export: who has handed in which folder.

    submission_12345:
      :submitters:
      - :name: Ada Lovelace
        :sid: '1234'
        :email: ada@example.edu
      :score: 3.0
      :results: {...}

The results of a large class are many megabytes, and the file has Ruby's tags in it. So it is read as a
stream of events: nothing is built of it but the submitters.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import yaml

from grader.batch.entries import Learner
from grader.errors import UsageError
from grader.files import NotPlain, open_plain
from grader.text import one_line

METADATA = "submission_metadata.yml"
_MAX_SIZE = 512 * 2**20
_MAX_DEPTH = 100  # of its collections; the time that deeper ones take grows faster than they do
_FIELDS = {":name": "full_name", ":sid": "id", ":email": "email"}
_MAX_FIELD = 200
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_submitters(path: Path) -> dict[str, list[Learner]]:
    """The submitters of every submission, by the name of its folder.

    Raises:
        UsageError: the file cannot be read, or is something else.
    """
    try:
        file, size = open_plain(path)
        with file:
            if size > _MAX_SIZE:
                raise _refused(f"has {size:,} bytes; at most {_MAX_SIZE:,} are read")
            found: dict[str, list[Learner]] = {}
            for folder, fields in _submitters(file):
                found.setdefault(folder, []).append(Learner(**fields))
            return found
    except NotPlain as error:
        raise _refused(str(error)[:-1]) from None
    except OSError as error:
        raise _refused(f"cannot be read: {error.strerror}") from None
    except yaml.MarkedYAMLError as error:
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise _refused(f"is no YAML{line}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError):
        raise _refused("is no YAML") from None


def _refused(why: str) -> UsageError:
    return UsageError(
        f"{METADATA} {why}. Take it from the export again; without the file the folders are graded "
        "as they are, without the names of the learners."
    )


def _submitters(file: BinaryIO) -> Iterator[tuple[str, dict[str, str]]]:
    """(folder, fields) of every submitter, in the file's order.

    `path` holds, for every collection that is open, the key or place that comes next in it.
    """
    path: list[str | int] = []
    keys: list[bool] = []  # whether a key comes next, for every open collection
    anchors: dict[str, str] = {}
    fields: dict[str, str] = {}
    for event in yaml.parse(file, Loader=_LOADER):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            if isinstance(event, yaml.MappingStartEvent) and _is_submitter(path):
                fields = {}
            if len(path) == _MAX_DEPTH:
                raise _refused("is nested too deeply")
            is_mapping = isinstance(event, yaml.MappingStartEvent)
            path.append("" if is_mapping else 0)
            keys.append(is_mapping)
            continue
        if isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            path.pop()
            keys.pop()
            if isinstance(event, yaml.MappingEndEvent) and _is_submitter(path) and fields:
                yield str(path[0]), fields
        elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            if not path:
                raise _refused("holds no submissions")
            text = _text(event, anchors)
            if keys[-1]:
                path[-1] = text
                keys[-1] = False
                continue
            if len(path) == 4 and _is_submitter(path[:3]) and path[3] in _FIELDS:
                fields[_FIELDS[str(path[3])]] = one_line(text, _MAX_FIELD)
        else:
            continue
        _next(path, keys)


def _next(path: list[str | int], keys: list[bool]) -> None:
    """A value is complete: what follows is the next place, or a key."""
    if path and isinstance(path[-1], int):
        path[-1] += 1
    elif path:
        keys[-1] = True


def _is_submitter(path: list[str | int]) -> bool:
    return len(path) == 3 and path[1] == ":submitters" and isinstance(path[2], int)


def _text(event: yaml.ScalarEvent | yaml.AliasEvent, anchors: dict[str, str]) -> str:
    """What a scalar says; equal texts may stand there once, and as aliases from then on."""
    if isinstance(event, yaml.AliasEvent):
        return anchors.get(event.anchor or "", "")
    is_null = event.value in ("~", "null") and event.implicit[0]  # not quoted
    text = "" if is_null else event.value
    if event.anchor:
        anchors[event.anchor] = text[:_MAX_FIELD]
    return text
