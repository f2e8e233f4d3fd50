"""Benchmarks: step time watched / bare, interleaved, beside the peers. `make bench`."""
