"""Which processes live how long, while the chapters of a submission are graded."""

import cloudpickle
import pytest

from grader.memory import ReferenceMemory
from grader.submission import submission_of_texts
from grader.worlds import Call, World, Worlds

FIRST, SECOND = World("answer", "ch01_sums"), World("answer", "ch02_shapes")
PROGRAM = World("program", "")
PID = Call(cloudpickle.dumps(lambda m: __import__("os").getpid()), cloudpickle.dumps(()))


@pytest.fixture
def worlds(pack, launcher, solutions):
    """The worlds of a submission that is the solutions."""
    submission = submission_of_texts("a test", solutions)
    worlds = Worlds(pack, submission, launcher, ReferenceMemory(), timeout=60.0)
    yield worlds
    worlds.close()


def process(worlds, world):
    """The process that serves `world`, by its number."""
    outcome = worlds.start(world, PID).result()
    assert outcome.kind == "value", outcome
    return outcome.value


def test_a_process_serves_one_chapter_and_ends_with_it(worlds):
    first = process(worlds, FIRST)
    assert process(worlds, FIRST) == first
    assert process(worlds, SECOND) != first
    assert process(worlds, FIRST) != first


def test_one_process_serves_the_programs_of_all_chapters(worlds):
    first = process(worlds, FIRST)
    programs = process(worlds, PROGRAM)
    assert process(worlds, FIRST) == first  # it has not made way for the programs
    process(worlds, SECOND)
    assert process(worlds, PROGRAM) == programs


def test_other_settings_are_another_process(worlds):
    assert process(worlds, FIRST) != process(worlds, World("answer", "ch01_sums", x64=True))
