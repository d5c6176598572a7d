/* called.h - connections that the subject opened, as far as its kernel counts their first segments otherwise. Pure.
 *
 * The kernel counts the first SYN as sent, but neither what it sends of it again (RetransSegs and TCPSynRetrans grow
 * together) nor a SYN-ACK that the SYN has become (tcp_send_synack() and __tcp_transmit_skb(): OutSegs counts what goes beyond
 * snd_nxt). */
#ifndef TWPROBE_HARNESS_WIRE_CALLED_H
#define TWPROBE_HARNESS_WIRE_CALLED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crafter/segment.h"

struct called;

/* For crafted ends with these ports. NULL: out of memory; then every segment counts. */
struct called *called_open(uint16_t first_port, size_t ports);
/* The subject is about to connect to this end. `called` may be NULL, here and below. */
void called_begin(struct called *called, const struct endpoint *crafted);
/* Whether its kernel counts this segment of the subject among those that it sent. */
bool called_counted(struct called *called, const struct segment *segment);
void called_close(struct called *called);

#endif
