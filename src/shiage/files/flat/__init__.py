"""Flat files, one file for each format; `pillow` and `fitting` have what several share."""
