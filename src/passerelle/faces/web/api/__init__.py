"""The live API over HTTP: an application of its own, without cookies, for programs that send a token."""
