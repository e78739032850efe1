"""The draw from files, offline: what `minping draw` reads and writes. The domain is the service's own."""
