"""The index: from labelled documents to write-once segments on disk, and back."""
