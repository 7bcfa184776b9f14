"""Drawn inputs depend on the seed, and not on what happens to be loaded."""

import importlib

import hypothesis
from hypothesis import strategies as st

from grader.drawing import same_for_everyone

ODD = 123_457


def drawn():
    """What a property test with one seed draws."""
    found = []

    @hypothesis.seed(3)
    @hypothesis.settings(
        database=None, max_examples=300, phases=[hypothesis.Phase.generate], deadline=None
    )
    @hypothesis.given(st.integers(0, 10**6))
    def test(n):
        found.append(n)

    test()
    return found


def load_constant(folder, monkeypatch):
    """Load a module whose source holds ODD."""
    (folder / "some_helper.py").write_text(f"LIMIT = {ODD}\n")
    monkeypatch.syspath_prepend(folder)
    importlib.import_module("some_helper")


def test_inputs_do_not_depend_on_the_modules_that_are_loaded(tmp_path, monkeypatch):
    with same_for_everyone():
        before = drawn()
    load_constant(tmp_path, monkeypatch)
    everywhere = drawn()  # Hypothesis has read the module now
    with same_for_everyone():
        after = drawn()
    assert after == before
    assert everywhere != after, "Hypothesis reads no modules any more: is grader/drawing.py needed?"


def test_other_tests_draw_as_before(tmp_path, monkeypatch):
    load_constant(tmp_path, monkeypatch)
    before = drawn()
    with same_for_everyone():
        drawn()
    assert drawn() == before
