"""Ring 2, pure functions: each stage takes one pile and returns two, what goes on and what is set aside."""
