#pragma once
#include <curl/curl.h>

/// `curl_easy_setopt` with a number.
CURLcode curl_set_long(CURL *handle, CURLoption option, long value);
