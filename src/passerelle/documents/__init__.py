"""Office documents: writing Word, Excel, HTML and Markdown, and reading workbooks that people hand back."""
