"""A bidder's sample against a tender: measured, judged, noted, and written in the forms that people ask for."""
