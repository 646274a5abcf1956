"""Scenario persons of the demonstration, as data: what they would have entered, month by month."""
