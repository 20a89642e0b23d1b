"""The places: admin units, their levels, vintages and names. Knows nothing of people, maps or the web."""
