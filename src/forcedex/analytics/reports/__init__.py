"""The standard reports, one per file, by the numbers of the reports' reference (M1 to M42)."""
