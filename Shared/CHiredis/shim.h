// What the module Redis needs of hiredis; no other module imports it.
#pragma once

#include <errno.h>
#include <hiredis/hiredis.h>
#include <signal.h>
#include <sys/socket.h>

/// hiredis' text for the last failure. Swift sees the array as a tuple of 128 characters.
static inline const char *caramelo_redis_failure(const redisContext *context) {
    return context->errstr;
}

/// Whether the last failure was the end of a wait: hiredis tells only through errno, so call it at once.
static inline int caramelo_redis_timed_out(const redisContext *context) {
    return context->err == REDIS_ERR_IO && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ETIMEDOUT);
}

/// Whether the idle connection was closed by the other end (or is otherwise unusable), without waiting.
static inline int caramelo_redis_is_closed(const redisContext *context) {
    char next;
    ssize_t count = recv(context->fd, &next, 1, MSG_PEEK | MSG_DONTWAIT);
    return count >= 0 || (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR);
}

/// Keeps SIGPIPE from this thread: hiredis writes with write(2), which would end the process when the other end is gone.
static inline void caramelo_block_sigpipe(void) {
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, NULL);
}
