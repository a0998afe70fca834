"""A quote as one HTML file that needs no network, no script and no installed program but a browser."""

from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, FunctionLoader, StrictUndefined

from domain.offers import Case, Quote
from domain.text import Language, Text
from scenarios import report_numbers
from scenarios.report_view import view_of
from scenarios.report_words import word

TEMPLATE = "report.html.j2"


def write_report(quote: Quote, case: Case, path: Path, language: Language = Language.EN) -> None:
    """Write a quote's report into one file."""
    path.write_text(render_report(quote, case, language), encoding="utf-8")


def render_report(quote: Quote, case: Case, language: Language = Language.EN) -> str:
    """Give a quote's report as one self-contained HTML page.

    Parameters
    ----------
    quote : Quote
        The answer.
    case : Case
        The question it answers; names, plan and events come from it.
    language : Language
        The page's language.
    """

    def say(key: str, **values: object) -> str:
        return word(key, language, **values)

    def speak(text: Text) -> str:
        return text.say(language)

    environment = Environment(
        loader=FunctionLoader(_template),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    page = environment.get_template(TEMPLATE)
    return page.render(
        w=say,
        speak=speak,
        n=report_numbers,
        language=language,
        html_language="en" if language is Language.EN else "zh-Hans",
        page=view_of(quote, case, language),
        case=case,
        quote=quote,
        clock=report_numbers.Clock(case.site.zone),
    )


def _template(name: str) -> str:
    return (files("scenarios") / "templates" / name).read_text(encoding="utf-8")
