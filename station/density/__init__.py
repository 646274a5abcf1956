"""Counting hair roots and follicular units in one photograph, on the device, each density with its error."""
