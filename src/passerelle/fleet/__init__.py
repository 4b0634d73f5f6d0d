"""Workers on several machines: the only place that knows which library hands out their turns."""
