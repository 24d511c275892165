"""The platforms: one folder each with the same file names, and the registry that names them; they read and click, and judge nothing."""
