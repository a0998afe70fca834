"""Use cases: plain functions of nouns, the same for every door; later the bodies of jobs."""

from api.services.requests import BillRequest, ForecastRequest
from api.services.use_cases import Services, default_services
