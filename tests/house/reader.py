"""Run the commands of a page as its reader would, in one process; the result of each step as JSON.

Steps come on standard input, as `test_commands.py` makes them. Of the shell, only what the documents use is known.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shlex
import shutil
import sys
from pathlib import Path

import xlsxwriter
from python_calamine import CalamineWorkbook

from passerelle.faces.cli.app import run
from passerelle.faces.cli.display_language import find_asked_language, speak

SHELL = {
    "cd": os.chdir,
    "mkdir": os.mkdir,
    "cp": shutil.copy,
}


def run_line(line: str) -> dict[str, object]:
    """Run one command line, with its redirections."""
    words = shlex.split(line)
    typed = Path(words.pop(words.index("<") + 1)).read_text("utf-8") if "<" in words else ""
    output = Path(words.pop(words.index(">") + 1)) if ">" in words else None
    name, *arguments = [word for word in words if word not in {"<", ">"}]
    if name != "passerelle":
        SHELL[name](*arguments)
        return {"command": line, "code": 0, "errors": ""}
    out, err = io.StringIO(), io.StringIO()
    sys.stdin = io.StringIO(typed)
    wish = find_asked_language(arguments)
    speak(wish or "fr")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(arguments, language_asked=bool(wish))
    if output:
        output.write_text(out.getvalue(), encoding="utf-8")
    return {"command": line, "code": int(code), "errors": err.getvalue()}


def append_text(file: str, text: str) -> None:
    """Write a text at the end of a file."""
    with Path(file).open("a", encoding="utf-8") as stream:
        stream.write("\n" + text)


def correct_cell(file: str, column: str, value: str) -> None:
    """Change one cell in the first row of a workbook, as a person would."""
    rows = CalamineWorkbook.from_path(file).get_sheet_by_index(0).to_python(skip_empty_area=False)
    rows[1][rows[0].index(column)] = value
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(rows):
            for index, cell in enumerate(row):
                sheet.write_string(number, index, str(cell))


def main() -> None:
    """Do every step."""
    done = []
    for act, *words in json.load(sys.stdin):
        if act == "run":
            done.append(run_line(words[0]))
        else:
            {"append": append_text, "correct": correct_cell}[act](*words)
    json.dump(done, sys.stdout)


if __name__ == "__main__":
    main()
