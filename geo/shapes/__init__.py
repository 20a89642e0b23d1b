"""The shapes that tables of displacement come in: which column holds what, and what must not be added."""
