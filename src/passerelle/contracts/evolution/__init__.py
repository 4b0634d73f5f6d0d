"""Compatibility of contract editions: proved, broken with a counter-example, or undecided.

Why so large: the published contracts are what tenders and certificates refer to, so «this version breaks nobody» is
proved and not asserted. That needs a schema taken apart into comparable branches (`branches`), inclusion of numbers,
lists and objects (`inclusion`), of lengths and formats (`text_inclusion`) and of regular expressions through automata
(`patterns`), documents made from a schema as counter-examples (`schema_samples`), the comparison of two editions with
the version number that it demands (`edition_comparison`), the deprecation rules (`lifecycle`) and the archive
(`edition_archive`).
A comparison of keywords alone would need no automata and no generated documents, but it would answer «undecided» for
every change of a pattern, an enumeration or a union, and a «broken» without a counter-example that anybody can replay
with the official validator is an opinion. Undecided counts as broken: with less proof, every minor edition would be a
major one.
"""
