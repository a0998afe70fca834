"""A baseline method of the catalogue: a rule with its name, its source and how far it was checked."""

from domain.noun import noun
from domain.programmes.baseline_rule import BaselineRule
from domain.tariffs.tariff import Source, Status
from domain.text import Text


@noun
class BaselineMethod:
    """One method as its market or province has it."""

    rule: BaselineRule
    name: Text
    market: str
    """Where it is used, such as CN, PJM, CAISO."""
    status: Status
    source: Source
    """Its note says which parameters are assumptions."""

    @property
    def key(self) -> str:
        """The method's name for machines."""
        return self.rule.key

    @property
    def ahead(self) -> bool:
        """Whether it can be known before the event, apart from a day-of correction."""
        return self.rule.method != "same_day" and self.rule.pick != "nearest"
