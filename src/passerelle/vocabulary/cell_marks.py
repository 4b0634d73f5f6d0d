"""Words that stand in a cell instead of a value: the spreadsheet's own errors, and ours for what it did not keep.

They stay in the cell as text, so that a row keeps them in quarantine and through a replay. Imports nothing: the child
process that reads workbooks loads this file by its path.
"""

ERRORS = frozenset(
    {
        *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#CONNECT!", "#BLOCKED!", "#FIELD!", "#BUSY!", "#EXTERNAL!", "#PYTHON!", "#UNKNOWN!"),
        # As a French Excel writes them into a text file: inside a workbook they are always in English.
        *("#NUL!", "#VALEUR!", "#NOM?", "#NOMBRE!", "#PROPAGATION!", "#CALCUL!", "#CHAMP!", "#INCONNU!"),
    }
)
"""Error values of spreadsheets (ECMA-376 part 1, 18.18.11 ST_CellType, and what Excel added since)."""
UNKNOWN_ERROR = "#UNKNOWN!"
"""Stands for an error that is not in the list, such as one of a later Excel."""
NOT_COMPUTED = "#FORMULA!"
"""A formula whose result the file does not hold."""
TOO_LONG = "#DIGITS! "
"""Before a number of sixteen digits or more: a spreadsheet keeps fifteen, and writes zeros for the others."""
EXACT_BELOW = 1e15
"""Whole numbers up to here are exact in a spreadsheet."""
