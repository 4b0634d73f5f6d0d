"""Codes of places: countries (ISO 3166-1, COG), French communes and postcodes, and what a NIR says of a birthplace.

Sources: ISO 3166-1; INSEE, code officiel géographique (COG) and «numéro d'inscription au répertoire» (NIR); La Poste.
"""

from __future__ import annotations

import re

_FRENCH_TERRITORIES = "FR GP MQ GF RE YT PM BL MF NC PF WF TF"
FRENCH_TERRITORIES = frozenset(_FRENCH_TERRITORIES.split())
"""Countries of ISO 3166-1 whose addresses have a French postcode."""

_COUNTRIES = """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO
    FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE
    JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO
    MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
    PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM
    TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_COUNTRIES.split())
"""ISO 3166-1 alpha-2, and XK, which administrations use for Kosovo."""

COUNTRY = r"^(?:[A-Z]{2}|99[0-9]{3})$"
# 96 and 99 are no department today; 20 was Corsica's until 1976, and registers still hold it.
COMMUNE = r"^(?:0[1-9]|[1-8][0-9]|2[AB]|9[0-5789])[0-9]{3}$"
"""A commune of the COG, or a country or territory abroad (`99352`), which stands in its place."""
POSTCODE = r"^(?:(?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3}|00[1-9][0-9]{2}|99(?:[0-8][0-9]{2}|9[0-8][0-9]|99[0-8]))$"
"""A French postcode; 00 is the army's, 20 Corsica's, 97 and 98 overseas, 99 what administrations write for abroad.

Not 00000 and 99999, which people type where they do not know it.
"""

_COUNTRY, _COMMUNE, _POSTCODE = (re.compile(pattern.removesuffix("$")) for pattern in (COUNTRY, COMMUNE, POSTCODE))


def is_country(code: str) -> bool:
    """Whether a text is a code of a country: two letters of ISO 3166-1, or five digits of the COG."""
    return bool(_COUNTRY.fullmatch(code)) and (len(code) > 2 or code in COUNTRIES)


def is_commune(code: str) -> bool:
    """Whether a text has the form of a code of the COG, in a department that exists."""
    return bool(_COMMUNE.fullmatch(code))


def is_postcode(text: str) -> bool:
    """Whether a text has the form of a French postcode, in a department that exists."""
    return bool(_POSTCODE.fullmatch(text))
