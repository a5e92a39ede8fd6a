#include <uninorm.h>
