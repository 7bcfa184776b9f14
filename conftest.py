"""Loads the grader's plugin, so that `pytest exercises/` works in a plain checkout."""

pytest_plugins = ["grader.plugin"]
