"""`passerelle quarantine`: its commands, its texts and JSON, its workbook."""
