#pragma once
#include <amqp.h>
#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>

// amqp_login is variadic, which Swift cannot call. The client properties tell the broker that we understand
// connection.blocked: without that capability a memory or disk alarm would be invisible to us.
static inline amqp_rpc_reply_t caramelo_amqp_login(
    amqp_connection_state_t state, const char *vhost, int frame_max, int heartbeat, const char *product,
    const char *user, const char *password) {
  amqp_table_entry_t capability = {
      .key = amqp_cstring_bytes("connection.blocked"),
      .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}}};
  amqp_table_entry_t cancel = {
      .key = amqp_cstring_bytes("consumer_cancel_notify"),
      .value = {.kind = AMQP_FIELD_KIND_BOOLEAN, .value = {.boolean = 1}}};
  amqp_table_entry_t capabilities[2] = {capability, cancel};
  amqp_table_t capability_table = {.num_entries = 2, .entries = capabilities};
  amqp_table_entry_t properties[2] = {
      {.key = amqp_cstring_bytes("capabilities"),
       .value = {.kind = AMQP_FIELD_KIND_TABLE, .value = {.table = capability_table}}},
      {.key = amqp_cstring_bytes("connection_name"),
       .value = {.kind = AMQP_FIELD_KIND_UTF8, .value = {.bytes = amqp_cstring_bytes(product)}}}};
  amqp_table_t table = {.num_entries = 2, .entries = properties};
  return amqp_login_with_properties(
      state, vhost, 0, frame_max, heartbeat, &table, AMQP_SASL_METHOD_PLAIN, user, password);
}
