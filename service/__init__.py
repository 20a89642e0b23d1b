"""The outside world: command line, HTTP API, files a user writes. It only wires the other rooms together."""
