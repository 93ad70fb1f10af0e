"""The bundled demo cut: a character of our own, drawn in code."""
