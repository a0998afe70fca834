"""The service's settings, read once from ``WATTPLAN_…`` variables and handed on."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """How the service runs. What an answer depends on stands in its case, not here."""

    model_config = SettingsConfigDict(
        env_prefix="WATTPLAN_", extra="forbid", frozen=True, use_attribute_docstrings=True
    )

    max_body_bytes: int = Field(default=32_000_000, gt=0)
    """Longest request body taken. [B]"""
    max_json_depth: int = Field(default=32, gt=2, le=200)
    """Deepest nesting of a request's JSON."""
    max_computations: int = Field(default=2, gt=0, le=256)
    """Computations that run at the same time; one more is answered 503."""
    retry_after_s: int = Field(default=15, gt=0)
    """What a 503 tells the client to wait. [s]"""
    max_deadline_s: float = Field(default=120.0, gt=0)
    """Longest search deadline a request may ask for. [s]"""
    max_forecast_days: int = Field(default=35, gt=0, le=366)
    """Longest forecast a request may ask for. [d]"""
    max_plan_days: float = Field(default=35.0, gt=0)
    """Longest plan. [d]"""
    max_history_days: float = Field(default=1100.0, gt=0)
    """Longest span from the first reading to the plan. [d]"""
    max_samples: int = Field(default=1000, gt=0)
    """Most forecast samples."""
    max_runs: int = Field(default=5000, gt=0)
    """Most runs of all tasks together."""
    max_packages: int = Field(default=100, gt=0)
    """Most packages in one case."""
    max_plan_searches: int = Field(default=40, gt=0)
    """Most limits, repairs and what-ifs that one plan may ask about together; most levels, events or contract values."""
    max_threads: int = Field(default=4, gt=0)
    """Most threads one search may use."""
