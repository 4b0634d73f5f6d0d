"""The exit pack: everything that the organisation holds, in contract form and as received, in one archive."""
