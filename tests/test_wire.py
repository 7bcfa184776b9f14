"""The wire: what a worker says arrives as it was, and whatever breaks a rule is a WireError."""

import contextlib
import io
import math
import struct
from collections import namedtuple

import jax
import jax.numpy as jnp
import msgpack
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.worker import wire
from grader.worker.encode import encode
from grader.worker.wire import Array, Opaque, Record, Spec, WireError

Point = namedtuple("Point", "x y")


def through(value):
    """`value` encoded, packed, read back and decoded."""
    frame = wire.pack(encode(value))
    return wire.decode(wire.unpack(wire.read_frame(io.BytesIO(frame).read)))


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        -1,
        2**63 - 1,
        -(2**63),
        2**64,
        -(10**300),
        1.5,
        math.inf,
        1 + 2j,
        "",
        "text with \u00fc and \x00",
        [],
        (),
        {},
        [1, (2.0, [None, "a"]), {"k": (True,), 3: []}],
    ],
)
def test_plain_values_arrive_as_they_were(value):
    got = through(value)
    assert got == value
    assert type(got) is type(value)


def test_nan_arrives():
    assert math.isnan(through(math.nan))


@pytest.mark.parametrize("dtype", sorted(wire.DTYPES))
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0, 3), (2, 3)])
def test_numpy_arrays_of_every_dtype_and_shape_arrive(dtype, shape):
    value = np.arange(math.prod(shape)).reshape(shape).astype(wire.DTYPES[dtype])
    got = through(value)
    assert isinstance(got, Array)
    assert (got.library, got.dtype, got.shape) == ("numpy", dtype, shape)
    assert got.values.tobytes() == value.tobytes()


def test_the_order_in_memory_does_not_matter():
    value = np.arange(6.0).reshape(2, 3)
    for view in (value.T, value[:, ::-1], np.asfortranarray(value)):
        assert np.array_equal(through(view).values, view)


def test_a_jax_array_and_a_numpy_scalar_say_who_made_them():
    got = through({"jax": jnp.float32(2), "numpy": np.float32(2)})
    assert got["jax"].library == "jax"
    assert got["numpy"].library == "numpy"
    assert got["numpy"].shape == ()


def test_a_typed_key_arrives_as_its_data():
    key = jax.random.key(3)
    got = through(key)
    assert got.library == "jax key"
    assert np.array_equal(got.values, jax.random.key_data(key))
    assert through(jax.random.PRNGKey(3)).library == "jax"


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "int64", "bool", "complex64"])
def test_torch_tensors_arrive(dtype):
    torch = pytest.importorskip("torch")
    got = through(torch.ones((2, 1), dtype=getattr(torch, dtype), requires_grad=dtype == "float32"))
    assert (got.library, got.dtype, got.shape) == ("torch", dtype, (2, 1))
    assert np.all(got.values.astype(np.complex64) == 1)


def test_a_named_tuple_keeps_its_names():
    assert through(Point(1, [2.0])) == Record("Point", ("x", "y"), (1, [2.0]))


def test_a_shape_without_values_arrives():
    assert through(jax.ShapeDtypeStruct((2, 3), jnp.float32)) == Spec((2, 3), "float32")


class Rude:
    """An object whose text cannot be had."""

    def __repr__(self):
        raise SystemExit("no")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (len, "function"),
        (object(), "object"),
        (Rude(), "object"),
        ({1.5: 2}, "object"),
        ({1, 2}, "object"),
        (10**400, "object"),
        (np.array(["a"]), "array"),
        (np.array([object()]), "array"),
        (np.array(["2020-01-01"], "datetime64[D]"), "array"),
    ],
)
def test_what_has_no_description_is_opaque(value, kind):
    got = through(value)
    assert isinstance(got, Opaque)
    assert got.kind == kind
    assert len(got.text) <= 200


def test_a_tracer_and_a_deleted_array_are_opaque():
    leaked = []
    jax.jit(lambda x: leaked.append(x) or x)(1.0)
    gone = jnp.ones(3)
    gone.delete()
    assert [through(value).kind for value in (leaked[0], gone)] == ["tracer", "deleted array"]


def test_an_array_that_pretends_is_not_asked():
    class Pretender:
        def __array__(self, *arguments, **options):
            raise AssertionError("the encoder asked it for an array")

    assert through(Pretender()).kind == "object"


def test_text_of_one_half_of_a_surrogate_pair_does_not_end_the_worker():
    assert isinstance(through("a\ud800b"), str)


# Descriptions that break a rule.


@pytest.mark.parametrize(
    "node",
    [
        None,
        7,
        [],
        [7],
        {},
        ["unknown", 1],
        ["value", 1],
        ["nodes"],
        ["plain"],
        ["plain", 1, 2],
        ["plain", "text"],
        ["plain", [1]],
        ["int", 5],
        ["int", ""],
        ["int", "--5"],
        ["int", "5x"],
        ["int", "\u00b2"],
        ["int", "\u0663"],
        ["int", "9" * 401],
        ["complex", 1, 2],
        ["complex", 1.0, None],
        ["str", b"bytes"],
        ["str", "x" * (wire.MAX_TEXT + 1)],
        ["list", 5],
        ["list", {"a": 1}],
        ["list", [5]],
        ["tuple", "ab"],
        ["dict", [["a"]]],
        ["dict", [["a", ["plain", 1], 3]]],
        ["dict", [[1.5, ["plain", 1]]]],
        ["dict", [[["a"], ["plain", 1]]]],
        ["record", "P", ["x"], []],
        ["record", 5, [], []],
        ["record", "P", [5], [["plain", 1]]],
        ["record", "P", "x", [["plain", 1]]],
        ["spec", [2], 5],
        ["spec", "2", "float32"],
        ["opaque", 1, "t", "x"],
        ["array", "pickle", "float32", [1], b"1234"],
        ["array", [], "float32", [1], b"1234"],
        ["array", "jax", "object", [1], b"12345678"],
        ["array", "jax", ["float32"], [1], b"1234"],
        ["array", "jax", "float32", [1], "1234"],
        ["array", "jax", "float32", [2], b"1234"],
        ["array", "jax", "float32", [], b""],
        ["array", "jax", "float32", [-1], b"1234"],
        ["array", "jax", "float32", [-1, -1], b"1234"],
        ["array", "jax", "float32", [1.0], b"1234"],
        ["array", "jax", "float32", [True], b"1234"],
        ["array", "jax", "float32", [2**62, 4], b""],
        ["array", "jax", "float32", [1] * 33, b"1234"],
        ["array", "jax", "float32", [2**39, 2**39, 0], b""],
    ],
    ids=lambda node: repr(node)[:50],
)
def test_a_description_that_breaks_a_rule_is_refused(node):
    with pytest.raises(WireError):
        wire.decode(node)


def test_depth_and_number_of_nodes_are_bounded():
    deep = ["plain", 1]
    for _ in range(wire.MAX_DEPTH + 1):
        deep = ["list", [deep]]
    with pytest.raises(WireError, match="deeper"):
        wire.decode(deep)
    with pytest.raises(WireError, match="nodes"):
        wire.decode(["list", [["plain", 1]] * wire.MAX_NODES])
    wide = ["list", [["plain", 1]] * (wire.MAX_NODES - 1)]
    assert len(wire.decode(wide)) == wire.MAX_NODES - 1


def test_bytes_that_are_no_message_are_refused():
    too_deep = b"\x91" * 100_000
    huge_list, huge_bytes = b"\xdd\xff\xff\xff\xff", b"\xc6\xff\xff\xff\xff"
    pickle_bytes = b"\x80\x04\x95\x1e\x00\x00\x00"
    for body in (b"", b"\xc1", b"\x92\x01", too_deep, huge_list, huge_bytes, pickle_bytes):
        with pytest.raises(WireError):
            wire.unpack(body)


def test_extension_types_are_refused():
    for code in (0, 5, 127):
        with pytest.raises(WireError):
            wire.unpack(msgpack.packb(msgpack.ExtType(code, b"1234")))
    with pytest.raises(WireError):  # msgpack reads a timestamp by itself
        wire.decode(wire.unpack(msgpack.packb(msgpack.Timestamp(1, 2))))


def test_keys_that_are_no_text_are_refused():
    with pytest.raises(WireError):
        wire.unpack(msgpack.packb({1: 2}))


ATOMS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(max_size=6),
    st.binary(max_size=9),
    st.sampled_from([*wire._TAGS, *wire.DTYPES, *wire.LIBRARIES]),
)
NODES = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=5),
        st.tuples(st.sampled_from(sorted(wire._TAGS)), inner).map(list),
        st.tuples(st.sampled_from(sorted(wire._TAGS)), inner, inner).map(list),
        st.tuples(
            st.just("array"),
            st.sampled_from(wire.LIBRARIES),
            st.sampled_from(sorted(wire.DTYPES)),
            st.lists(st.integers(-1, 2**41) | st.integers(0, 3), max_size=4),
            st.binary(max_size=16),
        ).map(list),
        st.dictionaries(st.text(max_size=3), inner, max_size=3),
    ),
    max_leaves=12,
)


@given(NODES)
@settings(max_examples=300, deadline=None, database=None)
def test_whatever_arrives_is_a_value_or_a_wire_error(node):
    with contextlib.suppress(WireError):
        wire.decode(wire.unpack(msgpack.packb(node, use_bin_type=True)))


@given(st.binary(max_size=60))
@settings(max_examples=200, deadline=None, database=None)
def test_whatever_bytes_arrive_are_a_message_or_a_wire_error(body):
    with contextlib.suppress(WireError):
        wire.unpack(body)


# Frames.


def test_frames_follow_each_other_until_the_end():
    stream = io.BytesIO(wire.pack([1]) + wire.pack({"a": b"x"}))
    assert wire.unpack(wire.read_frame(stream.read)) == [1]
    assert wire.unpack(wire.read_frame(stream.read)) == {"a": b"x"}
    assert wire.read_frame(stream.read) is None


def test_a_frame_that_drips_in_is_put_together():
    stream = io.BytesIO(wire.pack("word" * 100))
    body = wire.read_frame(lambda count: stream.read(min(count, 3)))
    assert wire.unpack(body) == "word" * 100


def test_a_huge_header_is_refused_before_anything_is_read():
    asked = []

    def read(count):
        asked.append(count)
        return struct.pack(">I", 2**32 - 1)[:count]

    with pytest.raises(WireError, match="above the limit"):
        wire.read_frame(read)
    assert asked == [4]


def test_a_stream_that_ends_inside_a_frame_is_refused():
    frame = wire.pack([1, 2, 3])
    for end in (2, 4, len(frame) - 1):
        with pytest.raises(WireError, match="inside a frame"):
            wire.read_frame(io.BytesIO(frame[:end]).read)


def test_a_message_above_the_limit_is_not_sent(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FRAME", 100)
    wire.pack(b"x" * 90)
    with pytest.raises(WireError, match="above the limit"):
        wire.pack(b"x" * 101)
