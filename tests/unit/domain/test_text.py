"""Words in two languages: filled with values, or given as they stand."""

import pytest

from domain.text import Language, Text


def test_placeholders_are_filled_in_either_language():
    text = Text(en="{n} kW too much", zh="超出 {n} kW")
    assert text.say(Language.EN, n=7) == "7 kW too much"
    assert text.say(Language.ZH, n=7) == "超出 7 kW"


@pytest.mark.parametrize("quoted", ["{}", "{0}", "{name!r}", "}", "{", "{a.b}"])
def test_words_that_quote_a_customer_stand_as_they_are(quoted):
    assert Text(en=f"is {quoted}", zh="").say() == f"is {quoted}"


def test_a_missing_value_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        Text(en="{n} of {total}", zh="").say(n=3)


def test_escaped_braces_are_unescaped_once():
    assert Text(en="is {{x}}", zh="").say() == "is {x}"
