"""Many small parcels, delivered together and settled one by one."""
