"""Hostile submissions, and what must become of each of them at every level of isolation."""
