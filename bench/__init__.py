"""Measurements, run by hand: `make bench`. They print ratios of one run and write them to docs/evidence/."""
