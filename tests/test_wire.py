"""The wire: what a worker says arrives as it was, and whatever breaks a rule is a WireError."""

import functools
import io
import itertools
import math
import struct
import tracemalloc
from collections import namedtuple

import jax
import jax.numpy as jnp
import msgpack
import numpy as np
import pytest

from grader.worker import wire
from grader.worker.decode import decode
from grader.worker.encode import encode
from grader.worker.wire import Array, Opaque, Record, Spec, WireError

Point = namedtuple("Point", "x y")


def through(value):
    """`value` encoded, packed, read back and decoded."""
    message = wire.unpack(wire.read_frame(io.BytesIO(frame(encode(value))).read, wire.REPLY))
    return decode(message["value"], message["buffers"])


def frame(message):
    """A reply as it travels."""
    return b"".join(wire.pack(message, wire.REPLY))


def head(data):
    """A frame that has `data` as its head, and no body."""
    return data, memoryview(b"")


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


def test_an_object_that_lies_about_its_class_is_an_object():
    class Liar:
        """Says that it is an array."""

        __class__ = np.ndarray
        dtype = shape = nbytes = None

    class Tensor:
        __class__ = jax.Array

    assert [through(liar()).kind for liar in (Liar, Tensor)] == ["object", "object"]


def test_an_array_that_lies_about_its_shape_and_dtype_is_read_as_it_is():
    class Liar(np.ndarray):
        shape = property(lambda self: (10**9,))
        dtype = property(lambda self: np.dtype("float64"))
        nbytes = 1

        def tobytes(self):
            raise SystemExit

        reshape = view = astype = __array__ = tobytes

    got = through(np.ndarray.view(np.float32([1, 2]), Liar))
    assert (got.dtype, got.values.tolist()) == ("float32", [1, 2])


def test_containers_are_read_past_what_their_class_says():
    class Pairs(tuple):
        _fields = property(lambda self: 1 / 0)

        def __iter__(self):
            while True:
                yield 1

    class Endless(dict):
        def items(self):
            while True:
                yield "a", 1

        keys = values = __iter__ = items

    class Point(tuple):
        _fields = itertools.count()

    assert through(Endless(a=2)) == {"a": 2}
    assert through(Point((1, 2))).values == (1, 2)
    assert through(Point((1, 2))).fields == ("", "")
    with pytest.raises(TypeError):
        encode(Pairs((1, 2)))


def test_names_and_texts_of_a_class_of_their_own_are_plain_text():
    class Text(str):
        def __getitem__(self, index):
            return 5

        __str__ = __format__ = __len__ = __getitem__

    class Odd:
        __module__ = 5
        __qualname__ = Text("x" * 1000)

        def __repr__(self):
            return Text("words" * 1000)

    got = through(Odd())
    assert (len(got.text), got.type_name) == (200, "<no text: TypeError>")


def test_the_byte_order_does_not_matter():
    for dtype in (">f4", ">i8", ">c16", ">u2"):
        assert through(np.arange(3).astype(dtype)).values.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (lambda: (ring := [], ring.append(ring))[0], "deeper"),
        (lambda: (ring := {}, ring.update(a=[ring]))[0], "deeper"),
        (lambda: functools.reduce(lambda inner, _: [inner], range(100_000), 0), "deeper"),
        (lambda: functools.reduce(lambda inner, _: (inner, inner), range(50), 0), "nodes"),
        (lambda: [0] * 10**7, "nodes"),
    ],
    ids=["ring", "ring of dictionaries", "deep", "shared", "wide"],
)
def test_a_value_without_bounds_is_refused(value, why):
    value = value()
    with pytest.raises(WireError, match=why):
        encode(value)


def test_an_array_too_large_to_send_is_described():
    size = wire.MAX_ARRAYS // 4
    got = through([np.zeros(size, np.float32), np.float32(1), jnp.zeros((2, 3))])
    assert isinstance(got[0], Array)
    assert [g.kind for g in got[1:]] == [wire.TOO_LARGE] * 2
    assert [g.type_name for g in got[1:]] == ["numpy float32[]", "jax float32[2,3]"]
    assert "24 bytes" in got[2].text


def test_an_array_that_has_more_entries_than_memory_is_not_copied():
    got = through(np.broadcast_to(np.float32(1), (10**6, 10**6)))
    assert (got.kind, got.type_name) == (wire.TOO_LARGE, "numpy float32[1000000,1000000]")


def test_odd_tensors_arrive_or_are_described():
    torch = pytest.importorskip("torch")
    turned = torch.tensor([1 + 2j]).conj()
    assert through(turned).values.tolist() == [1 - 2j]
    assert through(torch.ones(2, 2).to_sparse()).kind == "array"
    assert through(torch.ones(1).expand(10**9)).kind == wire.TOO_LARGE
    assert through(torch.ones(2, dtype=torch.float8_e4m3fn)).kind == "array"


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
        ["opaque", "", "t", "x"],
        ["opaque", "puzzle", "t", "x"],
        ["opaque", "object", "t" * 201, "x"],
        ["dict", [["a", ["plain", 1]], ["a", ["plain", 2]]]],
        ["dict", [[True, ["plain", 1]]]],
        ["dict", [["x" * (wire.MAX_TEXT + 1), ["plain", 1]]]],
        ["array", "pickle", "float32", [1], 0],
        ["array", [], "float32", [1], 0],
        ["array", "jax", "object", [1], 0],
        ["array", "jax", ["float32"], [1], 0],
        ["array", "jax", "float32", [1], b"1234"],
        ["array", "jax", "float32", [1], 1],
        ["array", "jax", "float32", [1], -1],
        ["array", "jax", "float32", [1], False],
        ["array", "jax", "float32", [1], 0.0],
        ["array", "jax", "float32", [1], []],
        ["array", "jax", "float32", [2], 0],
        ["array", "jax", "float32", [0], 0],
        ["array", "jax", "float32", [-1], 0],
        ["array", "jax", "float32", [-1, -1], 0],
        ["array", "jax", "float32", [1.0], 0],
        ["array", "jax", "float32", [True], 0],
        ["array", "jax", "float32", [2**62, 4], 0],
        ["array", "jax", "float32", [1] * 65, 0],
        ["array", "jax", "float32", [2**39, 2**39, 0], 0],
        ["list", [["array", "jax", "float32", [1], 0], ["array", "jax", "float32", [1], 0]]],
    ],
    ids=lambda node: repr(node)[:50],
)
def test_a_description_that_breaks_a_rule_is_refused(node):
    with pytest.raises(WireError):
        decode(node, [b"1234"])


def test_depth_and_number_of_nodes_are_bounded():
    deep = ["plain", 1]
    for _ in range(wire.MAX_DEPTH + 1):
        deep = ["list", [deep]]
    with pytest.raises(WireError, match="deeper"):
        decode(deep, [])
    with pytest.raises(WireError, match="nodes"):
        decode(["list", [["plain", 1]] * wire.MAX_NODES], [])
    wide = ["list", [["plain", 1]] * (wire.MAX_NODES - 1)]
    assert len(decode(wide, [])) == wire.MAX_NODES - 1


def test_an_array_needs_a_buffer_and_a_buffer_needs_an_array():
    array = ["array", "jax", "float32", [1], 0]
    assert decode(array, [b"1234"]).shape == (1,)
    with pytest.raises(WireError, match="without a buffer"):
        decode(array, [])
    with pytest.raises(WireError, match="belongs to no array"):
        decode(array, [b"1234", b""])
    with pytest.raises(WireError, match="add up"):
        decode(["array", "jax", "float32", [2**39, 2**39, 0], 0], [b"1"])


def test_arrays_are_views_that_cannot_be_written():
    sent = frame(encode([np.zeros(1000), np.ones(3, np.uint8), np.ones(5)]))
    head_and_body = wire.read_frame(io.BytesIO(sent).read, wire.REPLY)
    message = wire.unpack(head_and_body)
    for array in decode(message["value"], message["buffers"]):
        assert not array.values.flags.writeable
        assert np.shares_memory(array.values, np.frombuffer(head_and_body[1], np.uint8))
        with pytest.raises(ValueError, match="WRITEABLE"):
            array.values.setflags(write=True)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "No more data"),
        (b"\xc1", "FormatError"),
        (b"\x92\x01", "No more data"),
        (b"\x80\x80", "follows"),
        (b"\x91" * 100_000, "StackError"),
        (b"\xdd\xff\xff\xff\xff", "No more data"),
        (b"\xc6\xff\xff\xff\xff", "No more data"),
        (b"\x80\x04\x95\x1e\x00\x00\x00", "follows"),
        (b"\x82\xa1a\x01\xa1a\x02", "occurs twice"),
        (b"\x81\xa1a\xa3\xed\xa0\x80", "utf-8"),
        (b"\x81\xcb\x7f\xf8\0\0\0\0\0\0\xa1a", "map key"),
        (b"\xdd" + (wire.MAX_NODES + 1).to_bytes(4, "big") + b"\x01" * 20_001, "max_array_len"),
        (b"\xde\x00\x11" + b"".join(b"\xa1%c\x01" % c for c in b"abcdefghijklmnopq"), "max_map"),
        (msgpack.packb("x" * 300_000), "max_str_len"),
        (msgpack.packb(b"x" * 100), "max_bin_len"),
        (msgpack.packb([[[0] * 20_000] * 20]), "parts"),
        (msgpack.packb([1, 2]), "no dictionary"),
        (msgpack.packb({"a": 1}), "sizes of its buffers"),
        (msgpack.packb({"buffers": 5}), "sizes of its buffers"),
        (msgpack.packb({"buffers": [0, -1, 1]}), "sizes of its buffers"),
        (msgpack.packb({"buffers": [0, False]}), "sizes of its buffers"),
        (msgpack.packb({"buffers": [2**64 - 1]}), "add up"),
        (msgpack.packb({"buffers": [1]}), "add up"),
    ],
    ids=range(23),
)
def test_a_head_that_is_no_message_is_refused(data, why):
    with pytest.raises(WireError, match=why):
        wire.unpack(head(data))


def test_lists_that_claim_more_than_there_is_take_no_memory():
    claims = (b"\xdd" + wire.MAX_NODES.to_bytes(4, "big")) * 500
    tracemalloc.start()
    with pytest.raises(WireError):
        wire.unpack(head(claims))
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_extension_types_are_refused():
    for code in (b"\x00", b"\x05", b"\x7f", b"\xff"):  # the last is a timestamp
        for extension in (b"\xc7\x00" + code, b"\xd6" + code + b"1234"):
            with pytest.raises(WireError, match=r"ext|timestamp"):
                wire.unpack(head(b"\x82\xa7buffers\x90\xa1x" + extension))


def test_keys_that_are_no_text_are_refused():
    for key in (1, None, 1.5, True):
        with pytest.raises(WireError, match="map key"):
            wire.unpack(head(msgpack.packb({"buffers": [], key: 2})))


# Frames.


def test_frames_follow_each_other_until_the_end():
    stream = io.BytesIO(frame({"a": 1}) + frame({"a": "x", "buffers": [b"12", b"", b"3"]}))
    first, second = (wire.unpack(wire.read_frame(stream.read, wire.REPLY)) for _ in range(2))
    assert first == {"a": 1, "buffers": []}
    assert second == {"a": "x", "buffers": [b"12", b"", b"3"]}
    assert wire.read_frame(stream.read, wire.REPLY) is None


def test_a_frame_that_drips_in_is_put_together():
    stream = io.BytesIO(frame({"a": "word" * 100, "buffers": [b"bytes" * 100]}))
    found = wire.unpack(
        wire.read_frame(lambda count: stream.read(min(count, 3)), wire.REPLY),
    )
    assert found == {"a": "word" * 100, "buffers": [b"bytes" * 100]}


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ((2**32 - 1, 5), "a frame of 4,294,967,295 bytes"),
        ((wire.REPLY.frame + 1, 5), "a frame of"),
        ((wire.REPLY.frame, wire.REPLY.head + 1), "a head of"),
        ((5, 6), "larger than its frame"),
    ],
)
def test_a_lying_prefix_is_refused_before_anything_else_is_read(sizes, why):
    stream = io.BytesIO(struct.pack(">II", *sizes) + b"x" * 100)
    with pytest.raises(WireError, match=why):
        wire.read_frame(stream.read, wire.REPLY)
    assert stream.tell() == 8


def test_what_a_prefix_claims_is_not_allocated():
    claim = struct.pack(">II", wire.REPLY.frame, 10)
    tracemalloc.start()
    with pytest.raises(WireError, match="inside a frame"):
        wire.read_frame(io.BytesIO(claim + b"x" * 1000).read, wire.REPLY)
    assert tracemalloc.get_traced_memory()[1] < 2**20
    tracemalloc.stop()


def test_a_stream_that_ends_inside_a_frame_is_refused():
    whole = frame({"a": 1, "buffers": [b"1234"]})
    for end in range(1, len(whole)):
        with pytest.raises(WireError, match="inside a frame"):
            wire.read_frame(io.BytesIO(whole[:end]).read, wire.REPLY)


def test_a_message_above_the_limits_is_not_sent():
    limits = wire.Limits(frame=120, head=60)
    wire.pack({"a": "x" * 30, "buffers": [b"1" * 60]}, limits)
    with pytest.raises(WireError, match="a frame of"):
        wire.pack({"a": "x" * 30, "buffers": [b"1" * 80]}, limits)
    with pytest.raises(WireError, match="a head of"):
        wire.pack({"a": "x" * 60}, limits)
    for odd in ({"a": object()}, {"a": 2**64}):
        with pytest.raises(WireError, match="cannot be described"):
            wire.pack(odd, limits)
