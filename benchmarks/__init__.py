"""Speed, measured beside a peer in the same run: ``python -m benchmarks`` prints the table of docs/performance.md."""
