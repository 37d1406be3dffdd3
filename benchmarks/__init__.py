"""Speed, measured beside a peer in the same run: ``python -m benchmarks`` prints the table that docs/performance.md shows."""
