"""Capture station for hair-density tracking: same site, same scale, same light, every number with its error."""

__version__ = "0.3.0"
