"""Rules and plants as data: dated tariffs and programmes with their sources, sample packages, a sample case."""

from domain.catalogue.library import (
    all_packages,
    any_tariff,
    families,
    family_of,
    packages,
    programmes,
    retail_limits,
    retail_packages,
    tariff,
    tariff_ids,
    tariffs,
)
