"""The rights of persons and professionals: what they said, access, withdrawal, erasure."""
