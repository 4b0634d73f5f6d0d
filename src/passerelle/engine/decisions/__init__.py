"""What people decide about parcels, vanished records and handles."""
