"""Thousands of malformed replies, all refused with a reason, by way of the code that reads real ones.

`corpus/replies` keeps one small reply for each rule that it breaks; its name says which.
"""

import io
import random
import resource
import sys
import threading
import tracemalloc
from collections import Counter, namedtuple
from pathlib import Path

import jax
import jax.numpy as jnp
import msgpack
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.worker import decode, wire
from grader.worker.encode import encode
from grader.worker.host import Worker
from grader.worker.replies import read_outcome
from grader.worker.wire import WireError

CORPUS = Path(__file__).parent / "corpus" / "replies"
NONCE = b"N" * 16
REFUSED = 10_000
Point = namedtuple("Point", "x y")


def refusal(data):
    """Why `data` is no reply; "" if it is one."""
    try:
        frame = wire.read_frame(io.BytesIO(data).read, wire.REPLY)
        if frame is None:
            return "the stream ended"
        reply = wire.unpack(frame)
        if reply.get("nonce") != NONCE:
            return "a reply to a question that was not asked"
        read_outcome(reply, str)
    except WireError as error:
        return str(error) or "no reason"
    return ""


def framed(head, body=b""):
    return wire.PREFIX.pack(len(head) + len(body), len(head)) + head + body


def messages():
    """Honest replies of every kind, as dictionaries."""
    values = [
        None,
        10**30,
        1.5j,
        "text \u00fc",
        [1, (2.0, {"a": np.arange(6).reshape(2, 3), 3: []})],
        Point(jnp.ones((2, 2)), np.float16(3)),
        jax.random.key(1),
        jax.ShapeDtypeStruct((2, 3), jnp.float32),
        len,
        [np.zeros((0, 3)), np.array([True, False]), jnp.bfloat16(2), np.complex64([1j] * 9)],
    ]
    facts = {"duration": 0.1, "compilations": 1, "compile_s": 0.0, "changed": "", "leaked": ""}
    facts |= {"replaced": ["jax.jit"], "nonce": NONCE}
    error = {"types": ["ValueError", "Exception"], "message": "no", "frames": [[1, "f", "x = 1"]]}
    return [
        *({"kind": "value"} | facts | encode(value) for value in values),
        {"kind": "raised", "error": error, "buffers": []} | facts,
        {"kind": "refused", "reason": "too large", "buffers": []} | facts,
    ]


def sent(message):
    return b"".join(wire.pack(message, wire.REPLY))


MESSAGES = messages()
GOOD = [sent(message) for message in MESSAGES]
ODD = (
    *(None, True, -1, 2**63, 2**64 - 1, 1.5, float("nan"), float("inf"), "", "x", "object"),
    *("float64", "\u0663", b"", b"cos\nsystem\n", [], [[]], {}, {"a": 1}, [2**40], [0] * 70),
    *(["plain", 1], ["array", "jax", "int8", [], 0], ["list", []], ["opaque", "", "", ""], 10**6),
)


def changed_bytes(rng):
    """An honest reply with some bytes flipped, cut, doubled, spliced or overwritten."""
    data = bytearray(rng.choice(GOOD))
    a, b = sorted(rng.choices(range(len(data) + 1), k=2))
    way = rng.randrange(6)
    if way == 0:
        for _ in range(rng.randint(1, 6)):
            data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    elif way == 1:
        del data[a:]
    elif way == 2:
        del data[a:b]
    elif way == 3:
        data[a:a] = rng.randbytes(rng.randint(1, 9))
    elif way == 4:
        data[a:] = rng.choice(GOOD)[b:]
    else:
        data[a : a + 4] = rng.choice(
            (b"\xff" * 4, bytes(4), b"\x80\x04\x95\x00", b"\xdd\x7f\xff\xff")
        )
    if rng.random() < 0.7 and len(data) > 8:  # with a prefix that is right, so that more is read
        return framed(bytes(data[8:]))
    return bytes(data)


def changed_part(rng):
    """An honest reply in which something, anywhere, is something else."""

    def rebuilt(node):
        if rng.random() < 0.04:
            return rng.choice(ODD)
        if isinstance(node, list):
            return [
                rebuilt(item) for item in node for _ in range(rng.choices((1, 0, 2), (40, 1, 1))[0])
            ]
        if isinstance(node, dict):
            return {key: rebuilt(item) for key, item in node.items() if rng.random() < 0.98}
        return node

    message = rng.choice(MESSAGES)
    body = b"".join(bytes(buffer) for buffer in message["buffers"])
    head = message | {"buffers": [buffer.nbytes for buffer in message["buffers"]]}
    return framed(msgpack.packb(rebuilt(head)), body[: len(body) - rng.choice((0, 0, 0, 1))])


def bomb(rng):
    """Nesting, and lists that claim what is not there."""
    depth = rng.choice((61, 100, 500, 1023, 5000))
    inner = rng.choice((b"\xc0", b"\x90", b"", b"\xdd\xff\xff\xff\xff", b"\xdf\x7f\xff\xff\xff"))
    level = rng.choice(
        (b"\x91", b"\x81\xa1a", b"\x92\xa4list\x91", b"\xdd\x00\x00\x4e\x20", b"\xdc\xff\xff")
    )
    tree = level * depth + inner
    head = b"\x84\xa4kind\xa5value\xa5nonce\xc4\x10" + NONCE + b"\xa7buffers\x90\xa5value" + tree
    return framed(rng.choice((head, tree)))


def test_good_replies_are_good():
    assert [refusal(data) for data in GOOD] == [""] * len(GOOD)


def test_ten_thousand_malformed_replies_are_refused_and_take_no_memory():
    rng = random.Random(0)
    ways = (changed_bytes, changed_part, changed_part, bomb)
    reasons, valid = Counter(), 0
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    while reasons.total() < REFUSED:
        reason = refusal(rng.choice(ways)(rng))
        if reason:
            reasons[reason] += 1
        else:
            valid += 1  # a change that keeps to the rules, such as another number in an array
        assert valid < REFUSED
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 50 * 2**10 * (2**10 if sys.platform == "darwin" else 1)  # KiB; bytes on macOS
    assert len(reasons) > 50  # deep into the decoder, not all at the first step
    assert max(len(reason) for reason in reasons) < 200


def test_no_malformed_reply_leaves_anything_behind():
    rng = random.Random(1)
    replies = [rng.choice((changed_bytes, changed_part, bomb))(rng) for _ in range(1000)]
    tracemalloc.start()
    for data in replies:
        refusal(data)
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert kept < 100_000
    assert peak < 4 * 2**20


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(max_size=6),
    st.binary(max_size=9),
    st.sampled_from([*decode.TAGS, *wire.DTYPES, *wire.LIBRARIES, *wire.KINDS]),
)
NODES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(st.sampled_from(sorted(decode.TAGS)), inner).map(list),
        st.tuples(st.sampled_from(sorted(decode.TAGS)), inner, inner).map(list),
        st.tuples(
            st.just("array"),
            st.sampled_from(wire.LIBRARIES),
            st.sampled_from(sorted(wire.DTYPES)),
            st.lists(st.integers(-1, 2**41) | st.integers(0, 3), max_size=4),
            st.integers(-1, 3),
        ).map(list),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(NODES, st.lists(st.binary(max_size=16), max_size=3))
@settings(
    max_examples=400, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
def test_whatever_is_described_is_a_value_or_refused(node, buffers):
    sizes = [len(buffer) for buffer in buffers]
    reply = {"kind": "value", "nonce": NONCE, "buffers": sizes, "value": node}
    assert isinstance(refusal(framed(msgpack.packb(reply), b"".join(buffers))), str)


@given(st.binary(max_size=60))
@settings(max_examples=300, deadline=None, database=None)
def test_whatever_bytes_arrive_are_refused(data):
    assert refusal(data)
    assert refusal(framed(data))


# The corpus, by way of a worker.


class Replying:
    """A process that answers every request with the same bytes, the letters N being the nonce."""

    def __init__(self, data):
        self.data = data
        self.asked = threading.Event()

    def write(self, data):
        nonce = wire.unpack_request((bytes(data[8:]), memoryview(b"")))["nonce"]
        self.stream = io.BytesIO(self.data.replace(NONCE, nonce))
        self.asked.set()

    def read_reply(self, count):
        assert self.asked.wait(10)
        return self.stream.read(count)

    def read_output(self, count):
        self.asked.wait(10)
        return b""

    def stop(self, kill):
        return "its process was ended"

    def close(self):
        pass


def outcome_of(data):
    worker = Worker(Replying(data))
    try:
        return worker.start({}, 20).result()
    finally:
        worker.stop()


def test_a_good_reply_becomes_its_value():
    assert outcome_of(GOOD[1]).value == 10**30


RULES = {
    "array_empty_and_endless": "impossible size",
    "array_larger_than_its_bytes": "bytes do not add up",
    "array_of_no_library": "unknown library",
    "array_of_objects": "unknown dtype",
    "array_of_two_to_the_eighty": "bytes do not add up",
    "array_smaller_than_its_bytes": "bytes do not add up",
    "buffer_index_true": "without a buffer",
    "buffer_missing": "without a buffer",
    "buffer_size_negative": "sizes of its buffers",
    "buffer_size_true": "sizes of its buffers",
    "buffer_sizes_huge": "add up to the body",
    "buffer_sizes_short": "add up to the body",
    "buffer_unused": "belongs to no array",
    "buffer_used_twice": "without a buffer",
    "buffers_missing": "sizes of its buffers",
    "buffers_without_value": "no value",
    "bytes_claim_four_billion": "No more data",
    "bytes_too_long": "max_bin_len",
    "changed_bytes": "a text",
    "compilations_too_many": "a whole number",
    "compilations_true": "a whole number",
    "complex_of_integers": "complex number",
    "duration_endless": "a time",
    "duration_nan": "a time",
    "duration_negative": "a time",
    "duration_whole": "a time",
    "error_field_unknown": "keys missing",
    "error_frame_short": "line of a traceback",
    "error_is_a_number": "without a description",
    "error_line_negative": "a whole number",
    "error_types_too_many": "a list",
    "extension_type": "ext",
    "field_unknown": "keys missing",
    "fields_too_many": "max_map_len",
    "frame_above_limit": "a frame of",
    "frame_cut": "inside a frame",
    "head_above_limit": "a head of",
    "head_cut": "No more data",
    "head_empty": "No more data",
    "head_is_a_list": "no dictionary",
    "head_is_a_pickle": "something follows",
    "head_larger_than_frame": "larger than its frame",
    "head_of_unknown_code": "FormatError",
    "head_with_a_tail": "something follows",
    "integer_of_401_digits": "an integer",
    "integer_of_letters": "an integer",
    "integer_of_other_digits": "an integer",
    "key_is_a_number": "map key",
    "key_is_nan": "map key",
    "key_twice": "occurs twice",
    "kind_missing": "unknown kind of reply",
    "kind_unknown": "unknown kind of reply",
    "list_claims_four_billion": "No more data",
    "list_of_text": "a list without items",
    "list_too_long": "max_array_len",
    "lists_claim_much_nested": "No more data",
    "nested_thousands_deep": "StackError",
    "nested_too_deep": "deeper",
    "nonce_missing": "not asked",
    "nonce_wrong": "not asked",
    "opaque_of_no_kind": "unknown kind",
    "pair_key_a_float": "dictionary key that is neither",
    "pair_key_nan": "dictionary key that is neither",
    "pair_key_twice": "key that occurs twice",
    "pairs_of_one": "without pairs",
    "plain_text": "plain value",
    "prefix_cut": "inside a frame",
    "record_name_too_long": "a text",
    "record_without_names": "do not match",
    "replaced_too_many": "a list",
    "shape_negative": "impossible size",
    "shape_of_65_axes": "a shape that is none",
    "shape_true": "impossible size",
    "spec_of_text": "a shape that is none",
    "surrogate_in_text": "utf-8",
    "tag_missing": "without a tag",
    "tag_of_a_method": "unknown kind of value",
    "tag_unknown": "unknown kind of value",
    "tag_with_a_field_more": "unknown kind of value",
    "text_is_a_number": "a text",
    "timestamp": "ext",
    "value_missing": "keys missing",
}


@pytest.mark.parametrize("name", RULES)
def test_each_reply_of_the_corpus_is_refused_for_its_reason(name):
    outcome = outcome_of((CORPUS / f"{name}.bin").read_bytes())
    assert outcome.kind == "crashed"
    assert RULES[name] in outcome.detail


def test_the_corpus_is_small_and_has_no_other_files():
    files = sorted(CORPUS.iterdir())
    assert [file.name for file in files] == sorted(f"{name}.bin" for name in RULES)
    assert sum(file.stat().st_size for file in files) < 50_000
