"""Code lists as data, with their source and date: `nomenclatures.get("serafin-ph").get_label("1.2.1.3", "fr")`."""

from passerelle.nomenclatures.nomenclature import Nomenclature, get, list_names

__all__ = ["Nomenclature", "get", "list_names"]
