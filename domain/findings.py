"""Findings: usable, but look.

A kind of finding is declared once, beside the code that finds it, with its words in two languages.
A ``Finding`` carries only the code and the data, so it can be stored, sent and spoken later.
"""

from enum import StrEnum
from typing import Any, ClassVar

from domain.noun import noun
from domain.text import Language, Text


class Severity(StrEnum):
    """How much a finding weighs."""

    INFO = "info"
    WARNING = "warning"
    SERIOUS = "serious"


_KINDS: dict[str, "FindingKind"] = {}


@noun
class Finding:
    """One thing found: what, how bad, and the numbers."""

    code: str
    severity: Severity
    data: dict[str, Any]

    def say(self, language: Language = Language.EN) -> str:
        """Give the finding's sentence in one language."""
        return _KINDS[self.code].words.say(language, **self.data)


@noun
class FindingKind:
    """A kind of finding: its code, weight and words. Declared at module level; registered by its code."""

    code: str
    severity: Severity
    words: Text

    registry: ClassVar[dict[str, "FindingKind"]] = _KINDS

    def __post_init__(self) -> None:
        if self.code in _KINDS:
            msg = f"finding code {self.code} is declared twice"
            raise RuntimeError(msg)
        _KINDS[self.code] = self

    def at(self, **data: Any) -> Finding:
        """Make a finding of this kind."""
        return Finding(code=self.code, severity=self.severity, data=data)
