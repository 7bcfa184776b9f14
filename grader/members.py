"""An archive's members as its directory describes them, each checked by itself.

`grader.archive` then looks at all of them together, and at the bytes.
"""

from __future__ import annotations

import re
import stat
import struct
import unicodedata
from dataclasses import dataclass

from grader.text import clean, one_line

MAX_PART, MAX_NAME, MAX_DEPTH = 255, 1000, 40
ENCRYPTED = 0x2041  # three ways to say so among an entry's flags
FULL16, FULL32 = 0xFFFF, 0xFFFFFFFF  # "see the 64-bit record"
AGAIN = "Zip the folder with your chapter files again."


class Refused(Exception):
    """The archive as a whole is not read; the text says what is wrong with it and what to do."""


def damaged(what: str) -> Refused:
    """The refusal of an archive whose parts do not fit together."""
    return Refused(f"is damaged: {what}. {AGAIN}")


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


def member_of(fields: tuple[int, ...], raw_name: bytes, extra: bytes) -> Member:
    """An entry of the directory, checked by itself."""
    _, _, _, flags, method, _, _, crc, packed, size, _, _, _, disk, _, attributes, offset = fields
    try:
        name = raw_name.decode("utf-8")
    except UnicodeDecodeError:
        name = raw_name.decode("cp437")
        if flags & 0x800:
            raise damaged(f"the name {_shown(name)} is not the UTF-8 that it says") from None
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
        raise Refused(f"is one part of several. {AGAIN}")
    if flags & ENCRYPTED:
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
    limits = [FULL32, FULL32, FULL32, FULL16]
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
                raise damaged("an entry of its directory lacks its 64-bit sizes")
            fields[index], data = int.from_bytes(data[:width], "little"), data[width:]
    return fields[0], fields[1], fields[2], fields[3]
