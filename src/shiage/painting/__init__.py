"""One cel painted: from references and segments to colors, and to a picture."""
