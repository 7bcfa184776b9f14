"""Names of submissions: safe as file names anywhere, the same from run to run.

A name depends on nothing but where its submission lies, so that other submissions may come and go. What is
a plain name already is taken as it is; any other becomes readable and gets part of a digest.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from grader.members import same_name
from grader.text import clean

MAX_NAME = 100  # characters
_MAX_BYTES = 200  # of a name; file systems allow 255 with what is put behind it
_SHORT, _LONG = 8, 32  # digits of a digest
# One spelling of each name: no capital letters, since some systems ignore case, and nothing that looks
# like a name with a digest.
_PLAIN = re.compile(r"(?!.*-[0-9a-f]{8,}$)[a-z0-9][a-z0-9._-]{0,59}(?<!\.)")
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com\d|lpt\d)(\..*)?")


def plain_name(text: str) -> str:
    """The name of a submission that is called `text`, the name of a file or folder without its suffix."""
    if _PLAIN.fullmatch(text) and not _RESERVED.fullmatch(text):
        return text
    return with_digest(text, text)


def with_digest(readable: str, identity: str, digits: int = _SHORT) -> str:
    """`readable` made safe, with part of the digest of `identity`."""
    digest = hashlib.sha256(identity.encode("utf-8", "surrogatepass")).hexdigest()
    return with_suffix(readable, digest[:digits])


def with_suffix(readable: str, suffix: str) -> str:
    """`readable` made safe, with `suffix` of letters and digits."""
    start = _bounded(_letters(readable), MAX_NAME - 1 - len(suffix), _MAX_BYTES - 1 - len(suffix))
    return f"{start or 'submission'}-{suffix}"


def is_suffix(text: str) -> bool:
    """Whether `text` can stand in a name as it is."""
    return re.fullmatch(r"[A-Za-z0-9]{1,30}", text) is not None


def unique(names: Sequence[str], identities: Sequence[str]) -> list[str]:
    """`names`; those that are one name on some systems get more of their identity's digest."""
    counts = Counter(map(same_name, names))
    return [
        name if counts[same_name(name)] == 1 else with_digest(name, identity, _LONG)
        for name, identity in zip(names, identities, strict=True)
    ]


def _letters(text: str) -> str:
    """The letters, digits and accents of `text`, runs of others as one "-"."""
    text = unicodedata.normalize("NFC", clean(text))
    kept = [c if c.isalnum() or unicodedata.category(c) in ("Mn", "Mc") else "-" for c in text]
    return re.sub("-+", "-", "".join(kept)).strip("-")


def _bounded(text: str, characters: int, size: int) -> str:
    """The beginning of `text` that has at most so many characters, and bytes of UTF-8."""
    return text[:characters].encode()[:size].decode(errors="ignore").strip("-")
