"""The exact colors of a cut: palettes, colors near one, stand-ins."""
