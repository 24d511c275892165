"""Use cases over the ports: sweep, casework, settle, read back, recover; the consequences of each error, and the brakes."""
