"""Where a learner stands between runs: a small file beside the exercises, deletable at any time.

It holds the last verdict of each exercise, with a digest of the chapter it was given for, and the number
of hints seen. A file that cannot be read counts as none; one that cannot be written is no tragedy.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.errors import UsageError
from grader.files import write_whole
from grader.model import Report
from grader.pack import Exercise, Pack
from grader.submission import Submission

FILENAME = ".progress.json"
_VERSION = 1


@dataclass
class Progress:
    """The state of one learner's folder."""

    path: Path
    verdicts: dict[str, dict[str, str]] = field(default_factory=dict)
    hints_seen: dict[str, int] = field(default_factory=dict)

    def status(self, exercise: Exercise, chapter_digest: str) -> str:
        """The last verdict, "todo" if there is none; with "changed" where the chapter has changed since."""
        verdict = self.verdicts.get(exercise.id)
        if verdict is None:
            return "todo"
        return verdict["status"] if verdict.get("chapter") == chapter_digest else "changed"

    def record(self, report: Report, submission: Submission) -> None:
        """Take over the verdicts of a run."""
        for result in report.exercises:
            if report.interrupted and result.status == "blocked":
                continue  # it was not run
            file = submission.files.get(result.chapter)
            digest = text_digest(file.text) if file else ""
            self.verdicts[result.id] = {"status": result.status, "chapter": digest}

    def save(self) -> None:
        """Write the file, whole or not at all; a folder that cannot be written keeps no progress."""
        data = {"version": _VERSION, "verdicts": self.verdicts, "hints_seen": self.hints_seen}
        with contextlib.suppress(UsageError):
            write_whole(self.path, json.dumps(data, indent=1) + "\n")


def load_progress(pack: Pack) -> Progress:
    """The progress kept in the pack's exercises folder."""
    path = pack.exercises_dir / FILENAME
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Progress(path)
    if not isinstance(data, dict) or data.get("version") != _VERSION:
        return Progress(path)
    return Progress(path, _verdicts(data.get("verdicts")), _counts(data.get("hints_seen")))


def _verdicts(data: Any) -> dict[str, dict[str, str]]:
    if not isinstance(data, dict):
        return {}
    return {
        str(k): v
        for k, v in data.items()
        if isinstance(v, dict) and isinstance(v.get("status"), str)
    }


def _counts(data: Any) -> dict[str, int]:
    return {str(k): v for k, v in data.items() if type(v) is int} if isinstance(data, dict) else {}


def text_digest(text: str) -> str:
    """A short digest of a chapter's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
