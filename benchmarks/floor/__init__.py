"""The served floor: a bare Django site with stock sessions and sign-in, for benchmarks.served."""
