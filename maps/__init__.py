"""What released figures look like: one specification, one scene, many renderers. Knows no files, no web."""
