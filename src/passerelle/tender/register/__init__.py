"""The record of processing (RGPD article 30) and the map of data flows, drafted from settings and contracts."""
