"""Whole cuts on disk: cels, references, what is decided, what is painted, and the report."""
