#include "build_information.h"

#ifndef BUILD_COMMIT
#define BUILD_COMMIT unknown
#endif
#define TEXT(token) #token
#define TEXT_OF(macro) TEXT(macro)

const char *build_commit(void) { return TEXT_OF(BUILD_COMMIT); }
