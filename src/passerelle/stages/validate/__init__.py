"""Validation: records that their contract accepts go on unchanged, the others are set aside with a reason.

The *fast path* (`fast_path.py`) accepts rows column by column when nothing can be wrong with them; every other row
takes the *model path* (`model_path.py`): pydantic judges it alone and explains. Only the speed depends on the fast
path. A *guarantee* is what a converter's values are known to be: the fast path need not check their column again.
"""
