"""Settings are read from the environment, checked, and know no strangers."""

import pytest
from pydantic import ValidationError

from api.settings import Settings


def test_settings_come_from_prefixed_variables(monkeypatch):
    monkeypatch.setenv("WATTPLAN_MAX_COMPUTATIONS", "7")
    assert Settings().max_computations == 7


@pytest.mark.parametrize(
    ("name", "value"), [("MAX_BODY_BYTES", "0"), ("MAX_COMPUTATIONS", "many"), ("MAX_JSON_DEPTH", "999")]
)
def test_a_senseless_value_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"WATTPLAN_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_an_unknown_setting_is_refused():
    with pytest.raises(ValidationError):
        Settings(max_bodies=3)
