"""Sources and destinations, made from the settings of a flow."""
