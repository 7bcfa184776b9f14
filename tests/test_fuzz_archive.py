"""Archives that nobody made on purpose: each is refused with a reason, or read for what it was."""

import random
import struct
import tracemalloc
import zlib

import pytest
from archives import (
    CORPUS,
    SHAPES,
    SUMS,
    TABLE,
    TEXTS,
    assembled,
    deflated,
    malformed,
    member,
    ordinary,
    overlapping,
    zipped,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.errors import UsageError
from grader.submission import read_archive

ORDINARY = ordinary()
WANTED = 1000  # archives that must be refused
PEAK = 16 * 2**20  # bytes of memory that reading any of them may take
NUMBERS = (0, 1, 7, 0x7FFF, 0xFFFE, 0xFFFF, 0x10000, 2**31, 2**32 - 2, 2**32 - 1)


def refusal(data, pack):
    """Why an archive is refused; "" where it is read, for nothing but what it was made of."""
    try:
        submission = read_archive(data, "answers.zip", pack)
    except UsageError as error:
        reason = str(error)
        assert reason.startswith("answers.zip ")
        assert reason.isprintable()
        assert 40 < len(reason) < 500
        return reason
    for name, text in submission.texts.values():
        assert text == TEXTS[name]
    return ""


# Mutations of good archives.


def flip(data, rng):
    """Some bits of some bytes changed."""
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def flip_a_header(data, rng):
    """A byte of one of the records changed."""
    starts = [i for i in range(len(data) - 4) if data[i : i + 2] == b"PK"]
    place = min(len(data) - 1, rng.choice(starts) + rng.randrange(46))
    return data[:place] + bytes([rng.randrange(256)]) + data[place + 1 :]


def put_a_number(data, rng):
    """A field of one of the records set to a number that is hard to bear."""
    starts = [i for i in range(len(data) - 4) if data[i : i + 2] == b"PK"]
    place = rng.choice(starts) + rng.randrange(4, 46)
    number = rng.choice((*NUMBERS, len(data), rng.getrandbits(32)))
    field = struct.pack("<L", number)[: rng.choice((2, 4))]
    return data[:place] + field + data[place + len(field) :]


def truncate(data, rng):
    """An end, or a beginning, missing."""
    place = rng.randrange(len(data))
    return data[:place] if rng.random() < 0.8 else data[place:]


def cut_out(data, rng):
    """A stretch missing, or there twice."""
    start, length = rng.randrange(len(data)), rng.randrange(1, 60)
    return (
        data[:start] + data[start : start + length] * rng.choice((0, 0, 2)) + data[start + length :]
    )


def swap(data, rng):
    """Two records exchanged."""
    marks = [i for i in range(len(data) - 4) if data[i : i + 2] == b"PK"]
    a, b, c = sorted(rng.sample([*marks, len(data)], 3))
    return data[:a] + data[b:c] + data[a:b] + data[c:]


def graft(data, rng):
    """The beginning of one archive and the end of another."""
    other = rng.choice(list(ORDINARY.values()))
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


MUTATIONS = (flip, flip_a_header, put_a_number, truncate, cut_out, swap, graft)


def lie(rng):
    """A member that says of itself what is not so."""
    text = TEXTS[SUMS].encode()
    field = rng.choice(("flags", "method", "crc", "packed", "size", "offset"))
    bits = 16 if field in ("flags", "method") else 32
    number = rng.choice((*NUMBERS, len(text) - 1, len(text) + 1, rng.getrandbits(32))) % 2**bits
    where = (
        {field: number} if field == "offset" or rng.random() < 0.5 else {"local": {field: number}}
    )
    return assembled(member(SHAPES, TEXTS[SHAPES].encode()), member(SUMS, text, **where))


def bomb(rng):
    """Much in little: by one member, by many, by layers, by members that share their bytes."""
    zeros = bytes(rng.randrange(2, 40) * 2**20)
    kind = rng.randrange(4)
    if kind == 0:
        return assembled(member(SUMS, zeros, size=rng.choice((10, 900_000, len(zeros) - 1))))
    if kind == 1:
        one, fields = member(f"a/{SUMS}", zeros)
        many = rng.randrange(40, 60)
        return assembled(*((one, fields | {"name": f"{i}/{SUMS}".encode()}) for i in range(many)))
    if kind == 2:
        layers = deflated(deflated(zeros))
        return assembled(member(SUMS, zeros, packed=layers, crc=zlib.crc32(zeros)))
    return overlapping(rng.randrange(2, 400))


def archives():
    """The archives to try, always the same ones."""
    rng = random.Random(4)
    seeds = list(ORDINARY.values())
    yield from (data for data, _ in malformed().values())
    yield assembled(*(member(f"{i:05}" + "n" * 240, b"") for i in range(10_000)))
    yield from (MUTATIONS[i % len(MUTATIONS)](rng.choice(seeds), rng) for i in range(2400))
    yield from (lie(rng) for _ in range(300))
    yield from (bomb(rng) for _ in range(24))


def test_a_thousand_malformed_archives_are_refused_in_flat_memory(pack):
    tried = list(archives())
    refusal(tried[0], pack)  # what is imported late is not the archives' memory
    reasons, peaks = [], []
    tracemalloc.start()
    try:
        for data in tried:
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            reasons.append(refusal(data, pack))
            peaks.append(tracemalloc.get_traced_memory()[1] - before)
        left = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert sum(map(bool, reasons)) >= WANTED
    assert max(peaks) < PEAK
    assert left < 2 * 2**20
    assert len({reason.split("'")[0] for reason in reasons}) > 25


@given(st.sampled_from(list(ORDINARY.values())), st.randoms(use_true_random=False), st.data())
@settings(max_examples=300, deadline=None)
def test_any_change_is_refused_or_harmless(pack, data, rng, draw):
    for mutate in draw.draw(st.lists(st.sampled_from(MUTATIONS), min_size=1, max_size=4)):
        data = mutate(data, rng) if data.count(b"PK") > 2 and len(data) > 60 else data
    refusal(data, pack)


@given(st.binary(max_size=400), st.binary(max_size=100))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_refused_or_hold_nothing(pack, data, directory):
    refusal(data, pack)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(directory), len(data), 0)
    refusal(data + directory + end, pack)


ROWS = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(("file", "expected"), ROWS)
def test_the_corpus(pack, file, expected):
    reason = refusal((CORPUS / file).read_bytes(), pack)
    assert (expected in reason) if expected != "read" else not reason


def test_the_corpus_is_whole_and_small():
    files = {path.name: path.stat().st_size for path in CORPUS.glob("*.zip")}
    assert set(files) == {file for file, _ in ROWS}
    assert sum(files.values()) < 100_000


def test_that_this_can_fail(pack):
    assert refusal(ORDINARY["plain"], pack) == ""
    with pytest.raises(AssertionError):
        refusal(zipped([(SUMS, "another text")]), pack)
