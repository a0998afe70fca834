"""Words for people, in the two languages the product speaks."""

from enum import StrEnum

from domain.noun import noun


class Language(StrEnum):
    """The languages of pages and of customer-facing messages."""

    EN = "en"
    ZH = "zh"


@noun
class Text:
    """The same words in English and in simplified Chinese."""

    en: str
    """English."""
    zh: str
    """简体中文."""

    def say(self, language: Language = Language.EN, **values: object) -> str:
        """Fill the words' placeholders and give them in one language.

        Words said without values may quote what a customer wrote; odd braces in them are no placeholders.
        """
        template = self.en if language is Language.EN else self.zh
        try:
            return template.format(**values)
        except (LookupError, ValueError, AttributeError):
            if values:
                raise
            return template
