"""Mutants of the reference: small wrong changes, each of which the checks must notice."""
