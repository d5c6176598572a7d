/* deed.h - what the subject's process can be told to do with a connection that it holds. */
#ifndef TWPROBE_CRAFTER_DEED_H
#define TWPROBE_CRAFTER_DEED_H

#include <stddef.h>
#include <stdint.h>

enum deed_kind {
	DEED_CLOSE,     /* close(): with unread data the kernel sends an RST instead of a FIN (tcp_close()) */
	DEED_ABORT,     /* close() with SO_LINGER and a time of 0: an RST */
	DEED_SHUTDOWN,  /* shutdown(SHUT_WR) */
	DEED_READ,      /* reads all that is there */
	DEED_WRITE,     /* `bytes` */
	DEED_KEEPALIVE, /* SO_KEEPALIVE with `idle_s`, `interval_s`, `probes` (TCP_KEEPIDLE, -INTVL, -CNT) */
	DEED_USER_TIMEOUT, /* TCP_USER_TIMEOUT of `timeout_ms` */
	DEED_COUNT,
};

enum {
	DEED_BYTES_MAX = 65536,
	DEED_SECONDS_MAX = 32767, DEED_PROBES_MAX = 127, /* the kernel's: MAX_TCP_KEEPIDLE, -CNT */
	DEED_TIMEOUT_MS_MAX = 3600 * 1000,
};

struct deed {
	enum deed_kind kind;
	uint32_t bytes;
	uint32_t idle_s, interval_s, probes; /* 0: as the sysctls have it */
	uint32_t timeout_ms; /* at most DEED_TIMEOUT_MS_MAX */
};

const char *deed_name(enum deed_kind kind);
/* DEED_COUNT: unknown name. */
enum deed_kind deed_parse(const char *name);
const char *deed_list(char *buffer, size_t size); /* "close, abort, ..." for messages */

#endif
