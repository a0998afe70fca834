"""Load-pattern and efficiency diagnosis: what a meter's past says of a plant, in kWh and money, with the evidence."""

from forecasting.patterns.diagnosis import Diagnosis, diagnose
from forecasting.patterns.found import Evidence, PatternFinding
from forecasting.patterns.repricing import Billing, Repricing
