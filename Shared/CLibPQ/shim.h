// What the module Postgres needs of libpq; no other module imports it.
#pragma once

#include <libpq-fe.h>

// Swift does not see macros that are characters.
static const int caramelo_pq_message = PG_DIAG_MESSAGE_PRIMARY;
static const int caramelo_pq_sqlstate = PG_DIAG_SQLSTATE;
