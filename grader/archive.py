"""Reading a few files out of a stranger's .zip, in memory, never unpacking it.

The parts of an archive name one another by offsets and sizes that its maker was free to choose. So
nothing is believed that can be checked, and what different programs would read differently is refused:

    members | central directory (one entry for each member) | end record

`zipfile` is not used: it reads the whole directory before anything can be counted, ends names at a null
byte, and takes a member for whole when its checksum fits.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from grader.text import clean, one_line

MAX_ARCHIVE = 64 * 2**20
MAX_DIRECTORY = 4 * 2**20
MAX_MEMBERS = 10_000
MAX_PART, MAX_NAME, MAX_DEPTH = 255, 1000, 40
MAX_TOTAL = 32 * 2**20  # bytes that the members which are wanted declare
_MAX_RATIO = 1100  # deflate reaches 1,032

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF  # "see the 64-bit record"
_STORED, _DEFLATED = 0, 8
_ENCRYPTED = 0x2041  # three ways to say so among an entry's flags
_AGAIN = "Zip the folder with your chapter files again."


class Refused(Exception):
    """The archive as a whole is not read; the text says what is wrong with it and what to do."""


def _damaged(what: str) -> Refused:
    return Refused(f"is damaged: {what}. {_AGAIN}")


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of the central directory, its name checked and without "." and empty parts."""

    parts: tuple[str, ...]
    raw_name: bytes
    is_folder: bool
    method: int
    crc: int
    packed: int
    size: int
    mode: int
    offset: int

    @property
    def shown(self) -> str:
        """The name for people."""
        return _shown("/".join(self.parts))

    @property
    def is_hidden(self) -> bool:
        """Whether it lies in a folder that is never read, such as .git and __MACOSX."""
        return any(part.startswith((".", "__")) for part in self.parts[:-1])


def same_name(name: str) -> str:
    """One text for all names that some file systems take for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _shown(name: str) -> str:
    return repr(one_line(name, 80))


class Archive:
    """An archive whose directory has been read and checked.

    Args:
        file: seekable.
        size: of the file in bytes.
        wanted: whether a member's bytes may be asked for, by the parts of its name.

    Raises:
        Refused: the archive breaks a rule.
    """

    def __init__(
        self, file: BinaryIO, size: int, wanted: Callable[[tuple[str, ...]], bool]
    ) -> None:
        if size > MAX_ARCHIVE:
            raise Refused(
                f"has {size:,} bytes; an archive has at most {MAX_ARCHIVE:,}. {_AGAIN[:-1]}, and "
                "nothing else."
            )
        self._file = file
        self._size = size
        self._start, length, count = self._end_record()
        everything = list(self._directory(length, count))
        following = self._without_overlap(everything)
        self.members = [m for m in everything if not m.is_hidden and wanted(m.parts)]
        self._ends = {member.offset: following[member.offset] for member in self.members}
        self._check_wanted()

    # The end record and the directory.

    def _read(self, offset: int, count: int) -> bytes:
        self._file.seek(offset)
        data = self._file.read(count)
        if len(data) != count:
            raise _damaged("it ends too early")
        return data

    def _end_record(self) -> tuple[int, int, int]:
        """Where the directory starts, its length, how many members it says it has."""
        tail_start = max(0, self._size - _END.size - _FULL16)
        tail = self._read(tail_start, self._size - tail_start)
        found = [
            match.start()
            for match in re.finditer(rb"(?=PK\x05\x06)", tail)
            if len(tail) - match.start() >= _END.size
            and match.start() + _END.size + _END.unpack_from(tail, match.start())[-1] == len(tail)
        ]
        if not found:
            raise _damaged("it has no end record, as if it were no .zip or not whole")
        if len(found) > 1:
            raise _damaged("it has two end records")
        end = tail_start + found[0]
        _, disk, first_disk, here, count, length, start, _ = _END.unpack_from(tail, found[0])
        fields, end = self._with_64_bits([disk, first_disk, here, count, length, start], end)
        disk, first_disk, here, count, length, start = fields
        if disk or first_disk or here != count:
            raise Refused(f"is one part of several. {_AGAIN}")
        if count > MAX_MEMBERS or length > MAX_DIRECTORY:
            raise Refused(
                f"holds too many files ({count:,} in a directory of {length:,} bytes; at most "
                f"{MAX_MEMBERS:,} and {MAX_DIRECTORY:,} are looked at). {_AGAIN[:-1]}, and nothing else."
            )
        if start + length != end:
            raise _damaged("its directory does not lie where its end record says")
        return start, length, count

    def _with_64_bits(self, fields: list[int], end: int) -> tuple[list[int], int]:
        """The end record's fields, and where it starts, by the record for large archives if there is one."""
        place = end - _LOCATOR.size
        locator = self._read(place, _LOCATOR.size) if place >= 0 else b""
        if locator[:4] != b"PK\x06\x07":
            return fields, end
        _, disk, start, disks = _LOCATOR.unpack(locator)
        if disk or disks > 1 or start + _END64.size != place:
            raise _damaged("its 64-bit end record does not lie where it should")
        signature, size, _, _, *large = _END64.unpack(self._read(start, _END64.size))
        if signature != b"PK\x06\x06" or size != _END64.size - 12:
            raise _damaged("its 64-bit end record is none")
        limits = [_FULL16] * 4 + [_FULL32] * 2
        for field, limit, value in zip(fields, limits, large, strict=True):
            if field not in (limit, value):
                raise _damaged("its two end records disagree")
        return large, start

    def _directory(self, length: int, count: int) -> Iterator[Member]:
        data = self._read(self._start, length)
        place = 0
        for _ in range(count):
            if length - place < _ENTRY.size or data[place : place + 4] != b"PK\x01\x02":
                raise _damaged("its directory has fewer entries than it says")
            fields = _ENTRY.unpack_from(data, place)
            name_at = place + _ENTRY.size
            name_size, extra_size, comment_size = fields[10:13]
            place = name_at + name_size + extra_size + comment_size
            if place > length:
                raise _damaged("an entry of its directory is not whole")
            name = data[name_at : name_at + name_size]
            extra = data[name_at + name_size : name_at + name_size + extra_size]
            yield _member(fields, name, extra)
        if place != length:
            raise _damaged("its directory has more entries than it says")

    def _without_overlap(self, everything: list[Member]) -> dict[int, int]:
        """By a member's offset, where the next one starts."""
        members = sorted(everything, key=lambda member: member.offset)
        ends = [*(member.offset for member in members), self._start][1:]
        for member, end in zip(members, ends, strict=True):
            if member.offset + _LOCAL.size + len(member.raw_name) + member.packed > end:
                raise Refused(
                    f"is built wrongly: its member {member.shown} overlaps another one. {_AGAIN}"
                )
        return {member.offset: end for member, end in zip(members, ends, strict=True)}

    # The members that are wanted.

    def _check_wanted(self) -> None:
        total = sum(member.size for member in self.members)
        if total > MAX_TOTAL:
            raise Refused(
                f"holds chapter files of {total:,} bytes; at most {MAX_TOTAL:,} are read. {_AGAIN}"
            )
        seen: dict[str, Member] = {}
        for member in self.members:
            key = same_name("/".join(member.parts))
            if key in seen:
                raise Refused(
                    f"holds {seen[key].shown} and {member.shown}, which are one name on many machines. "
                    "Keep one of them and zip the folder again."
                )
            seen[key] = member
            if member.is_folder:
                continue
            if member.method not in (_STORED, _DEFLATED):
                raise Refused(
                    f"packs its member {member.shown} in a way that is not read here (method "
                    f"{member.method}). Zip the folder again with the usual settings."
                )
            if not member.size / _MAX_RATIO <= member.packed <= 1.01 * member.size + 1000:
                raise Refused(
                    f"says that its member {member.shown} holds {member.size:,} bytes in "
                    f"{member.packed:,}, which cannot be. {_AGAIN}"
                )

    def read(self, member: Member) -> bytes:
        """The bytes of a member: as many as it declares, never more.

        Raises:
            Refused: they are not what the directory says.
        """
        data = self._packed(member)
        if member.method == _DEFLATED:
            inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            try:
                data = inflate.decompress(data, member.size + 1)
            except zlib.error:
                raise _damaged(f"its member {member.shown} cannot be inflated") from None
            if not inflate.eof or inflate.unused_data:
                raise _damaged(f"its member {member.shown} is not as long as it says")
        if len(data) != member.size:
            raise _damaged(f"its member {member.shown} is not as long as it says")
        if zlib.crc32(data) != member.crc:
            raise _damaged(f"its member {member.shown} does not match its checksum")
        return data

    def _packed(self, member: Member) -> bytes:
        """A member's bytes as they lie in the archive, after its own header has been checked."""
        header = self._read(member.offset, _LOCAL.size)
        signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(
            header
        )
        start = member.offset + _LOCAL.size + name_size + extra_size
        if signature != b"PK\x03\x04" or start + member.packed > self._ends[member.offset]:
            raise _damaged(f"its member {member.shown} does not lie where it should")
        name = self._read(member.offset + _LOCAL.size, name_size)
        later = (0,) if flags & 8 else ()  # sizes and checksum follow the bytes
        agree = (
            (name, method, flags & _ENCRYPTED) == (member.raw_name, member.method, 0)
            and crc in (member.crc, *later)
            and packed in (member.packed, _FULL32, *later)
            and size in (member.size, _FULL32, *later)
        )
        if not agree:
            raise _damaged(f"its two headers of {member.shown} disagree")
        return self._read(start, member.packed)


def _member(fields: tuple[int, ...], raw_name: bytes, extra: bytes) -> Member:
    """An entry of the directory, checked by itself."""
    _, _, _, flags, method, _, _, crc, packed, size, _, _, _, disk, _, attributes, offset = fields
    try:
        name = raw_name.decode("utf-8")
    except UnicodeDecodeError:
        name = raw_name.decode("cp437")
        if flags & 0x800:
            raise _damaged(f"the name {_shown(name)} is not the UTF-8 that it says") from None
    parts = _checked_parts(name)
    size, packed, offset, disk = _in_64_bits(size, packed, offset, disk, extra)
    member = Member(
        parts=parts,
        raw_name=raw_name,
        is_folder=name.endswith("/") or bool(attributes & 0x10) or stat.S_ISDIR(attributes >> 16),
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        mode=attributes >> 16,
        offset=offset,
    )
    if disk:
        raise Refused(f"is one part of several. {_AGAIN}")
    if flags & _ENCRYPTED:
        raise Refused(f"is encrypted ({member.shown}). Zip the folder again without a password.")
    if stat.S_IFMT(member.mode) not in (0, stat.S_IFREG, stat.S_IFDIR) and not member.is_hidden:
        kind = "a link" if stat.S_ISLNK(member.mode) else "no regular file"
        raise Refused(
            f"holds {member.shown}, which is {kind}. Put the file itself there and zip the folder again."
        )
    return member


def _checked_parts(name: str) -> tuple[str, ...]:
    """The parts of a member's name.

    Raises:
        Refused: the name leads out of the archive's folder, or no ordinary file is called so.
    """
    reason = ""
    parts = name.split("/")
    if clean(name) != name or "\n" in name or "\t" in name:
        reason = "holds characters that cannot be seen"
    elif "\\" in name:
        reason = "holds a backslash"
    elif name.startswith("/") or re.match(r"[A-Za-z]:", name):
        reason = "is absolute"
    elif ".." in parts:
        reason = "leads out of the archive's folder"
    elif len(name) > MAX_NAME or len(parts) > MAX_DEPTH or max(map(len, parts)) > MAX_PART:
        reason = "is too long or too deep"
    kept = tuple(part for part in parts if part not in ("", "."))
    if not kept and name != "./":
        reason = reason or "is empty"
    if reason:
        raise Refused(
            f"holds a member whose name {reason}: {_shown(name)}. Zip the folder with your chapter "
            "files again, and nothing else."
        )
    return kept or (".",)


def _in_64_bits(
    size: int, packed: int, offset: int, disk: int, extra: bytes
) -> tuple[int, int, int, int]:
    """The fields of an entry that may stand in its 64-bit extra field."""
    fields, widths = [size, packed, offset, disk], [8, 8, 8, 4]
    limits = [_FULL32, _FULL32, _FULL32, _FULL16]
    if not any(field == limit for field, limit in zip(fields, limits, strict=True)):
        return size, packed, offset, disk
    place, data = 0, b""
    while place + 4 <= len(extra) and not data:
        kind, length = struct.unpack_from("<2H", extra, place)
        data = extra[place + 4 : place + 4 + length] if kind == 1 else b""
        place += 4 + length
    for index, (limit, width) in enumerate(zip(limits, widths, strict=True)):
        if fields[index] == limit:
            if len(data) < width:
                raise _damaged("an entry of its directory lacks its 64-bit sizes")
            fields[index], data = int.from_bytes(data[:width], "little"), data[width:]
    return fields[0], fields[1], fields[2], fields[3]
