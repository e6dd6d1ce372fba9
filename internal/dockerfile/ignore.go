package dockerfile

// Ignored are the patterns of files that a build with this context leaves out: of
// <Dockerfile>.dockerignore, else of .dockerignore in the context. It reads the disk.
func (f *File) Ignored(contextDir string) ([]string, error) { return f.ignorePatterns(contextDir) }
