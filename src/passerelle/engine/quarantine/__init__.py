"""What people do with records that were set aside."""
