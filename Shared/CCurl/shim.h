// What the modules SMTP and BrokerAPI need of libcurl; no other module imports it.
#pragma once

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>

// curl_easy_setopt and curl_easy_getinfo are variadic, which Swift cannot call: one function for each kind of value.
// Not named curl_…: these are ours.

static inline CURLcode caramelo_curl_set_number(CURL *handle, CURLoption option, long value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl copies the text; NULL takes an earlier one back.
static inline CURLcode caramelo_curl_set_text(CURL *handle, CURLoption option, const char *value) {
    return curl_easy_setopt(handle, option, value);
}

/// libcurl does not copy the list.
static inline CURLcode caramelo_curl_set_list(CURL *handle, CURLoption option, struct curl_slist *value) {
    return curl_easy_setopt(handle, option, value);
}

/// For CURLOPT_INFILESIZE_LARGE.
static inline CURLcode caramelo_curl_set_size(CURL *handle, CURLoption option, long long value) {
    return curl_easy_setopt(handle, option, (curl_off_t)value);
}

/// Where libcurl writes the text of a failure: CURL_ERROR_SIZE bytes that stay where they are.
static inline CURLcode caramelo_curl_set_error_buffer(CURL *handle, char *buffer) {
    return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

/// Who supplies what is sent; `context` is handed to it.
static inline CURLcode caramelo_curl_set_reader(CURL *handle, curl_read_callback read, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_READFUNCTION, read);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_READDATA, context) : code;
}

/// Who is shown every command and every reply; `context` is handed to it.
static inline CURLcode caramelo_curl_set_witness(CURL *handle, curl_debug_callback witness, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_DEBUGFUNCTION, witness);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_DEBUGDATA, context);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_VERBOSE, 1L) : code;
}

/// Who takes what arrives; `context` is handed to it.
static inline CURLcode caramelo_curl_set_writer(CURL *handle, curl_write_callback write, void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, write);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEDATA, context) : code;
}

/// The HTTP status of the last transfer; 0 where there was none.
static inline long caramelo_curl_status(CURL *handle) {
    long status = 0;
    return curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

static inline size_t caramelo_curl_swallow(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    return size * count;
}

/// Drops what libcurl would otherwise write to standard output.
static inline CURLcode caramelo_curl_drop_output(CURL *handle) {
    return curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, caramelo_curl_swallow);
}

/// How many connections the last transfer opened: 0 where it went over one that was open already.
static inline long caramelo_curl_new_connections(CURL *handle) {
    long count = 0;
    return curl_easy_getinfo(handle, CURLINFO_NUM_CONNECTS, &count) == CURLE_OK ? count : 1;
}

/// Keeps SIGPIPE from this thread: with CURLOPT_NOSIGNAL libcurl leaves that to us, and a write to a connection whose
/// other end is gone would end the process.
static inline void caramelo_curl_block_sigpipe(void) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
}
