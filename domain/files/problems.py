"""What can be wrong with a document: problems by place, and the refusals that carry all of them."""

from datetime import date
from typing import Any, ClassVar

from domain.errors import WattplanError
from domain.noun import noun
from domain.text import Language, Text

SHOWN_CHARS = 80


def shown(value: object) -> str:
    """Give a value as people should see it, cut to a length that fits a sentence."""
    text = value if isinstance(value, str) else str(value) if isinstance(value, date) else repr(value)
    return text if len(text) <= SHOWN_CHARS else text[: SHOWN_CHARS - 1] + "…"


@noun
class Problem:
    """One thing wrong at one place of a document."""

    pointer: str
    """JSON pointer (RFC 6901) such as ``/charges/0/calendar``; empty for the whole document."""
    message: Text
    value: Any = None
    """What stands there."""

    def say(self, language: Language = Language.EN) -> str:
        """Give place, words and value in one language."""
        colon = ": " if language is Language.EN else "："
        words = self.message.en if language is Language.EN else self.message.zh
        seen = "" if self.value is None or isinstance(self.value, dict) else f" [{shown(self.value)}]"
        return f"{self.pointer or '/'}{colon}{words}{seen}"


class ListedError(WattplanError):
    """A refusal that lists everything wrong at once; its parts speak both languages."""

    between: ClassVar[str] = "; "

    def say(self, language: Language = Language.EN) -> str:
        """Give the refusal with every problem in one language."""
        spoken = dict(self.data)
        spoken["problems"] = self.between.join(one.say(language) for one in self.data["problems"])
        spoken["n_problems"] = len(self.data["problems"])
        return self.words.say(language, **spoken)


class DocumentError(ListedError):
    """A document does not say what its kind of document must say; ``problems`` has every place."""

    code = "document_refused"
    words = Text(
        en="{where}: {n_problems} problem(s). {problems}",
        zh="{where}：共 {n_problems} 处问题。{problems}",
    )

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything wrong, in the order of the document."""
        return tuple(self.data["problems"])


def pointer_of(*parts: str | int) -> str:
    """Join keys and indexes into a JSON pointer."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)
