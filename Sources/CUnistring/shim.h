#include <uninorm.h>

/* The form is an object of a type that the header leaves incomplete, which Swift cannot refer to. */
static inline uninorm_t unistring_nfc(void) { return UNINORM_NFC; }
