"""The workflow that grades a learner's repository on GitHub Actions at every push."""

from __future__ import annotations

import re
from pathlib import Path

from grader.errors import UsageError

_TEMPLATE = Path(__file__).with_name("workflow.yml")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}")
_REF = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,100}")


def workflow(kit: str, ref: str = "main", torch: bool = True) -> str:
    """The text of the workflow.

    Args:
        kit: the repository that the checks come from, OWNER/NAME.
        ref: its branch or tag.
        torch: whether PyTorch is installed.

    Raises:
        UsageError: a name is none.
    """
    if not _REPOSITORY.fullmatch(kit):
        raise UsageError(f"--kit {kit!r} is no repository on GitHub. Name it as OWNER/NAME.")
    if not _REF.fullmatch(ref):
        raise UsageError(f"--ref {ref!r} is no branch or tag.")
    install = "./kit[torch]" if torch else "./kit"
    text = _TEMPLATE.read_text("utf-8")
    return text.replace("@KIT@", kit).replace("@REF@", ref).replace("@INSTALL@", install)
