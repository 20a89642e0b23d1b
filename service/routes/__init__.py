"""One module per subject; a route parses, calls one function and serialises."""
