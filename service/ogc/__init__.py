"""OGC API Features and Tiles over what is published. Like every route it only reads."""
