"""Ring 6, what people see."""
