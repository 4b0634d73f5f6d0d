"""What only a whole parcel shows: columns that are missing, references, sums, people."""
