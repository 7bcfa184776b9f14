"""Archives for the tests: ordinary ones as common programs make them, and builders of bad ones.

`python tests/archives.py` writes the small ones to the corpus, with the table of what becomes of each.
They are kept since another zlib packs differently; add a file by hand when fuzzing has found it.
"""

import io
import re
import struct
import zipfile
import zlib
from pathlib import Path

CORPUS = Path(__file__).parent / "corpus" / "archives"
TABLE = CORPUS / "table.tsv"
_LARGEST = 1500  # bytes of an archive in the corpus
SUMS, SHAPES = "ch01_sums.py", "ch02_shapes.py"
TEXTS = {SUMS: "def total(x):\n    return x.sum()\n" * 20, SHAPES: "y = 1\n"}


def zipped(members, method=zipfile.ZIP_DEFLATED, comment=b"", stream=False):
    """An archive by `zipfile`; `members` are (name or ZipInfo, content) pairs."""
    file = io.BytesIO()
    target = Unseekable(file) if stream else file
    with zipfile.ZipFile(target, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
        archive.comment = comment
    return file.getvalue()


class Unseekable(io.RawIOBase):
    """A file that can only be written on and on, so that sizes follow the bytes of a member."""

    def __init__(self, file):
        self._file = file

    def writable(self):
        return True

    def write(self, data):
        return self._file.write(data)


def info(name, mode=0o100644, system=3, folder=False):
    """The entry of a member made on another system."""
    entry = zipfile.ZipInfo(name)
    entry.create_system = system
    entry.external_attr = (mode << 16) | (0x10 if folder else 0)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def deflated(data):
    """The bytes as a member holds them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def member(name, data=b"x = 1\n", local=None, packed=None, **changes):
    """A member for `assembled`: its own header with its bytes, and its entry.

    Args:
        packed: its bytes in the archive, or how many it says there are.
        local: changes of its own header alone; `changes` are those of the entry and the header.
    """
    raw = name if isinstance(name, bytes) else name.encode()
    content = packed if isinstance(packed, bytes) else deflated(data)
    fields = {
        "flags": 0,
        "method": 8,
        "crc": zlib.crc32(data),
        "packed": packed if isinstance(packed, int) else len(content),
        "size": len(data),
        "name": raw,
        "extra": b"",
        "mode": 0o100644,
        "offset": None,
        "disk": 0,
    } | changes
    mine = fields | (local or {})
    keys = ("flags", "method", "crc", "packed", "size")
    flags, method, *numbers = (mine[key] for key in keys)
    header = struct.pack(
        "<4s5H3L2H",
        b"PK\3\4",
        20,
        flags,
        method,
        0,
        0,
        *numbers,
        len(mine["name"]),
        len(mine["extra"]),
    )
    return header + mine["name"] + mine["extra"] + content, fields


def entry(fields, offset):
    """A member's entry in the directory."""
    head = struct.pack(
        "<4s6H3L5H2L",
        b"PK\1\2",
        0x031E,
        20,
        *(fields["flags"], fields["method"], 0, 0),
        *(fields["crc"], fields["packed"], fields["size"]),
        *(len(fields["name"]), len(fields["extra"]), 0, fields["disk"], 0),
        fields["mode"] << 16,
        offset if fields["offset"] is None else fields["offset"],
    )
    return head + fields["name"] + fields["extra"]


def assembled(*members, before=b"", between=b"", comment=b"", **changes):
    """An archive of `member`s; `changes` are those of the end record."""
    body, directory = before, b""
    for data, fields in members:
        directory += entry(fields, len(body))
        body += data
    end = {
        "disk": 0,
        "first": 0,
        "here": len(members),
        "count": len(members),
        "length": len(directory),
        "start": len(body),
    } | changes
    return (
        body
        + directory
        + between
        + struct.pack("<4s4H2LH", b"PK\5\6", *end.values(), len(comment))
        + comment
    )


def with_64_bits(*members, **changes):
    """An archive whose end record refers to a 64-bit one."""
    plain = assembled(*members)
    *_, count, length, start, _ = struct.unpack("<4s4H2LH", plain[-22:])
    end = {"size": 44, "disk": 0, "first": 0, "here": count, "count": count} | {
        "length": length,
        "start": start,
        "place": len(plain) - 22,
        "disks": 1,
    }
    end |= changes
    record = struct.pack(
        "<4sQ2H2L4Q",
        b"PK\6\6",
        *(end["size"], 45, 45, end["disk"], end["first"]),
        *(end["here"], end["count"], end["length"], end["start"]),
    )
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end["place"], end["disks"])
    full = (0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return plain[:-22] + record + locator + struct.pack("<4s4H2LH", b"PK\5\6", *full)


def overlapping(count):
    """Many entries that share the bytes of one member (D. Fifield, "A better zip bomb", 2019)."""
    kernel, fields = member(SUMS, b"\0" * 900_000)
    directory = b"".join(entry(fields | {"name": b"%05d.py" % i}, 0) for i in range(count))
    directory += entry(fields, 0)
    end = struct.pack(
        "<4s4H2LH", b"PK\5\6", 0, 0, count + 1, count + 1, len(directory), len(kernel), 0
    )
    return kernel + directory + end


def ordinary():
    """Good archives by name, as common programs make them; each holds TEXTS."""
    files = list(TEXTS.items())
    nested = [(f"answers/{name}", text) for name, text in files]
    mac = [
        *nested,
        (info("answers/.DS_Store"), b"\0\1Bud1"),
        *((info(f"__MACOSX/answers/._{name}"), b"\0\5\x16\7") for name in TEXTS),
    ]
    sixty_four = [
        member(
            name,
            text.encode(),
            packed=deflated(text.encode()),
            size=0xFFFFFFFF,
            extra=struct.pack("<2HQ", 1, 8, len(text)),
        )
        for name, text in files
    ]
    return {
        "plain": zipped(files),
        "stored": zipped(files, zipfile.ZIP_STORED),
        "one folder": zipped([(info("answers/", 0o40755, folder=True), b""), *nested]),
        "macos": zipped(mac, stream=True),
        "windows": zipped([(info(name, 0, 0), text) for name, text in nested]),
        "streamed": zipped(files, stream=True),
        "dotted": zipped([(f"./{name}", text) for name, text in files]),
        "comment": zipped(files, comment=b"made by hand"),
        "international": zipped([*files, ("Übung/日本語.txt", "x"), ("👩\u200d🔬.md", "x")]),
        "with git and venv": zipped(
            [
                *files,
                (".git/objects/ab/cd", b"\0" * 99),
                (info("exercises/.venv/bin/python", 0o120777), "/usr/bin/python3"),
                (info(".git/hooks/link", 0o120777), "../x"),
                ("conftest.py", "raise SystemExit"),
            ]
        ),
        "cp437": assembled(
            *(member(name, text.encode()) for name, text in files), member(b"\x81bung.txt")
        ),
        "64 bits": with_64_bits(*(member(name, text.encode()) for name, text in files)),
        "64-bit sizes": assembled(*sixty_four),
    }


def malformed():
    """Bad archives by name, each with a part of the reason for which it is refused."""
    good = (member(SUMS, TEXTS[SUMS].encode()), member(SHAPES))
    data = TEXTS[SUMS].encode()
    names = {
        "../ch01_sums.py": "leads out",
        "a/../../ch01_sums.py": "leads out",
        "a/..": "leads out",
        ".git/../../x": "leads out",
        "/etc/ch01_sums.py": "is absolute",
        "//host/share": "is absolute",
        "C:/ch01_sums.py": "is absolute",
        "c:ch01_sums.py": "is absolute",
        "a\\ch01_sums.py": "holds a backslash",
        "..\\..\\ch01_sums.py": "holds a backslash",
        "ch01_sums.py\0.txt": "cannot be seen",
        "a\nScore: 77 of 77": "cannot be seen",
        "a\x1b[2Jb": "cannot be seen",
        "a\u202eyp.b": "cannot be seen",
        "a\u2066b": "cannot be seen",
        "n" * 256: "too long",
        "/".join(["n" * 200] * 6): "too long",
        "d/" * 41 + "f": "too deep",
        "": "is empty",
        "././": "is empty",
    }
    modes = {"link": 0o120777, "pipe": 0o010644, "device": 0o020644, "socket": 0o140755}
    hostile = {
        f"name {number:02}": (assembled(*good, member(name)), reason)
        for number, (name, reason) in enumerate(names.items())
    }
    hostile |= {
        kind: (
            assembled(good[1], member(SUMS, mode=mode)),
            "regular" if kind != "link" else "a link",
        )
        for kind, mode in modes.items()
    }
    hostile["name that is no UTF-8"] = (assembled(member(b"\xff\xfe", flags=0x800)), "UTF-8")
    hostile["encrypted"] = (assembled(member(SUMS, flags=1)), "encrypted")
    hostile["strongly encrypted"] = (assembled(member("x", flags=0x41)), "encrypted")
    hostile["encrypted in its own header"] = (
        assembled(member(SUMS, local={"flags": 1})),
        "disagree",
    )
    hostile["bzip2"] = (zipped([(SUMS, data)], zipfile.ZIP_BZIP2), "method 12")
    hostile["lzma"] = (zipped([(SUMS, data)], zipfile.ZIP_LZMA), "method 14")
    twins = {
        "same": SUMS,
        "case": "CH01_Sums.py",
        "long s": "ch01_\u017fums.py",
        "dot": f"./{SUMS}",
    }
    for kind, name in twins.items():
        hostile[f"twin: {kind}"] = (assembled(good[0], member(name)), "one name")
    hostile["twin: folder"] = (
        assembled(good[0], member(f"{SUMS}/", b"", mode=0o40755)),
        "one name",
    )
    hostile["overlap"] = (overlapping(500), "overlaps")
    hostile["overlap with the directory"] = (
        assembled(good[0], member("x", packed=9999, data=b"")),
        "overlaps",
    )
    hostile["declares too much in all"] = (
        assembled(*(member(f"f{i:02}/{SUMS}", b"#" * 10**6) for i in range(40))),
        "at most 33,554,432",
    )
    hostile["bomb"] = (assembled(member(SUMS, b"\0" * 40 * 2**20)), "at most 33,554,432")
    hostile["bomb that declares little"] = (
        assembled(member(SUMS, b"\0" * 40 * 2**20, size=1000)),
        "cannot be",
    )
    hostile["ratio"] = (assembled(member(SUMS, data, size=900_000)), "cannot be")
    hostile["declares too little"] = (
        assembled(member(SUMS, data, size=len(data) - 1, crc=zlib.crc32(data[:-1]))),
        "not as long",
    )
    hostile["declares too much"] = (
        assembled(member(SUMS, data, size=len(data) + 1)),
        "not as long",
    )
    hostile["packs more than it needs"] = (
        assembled(member(SUMS, data, packed=deflated(data) + b"more")),
        "not as long",
    )
    hostile["padded"] = (assembled(member(SUMS, packed=b"\0" * 5000)), "cannot be")
    hostile["stored with another size"] = (
        assembled(member(SUMS, b"x = 1\n", packed=b"x = 1\ny", method=0)),
        "not as long",
    )
    hostile["checksum"] = (assembled(member(SUMS, data, crc=1)), "checksum")
    hostile["no deflate"] = (assembled(member(SUMS, data, packed=b"\xff" * 40)), "inflated")
    hostile["another name in its own header"] = (
        assembled(member(SUMS, local={"name": b"ch02_sums.py"})),
        "disagree",
    )
    hostile["another size in its own header"] = (
        assembled(member(SUMS, local={"size": 5})),
        "disagree",
    )
    hostile["64-bit sizes that are not there"] = (
        assembled(member(SUMS, size=0xFFFFFFFF)),
        "64-bit",
    )
    hostile["offset beyond the end"] = (assembled(member(SUMS, offset=10**6)), "overlaps")
    hostile["offset into another member"] = (assembled(*good, member("x", offset=3)), "overlaps")
    hostile["offset of nothing"] = (assembled(member(SUMS, offset=1)), "overlaps")
    hostile["no header there"] = (
        assembled(member(SUMS, offset=0), before=b"\0" * 99),
        "where it should",
    )
    hostile["more entries than it says"] = (assembled(*good, here=1, count=1), "more entries")
    hostile["fewer entries than it says"] = (assembled(*good, here=3, count=3), "fewer entries")
    hostile["several disks"] = (assembled(*good, disk=1), "one part of several")
    hostile["entry on another disk"] = (assembled(member(SUMS, disk=2)), "one part of several")
    hostile["other count on this disk"] = (assembled(*good, here=1), "one part of several")
    hostile["too many members"] = (
        assembled(*(member(f"{i}", packed=b"", data=b"", method=0) for i in range(10_001))),
        "too many files",
    )
    hostile["directory too long"] = (
        assembled(
            *(
                member(f"{i:05}" + "n" * 250, extra=b"\0" * 400, packed=b"", data=b"")
                for i in range(7000)
            )
        ),
        "too many files",
    )
    hostile["directory elsewhere"] = (assembled(*good, start=7), "does not lie")
    hostile["directory before the beginning"] = (assembled(*good, start=0xFFFFFFF0), "does not lie")
    hostile["bytes before the archive"] = (b"#!/bin/sh\n" + assembled(*good), "does not lie")
    hostile["bytes after the directory"] = (assembled(*good, between=b"?"), "does not lie")
    hostile["bytes after the archive"] = (assembled(*good) + b"\n", "no end record")
    hostile["two end records"] = (
        assembled(*good, comment=b"PK\5\6" + struct.pack("<4H2LH", 0, 0, 0, 0, 0, 0, 3) + b"end"),
        "two end records",
    )
    absurd = {
        "count": 2**63,
        "length": 2**64 - 1,
        "start": 2**64 - 1,
        "place": 2**63,
        "size": 2**60,
    }
    reasons = {
        "count": "several",
        "length": "too many",
        "start": "does not lie",
        "disk": "disagree",
    }
    for field, value in (absurd | {"disk": 3, "disks": 9, "here": 0}).items():
        reason = reasons.get(field, "several" if field == "here" else "64-bit end record")
        hostile[f"64 bits: {field}"] = (with_64_bits(*good, **{field: value}), reason)
    hostile["64 bits: all counts"] = (
        with_64_bits(*good, here=2**40, count=2**40),
        "too many files",
    )
    hostile["half"] = (assembled(*good)[:200], "no end record")
    hostile["empty"] = (b"", "no end record")
    hostile["no archive"] = (b"x = 1\n" * 99, "no end record")
    hostile["end record alone, cut"] = (b"PK\5\6" + b"\0" * 17, "no end record")
    return hostile


def write_corpus():
    """Write the small archives and their table: name, what becomes of it ("read" or the reason)."""
    found = {name: (data, "read") for name, data in ordinary().items()} | malformed()
    rows = []
    for name, (data, reason) in found.items():
        if len(data) <= _LARGEST:
            file = re.sub(r"\W+", "-", name) + ".zip"
            (CORPUS / file).write_bytes(data)
            rows.append(f"{file}\t{reason}\n")
    TABLE.write_text("".join(sorted(rows)), encoding="utf-8")


if __name__ == "__main__":
    write_corpus()
