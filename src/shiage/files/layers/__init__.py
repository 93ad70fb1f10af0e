"""Layered files (PSD): which layer is what, their pixels, and painted cels in layers."""
