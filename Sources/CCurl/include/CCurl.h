#pragma once
#include <curl/curl.h>

// libcurl's functions with a variable number of arguments, one for each type of the argument.

/// `curl_easy_setopt` with a number.
CURLcode curl_set_long(CURL *handle, CURLoption option, long value);

/// `curl_easy_setopt` with a text, which libcurl copies. NULL unsets the option.
CURLcode curl_set_text(CURL *handle, CURLoption option, const char *text);

/// `curl_easy_setopt` with a list, which must live until the transfer has ended.
CURLcode curl_set_list(CURL *handle, CURLoption option, struct curl_slist *list);

/// The parts of the mail, which must live until the transfer has ended.
CURLcode curl_set_parts(CURL *handle, curl_mime *parts);

/// The buffer has CURL_ERROR_SIZE octets, and must live as long as the handle uses it.
CURLcode curl_set_error_buffer(CURL *handle, char *buffer);

/// What sees the commands and the answers of a transfer (CURLOPT_DEBUGFUNCTION with CURLOPT_VERBOSE).
CURLcode curl_set_observer(CURL *handle, curl_debug_callback callback, void *context);

/// What is asked again and again whether the transfer shall end (CURLOPT_XFERINFOFUNCTION).
CURLcode curl_set_progress(CURL *handle, curl_xferinfo_callback callback, void *context);

/// What opens and closes the sockets. The context must live as long as the handle.
CURLcode curl_set_sockets(CURL *handle, curl_opensocket_callback open, curl_closesocket_callback close, void *context);
