"""Looks twelve months ahead: energy per band and the monthly peak, anchored on last year."""

from forecasting.outlook.bands import TariffBands, bands_of
from forecasting.outlook.expansions import Expansion
from forecasting.outlook.outlook import MonthOutlook, Outlook, OutlookOptions, outlook
