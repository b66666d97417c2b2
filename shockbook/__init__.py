"""The library behind *The DeepSeek Shock*: the plumbing that the chapters leave out of sight."""
