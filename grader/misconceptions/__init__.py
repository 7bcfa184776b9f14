"""What a failed check most likely comes from: rules over its evidence, one small function each.

    @misconception("a mean where a sum is asked for", "Sum over the batch.", "ch10_mnist_jax", PAGE)
    def mean_for_sum(e: Evidence) -> str | None:
        return "..." if ... else None

A rule returns one sentence of evidence, or None where it does not apply. It never changes a verdict. The
rules of this package are general; a pack adds its own in `exercises/checks/misconceptions.py`.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

# The rules register themselves, and the first that applies wins: the precise ones come first.
from grader.misconceptions import keys as keys  # isort: skip
from grader.misconceptions import tracing as tracing  # isort: skip
from grader.misconceptions import loops as loops  # isort: skip
from grader.misconceptions import transformations as transformations  # isort: skip
from grader.misconceptions import timing as timing  # isort: skip
from grader.misconceptions import torch_parity as torch_parity  # isort: skip
from grader.misconceptions import purity as purity  # isort: skip
from grader.misconceptions import compilation as compilation  # isort: skip
from grader.misconceptions import exceptions as exceptions  # isort: skip
from grader.misconceptions import lists as lists  # isort: skip
from grader.misconceptions import results as results  # isort: skip
from grader.misconceptions import gradients as gradients  # isort: skip
from grader.misconceptions import training as training  # isort: skip
from grader.misconceptions import updates as updates  # isort: skip
from grader.misconceptions import shapes as shapes  # isort: skip
from grader.misconceptions import layers as layers  # isort: skip
from grader.misconceptions import precision as precision  # isort: skip
from grader.misconceptions import numbers as numbers  # isort: skip
from grader.misconceptions import names as names  # isort: skip
from grader.misconceptions.evidence import MISSING, Evidence
from grader.misconceptions.rule import RULES, Misconception, misconception
from grader.model import Diagnosis

__all__ = ["MISSING", "RULES", "Evidence", "Misconception", "diagnose", "misconception"]


def diagnose(evidence: Evidence, first: Iterable[Misconception] = ()) -> Diagnosis | None:
    """The first misconception whose rule applies; those of `first` (a pack's own) come before all others.

    A rule that raises does not apply: what it looks at is a stranger's code and values.
    """
    for known in (*first, *RULES):
        try:
            with warnings.catch_warnings(action="ignore"):
                found = known.rule(evidence)
        except Exception:
            continue
        if found:
            return Diagnosis(
                known.name, found, known.advice, known.lesson or evidence.chapter, known.page
            )
    return None
