"""From a sample to a description: the shape of a file, a proposed mapping with its reasons, a plugin to start from."""
