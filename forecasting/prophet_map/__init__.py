"""Prophet's maximum a posteriori, exactly: its own model and priors, no general-purpose optimiser.

With linear or flat growth Prophet's posterior is a ridge regression with a Laplace prior on the changes of
the slope and a half-normal prior on the noise. All that the data contribute is the Gram matrix (MAP2). The
maths stand in ``docs/formulation.md``, "Prophet's optimum"; the back end for Prophet objects is
``forecasting.prophet_map.backend``, which is not imported here because Prophet costs seconds.
"""

from forecasting.prophet_map.fixed_point import NotSettledError, solve_gram
from forecasting.prophet_map.gram import GramState, Prior
from forecasting.prophet_map.posterior import log_posterior, smooth_gradient, stationarity_gap
from forecasting.prophet_map.problem import MapParams, MapProblem, design_matrix, prior_of
from forecasting.prophet_map.solve import MapSolution, solve_map
