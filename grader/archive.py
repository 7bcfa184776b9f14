"""Reading a few files out of a stranger's .zip, in memory, never unpacking it.

The parts of an archive name one another by offsets and sizes that its maker was free to choose. So
nothing is believed that can be checked, and what different programs would read differently is refused:

    members | central directory (one entry for each member) | end record

`zipfile` is not used: it reads the whole directory before anything can be counted, ends names at a null
byte, and takes a member for whole when its checksum fits.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from grader.members import (
    AGAIN,
    ENCRYPTED,
    FULL16,
    FULL32,
    Member,
    Refused,
    damaged,
    member_of,
    same_name,
)

MAX_ARCHIVE = 64 * 2**20
MAX_DIRECTORY = 4 * 2**20
MAX_MEMBERS = 10_000
MAX_TOTAL = 32 * 2**20  # bytes that the members which are wanted declare
_MAX_RATIO = 1100  # deflate reaches 1,032

_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
_STORED, _DEFLATED = 0, 8


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
                f"has {size:,} bytes; an archive has at most {MAX_ARCHIVE:,}. {AGAIN[:-1]}, and "
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
            raise damaged("it ends too early")
        return data

    def _end_record(self) -> tuple[int, int, int]:
        """Where the directory starts, its length, how many members it says it has."""
        tail_start = max(0, self._size - _END.size - FULL16)
        tail = self._read(tail_start, self._size - tail_start)
        found = [
            match.start()
            for match in re.finditer(rb"(?=PK\x05\x06)", tail)
            if len(tail) - match.start() >= _END.size
            and match.start() + _END.size + _END.unpack_from(tail, match.start())[-1] == len(tail)
        ]
        if not found:
            raise damaged("it has no end record, as if it were no .zip or not whole")
        if len(found) > 1:
            raise damaged("it has two end records")
        end = tail_start + found[0]
        _, disk, first_disk, here, count, length, start, _ = _END.unpack_from(tail, found[0])
        fields, end = self._with_64_bits([disk, first_disk, here, count, length, start], end)
        disk, first_disk, here, count, length, start = fields
        if disk or first_disk or here != count:
            raise Refused(f"is one part of several. {AGAIN}")
        if count > MAX_MEMBERS or length > MAX_DIRECTORY:
            raise Refused(
                f"holds too many files ({count:,} in a directory of {length:,} bytes; at most "
                f"{MAX_MEMBERS:,} and {MAX_DIRECTORY:,} are looked at). {AGAIN[:-1]}, and nothing else."
            )
        if start + length != end:
            raise damaged("its directory does not lie where its end record says")
        return start, length, count

    def _with_64_bits(self, fields: list[int], end: int) -> tuple[list[int], int]:
        """The end record's fields, and where it starts, by the record for large archives if there is one."""
        place = end - _LOCATOR.size
        locator = self._read(place, _LOCATOR.size) if place >= 0 else b""
        if locator[:4] != b"PK\x06\x07":
            return fields, end
        _, disk, start, disks = _LOCATOR.unpack(locator)
        if disk or disks > 1 or start + _END64.size != place:
            raise damaged("its 64-bit end record does not lie where it should")
        signature, size, _, _, *large = _END64.unpack(self._read(start, _END64.size))
        if signature != b"PK\x06\x06" or size != _END64.size - 12:
            raise damaged("its 64-bit end record is none")
        limits = [FULL16] * 4 + [FULL32] * 2
        for field, limit, value in zip(fields, limits, large, strict=True):
            if field not in (limit, value):
                raise damaged("its two end records disagree")
        return large, start

    def _directory(self, length: int, count: int) -> Iterator[Member]:
        data = self._read(self._start, length)
        place = 0
        for _ in range(count):
            if length - place < _ENTRY.size or data[place : place + 4] != b"PK\x01\x02":
                raise damaged("its directory has fewer entries than it says")
            fields = _ENTRY.unpack_from(data, place)
            name_at = place + _ENTRY.size
            name_size, extra_size, comment_size = fields[10:13]
            place = name_at + name_size + extra_size + comment_size
            if place > length:
                raise damaged("an entry of its directory is not whole")
            name = data[name_at : name_at + name_size]
            extra = data[name_at + name_size : name_at + name_size + extra_size]
            yield member_of(fields, name, extra)
        if place != length:
            raise damaged("its directory has more entries than it says")

    def _without_overlap(self, everything: list[Member]) -> dict[int, int]:
        """By a member's offset, where the next one starts."""
        members = sorted(everything, key=lambda member: member.offset)
        ends = [*(member.offset for member in members), self._start][1:]
        for member, end in zip(members, ends, strict=True):
            if member.offset + _LOCAL.size + len(member.raw_name) + member.packed > end:
                raise Refused(
                    f"is built wrongly: its member {member.shown} overlaps another one. {AGAIN}"
                )
        return {member.offset: end for member, end in zip(members, ends, strict=True)}

    # The members that are wanted.

    def _check_wanted(self) -> None:
        total = sum(member.size for member in self.members)
        if total > MAX_TOTAL:
            raise Refused(
                f"holds chapter files of {total:,} bytes; at most {MAX_TOTAL:,} are read. {AGAIN}"
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
                    f"{member.packed:,}, which cannot be. {AGAIN}"
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
                raise damaged(f"its member {member.shown} cannot be inflated") from None
            if not inflate.eof or inflate.unused_data:
                raise damaged(f"its member {member.shown} is not as long as it says")
        if len(data) != member.size:
            raise damaged(f"its member {member.shown} is not as long as it says")
        if zlib.crc32(data) != member.crc:
            raise damaged(f"its member {member.shown} does not match its checksum")
        return data

    def _packed(self, member: Member) -> bytes:
        """A member's bytes as they lie in the archive, after its own header has been checked."""
        header = self._read(member.offset, _LOCAL.size)
        signature, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(
            header
        )
        start = member.offset + _LOCAL.size + name_size + extra_size
        if signature != b"PK\x03\x04" or start + member.packed > self._ends[member.offset]:
            raise damaged(f"its member {member.shown} does not lie where it should")
        name = self._read(member.offset + _LOCAL.size, name_size)
        later = (0,) if flags & 8 else ()  # sizes and checksum follow the bytes
        agree = (
            (name, method, flags & ENCRYPTED) == (member.raw_name, member.method, 0)
            and crc in (member.crc, *later)
            and packed in (member.packed, FULL32, *later)
            and size in (member.size, FULL32, *later)
        )
        if not agree:
            raise damaged(f"its two headers of {member.shown} disagree")
        return self._read(start, member.packed)
