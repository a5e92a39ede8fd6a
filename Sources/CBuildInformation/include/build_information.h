#ifndef BUILD_INFORMATION_H
#define BUILD_INFORMATION_H

/// The commit that this program was built from, as Package.swift found it; "unknown" where it found none.
const char *build_commit(void);

#endif
