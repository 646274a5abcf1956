"""Laboratory values as data: analytes, units, censored results, threshold sets, regimens. Pure."""
