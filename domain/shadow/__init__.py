"""A real bill against what a tariff asks: line by line, each difference explained or flagged."""
