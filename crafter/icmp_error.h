/* icmp_error.h - ICMP and ICMPv6 errors about a connection: their names, and those that the crafted end can send. Pure. */
#ifndef TWPROBE_CRAFTER_ICMP_ERROR_H
#define TWPROBE_CRAFTER_ICMP_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/* What somebody says of a segment that did not arrive (RFC 792, RFC 4443). "Fragmentation needed" and "packet too big" would
 * change the route of everybody who sends there, and so the cells that come later: the MTU that they tell is no smaller than
 * what a route has anyway. */
enum icmp_error {
	ICMP_ERROR_NONE,
	ICMP_ERROR_NET_UNREACHABLE,
	ICMP_ERROR_HOST_UNREACHABLE,
	ICMP_ERROR_PROTOCOL_UNREACHABLE, /* in IPv6: a parameter problem, next header unrecognized */
	ICMP_ERROR_PORT_UNREACHABLE,
	ICMP_ERROR_PROHIBITED,
	ICMP_ERROR_SOURCE_QUENCH,        /* IPv4 alone */
	ICMP_ERROR_TIME_EXCEEDED,
	ICMP_ERROR_PARAMETER_PROBLEM,
	ICMP_ERROR_FRAGMENTATION_NEEDED, /* in IPv6: packet too big */
	ICMP_ERROR_REDIRECT,             /* IPv4 alone */
	ICMP_ERROR_PRECEDENCE_CUTOFF,    /* the same */
	ICMP_ERROR_UNKNOWN_CODE,         /* destination unreachable, for a reason that no RFC names */
	ICMP_ERROR_COUNT,
};

/* "icmp-port-unreachable"; NULL for ICMP_ERROR_NONE and what is none. */
const char *icmp_error_name(enum icmp_error error);
/* ICMP_ERROR_NONE: no such name. */
enum icmp_error icmp_error_parse(const char *name);
/* Its type and code; `family` is 4 or 6. False: this family has no such error. */
bool icmp_error_codes(enum icmp_error error, uint8_t family, uint8_t *type, uint8_t *code);
/* The reverse; ICMP_ERROR_NONE: the crafted end sends none such. */
enum icmp_error icmp_error_of(uint8_t family, uint8_t type, uint8_t code);
/* "port unreachable", of whatever somebody sent; NULL: no name. */
const char *icmp_error_text(uint8_t family, uint8_t type, uint8_t code);

#endif
