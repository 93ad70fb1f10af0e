"""Clips of rigged characters from glTF files: source "rendered"."""
