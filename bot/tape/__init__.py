"""Record and replay of whole sweeps: every request with its answer, scrubbed, in order (docs/tapes.md)."""
