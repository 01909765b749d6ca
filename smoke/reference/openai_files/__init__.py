"""Downloads of files that the AI provider keeps."""
