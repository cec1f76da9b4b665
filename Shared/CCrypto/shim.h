// What the page of dead-letter needs of OpenSSL; no other module imports it.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

/// HMAC-SHA-256 (RFC 2104) in 32 bytes; 0 where it failed.
static inline int caramelo_hmac(const void *key, size_t key_size, const void *data, size_t size, unsigned char *code) {
    unsigned int count = 0;
    return HMAC(EVP_sha256(), key, (int)key_size, data, size, code, &count) != NULL && count == 32;
}
