"""One parcel, or one whole export, from its first batch to its end."""
