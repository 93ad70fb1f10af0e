"""Clips of flat vector art, posed and drawn as cels: source "vector"."""
