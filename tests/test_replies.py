"""Replies: every field is typed and bounded, and whatever is not is a WireError."""

import math

import pytest

from grader.worker.replies import read_outcome
from grader.worker.wire import UNCOUNTED, WireError

VALUE = {"kind": "value", "nonce": b"N" * 16, "buffers": [], "value": ["plain", 1]}
ERROR = {"types": ["ValueError"], "message": "m", "frames": [[3, "f", "x = 1"]]}
RAISED = {"kind": "raised", "nonce": b"N" * 16, "buffers": [], "error": ERROR}


def read(reply):
    return read_outcome(reply, lambda: "printed")


def test_what_a_worker_says_becomes_an_outcome():
    facts = {
        "duration": 0.5,
        "compilations": 2,
        "compile_s": 0.25,
        "changed": "an array",
        "leaked": "kept",
        "replaced": ["jax.jit"],
    }
    outcome = read(VALUE | facts)
    assert (outcome.kind, outcome.value, outcome.printed) == ("value", 1, "printed")
    assert (outcome.duration, outcome.compilations, outcome.compile_seconds) == (0.5, 2, 0.25)
    assert (outcome.changed, outcome.leaked) == ("an array", "kept")
    assert outcome.replaced == ("jax.jit",)
    assert read(VALUE | {"compilations": UNCOUNTED}).compilations == UNCOUNTED


def test_an_exception_and_a_refusal():
    error = read(RAISED).error
    assert (error.types, error.message) == (("ValueError",), "m")
    assert (error.frames[0].line, error.frames[0].function) == (3, "f")
    assert read(RAISED | {"error": ERROR | {"types": []}}).error.type == "Exception"
    refused = read({"kind": "refused", "nonce": b"N" * 16, "buffers": [], "reason": "r" * 999})
    assert (refused.kind, refused.detail) == ("crashed", "r" * 200)


def test_texts_are_cut():
    long = "x" * 60_000
    outcome = read(VALUE | {"changed": long, "leaked": long, "replaced": [long]})
    assert len(outcome.changed + outcome.leaked + outcome.replaced[0]) == 400
    error = read(
        RAISED | {"error": {"types": [long], "message": long, "frames": [[1, long, long]]}}
    ).error
    assert len(error.type + error.message) == 4100
    assert len(error.frames[0].function + error.frames[0].text) == 600


NO_TIMES = (math.nan, math.inf, -math.inf, -1.0, 1e300, 1, True, "1.0", None, [], 2**63)
NO_COUNTS = (-2, 10**6 + 1, 2**64 - 1, True, 1.0, math.nan, "1", None, [])
NO_TEXTS = (None, 5, b"bytes", ["text"], "x" * (2**16 + 1))


@pytest.mark.parametrize(
    "part",
    [
        *({name: time} for name in ("duration", "compile_s") for time in NO_TIMES),
        *({"compilations": count} for count in NO_COUNTS),
        *({name: text} for name in ("changed", "leaked") for text in NO_TEXTS),
        *({"replaced": [text]} for text in NO_TEXTS),
        *({"kind": kind} for kind in ("nothing", "", "ready", "done", ["value"], None, 5)),
        {"replaced": "text"},
        {"replaced": {"a": 1}},
        {"replaced": ["x"] * 9},
        {"printed": "all is well"},
        {"kind": "raised"},
        {"error": ERROR},
        {"value": 5},
        {"buffers": [b""]},
    ],
    ids=lambda part: repr(part)[:40],
)
def test_a_field_that_breaks_a_rule_is_refused(part):
    with pytest.raises(WireError):
        read(VALUE | part)


@pytest.mark.parametrize(
    "error",
    [
        None,
        5,
        [],
        {},
        ERROR | {"more": 1},
        *(ERROR | {"message": text} for text in NO_TEXTS),
        *(ERROR | {"types": [text]} for text in NO_TEXTS),
        ERROR | {"types": 5},
        ERROR | {"types": ["x"] * 33},
        ERROR | {"frames": 5},
        ERROR | {"frames": [[1, "f", "x"]] * 17},
        *(ERROR | {"frames": [[line, "f", "x"]]} for line in (-1, 2**32, 1.0, True, None, "1")),
        *(ERROR | {"frames": [[1, text, "x"]]} for text in NO_TEXTS),
        *(ERROR | {"frames": [[1, "f", text]]} for text in NO_TEXTS),
        *(ERROR | {"frames": [frame]} for frame in (5, [], [1, "f"], [1, "f", "x", 2], {"a": 1})),
    ],
    ids=lambda error: repr(error)[:40],
)
def test_an_exception_that_breaks_a_rule_is_refused(error):
    with pytest.raises(WireError):
        read(RAISED | {"error": error})


def test_buffers_come_with_a_value_alone():
    with pytest.raises(WireError, match="no value"):
        read(RAISED | {"buffers": [b"1"]})


def test_what_is_missing_is_refused():
    for reply in (VALUE, RAISED):
        for name in ("kind", "value", "error"):
            if name in reply:
                with pytest.raises(WireError):
                    read({key: part for key, part in reply.items() if key != name})
