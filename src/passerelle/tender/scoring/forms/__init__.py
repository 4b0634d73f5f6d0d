"""The forms of a score, all drawn from the same data: page, workbook, attestation, lists for programs, text."""
