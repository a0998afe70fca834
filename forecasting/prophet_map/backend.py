"""The exact optimum behind Prophet's own door: ``Prophet.fit`` asks, prediction and components stay Prophet's."""

from collections import OrderedDict
from functools import cached_property
from typing import Any

import numpy as np
from prophet import Prophet
from prophet.models import CmdStanPyBackend, IStanBackend, TrendIndicator

from domain.checks import FloatArray
from forecasting.prophet_map.problem import MapProblem, trend_columns
from forecasting.prophet_map.solve import MapSolution, solve_map

EXACT = "EXACT"
SEARCH_ONLY = {"seed", "init", "inits", "iter", "algorithm", "jacobian", "show_console"}
"""What callers tell Stan about its search; the exact optimum rests on none of it."""


class UnknownFitOptionError(RuntimeError):
    """An option that would change the optimum, and that the exact back end does not know."""

    def __init__(self, names: set[str]) -> None:
        super().__init__(f"exact optimum: unknown options {', '.join(sorted(names))}; weights is the only one")


class NotWeighedError(RuntimeError):
    """Weights were given where only stock Stan can fit."""

    def __init__(self) -> None:
        super().__init__("stock Stan, which fits logistic growth, knows no weights; leave them out")


class ExactBackend(IStanBackend):  # type: ignore[misc]
    """Prophet's optimum for linear and flat growth, exactly; logistic growth and sampling are stock Stan's."""

    solution: MapSolution | None = None
    """The newest optimum; None where stock Stan was asked."""

    @staticmethod
    def get_type() -> str:
        """Give the name under which ``ExactProphet`` finds this back end again."""
        return EXACT

    def load_model(self) -> None:
        """Load nothing: Stan's program is only started where it is asked."""

    @cached_property
    def stock(self) -> Any:
        """Stock Stan, made when it is first needed."""
        stan = CmdStanPyBackend()
        stan.set_options(newton_fallback=self.newton_fallback)
        return stan

    def cleanup(self) -> None:
        """Remove the files of stock Stan, if it ran."""
        if "stock" in self.__dict__:
            self.stock.cleanup()

    def fit(
        self, stan_init: dict[str, Any], stan_data: dict[str, Any], weights: FloatArray | None = None, **kwargs: Any
    ) -> dict[str, Any]:
        """Give Prophet's optimum.

        Parameters
        ----------
        stan_init, stan_data : dict
            As Prophet hands them over.
        weights : FloatArray, optional
            How often each row of the history counts, in the order of its stamps, shape ``(n,)``; rows without a
            load left out as Prophet does. ``Prophet.fit(frame, weights=...)`` passes it on. [-]
        kwargs
            What Stan would be told about its search (``seed``, ``init`` …).

        Raises
        ------
        UnknownFitOptionError, NotWeighedError, NotSettledError
            See each.
        """
        if stan_data["trend_indicator"] == TrendIndicator.LOGISTIC.value:
            if weights is not None:
                raise NotWeighedError
            params = self.stock.fit(stan_init, stan_data, **kwargs)
            self.stan_fit, self.solution = self.stock.stan_fit, None
            return dict(params)
        unknown = set(kwargs) - SEARCH_ONLY
        if unknown:
            raise UnknownFitOptionError(unknown)
        problem = problem_of(stan_data, weights)
        found = solve_map(problem)
        self.solution = found
        trend = trend_columns(problem) @ (
            np.array([found.m]) if problem.trend == "flat" else np.concatenate(([found.k, found.m], found.delta))
        )
        named = {
            "k": found.k,
            "m": found.m,
            "delta": found.delta,
            "sigma_obs": found.sigma,
            "beta": found.beta,
            "trend": trend,
        }
        return OrderedDict((name, np.asarray(value, dtype=np.float64).reshape(1, -1)) for name, value in named.items())

    def sampling(
        self, stan_init: dict[str, Any], stan_data: dict[str, Any], samples: int, **kwargs: Any
    ) -> dict[str, Any]:
        """Draw from the posterior: stock Stan's."""
        params = self.stock.sampling(stan_init, stan_data, samples, **kwargs)
        self.stan_fit, self.solution = self.stock.stan_fit, None
        return dict(params)


class ExactProphet(Prophet):  # type: ignore[misc]
    """A Prophet whose back end is exact unless another is named; its copies (cross-validation) keep it."""

    def _load_stan_backend(self, stan_backend: str | None) -> None:
        if stan_backend in (None, EXACT):
            self.stan_backend = ExactBackend()
        else:
            super()._load_stan_backend(stan_backend)


def problem_of(stan_data: dict[str, Any], weights: FloatArray | None = None) -> MapProblem:
    """Read the problem from what Prophet hands to its back end."""
    adds, times = (np.asarray(stan_data[name], dtype=np.float64) for name in ("s_a", "s_m"))
    design = stan_data["X"].to_numpy(dtype=np.float64)
    unused = (adds == 0) & (times == 0)
    if unused.any():  # Prophet's stand-in for no features at all
        design = np.where(unused, 0.0, design)
    return MapProblem(
        trend="flat" if stan_data["trend_indicator"] == TrendIndicator.FLAT.value else "linear",
        time=np.asarray(stan_data["t"], dtype=np.float64),
        load=np.asarray(stan_data["y"], dtype=np.float64),
        design=design,
        prior_scales=np.asarray(stan_data["sigmas"], dtype=np.float64),
        multiplicative=times > 0,
        changepoints=np.asarray(stan_data["t_change"], dtype=np.float64),
        tau=float(stan_data["tau"]),
        weights=weights,
    )
