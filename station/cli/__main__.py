"""`python -m station.cli`, the same as `station`."""

from station.cli import main

main(prog_name="station")
