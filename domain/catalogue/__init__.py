"""Rules and plants as data: dated tariffs and programmes with their sources, sample packages, a sample case."""

from domain.catalogue.library import packages, programmes, tariff, tariff_ids, tariffs
