/* axes.c - the table of axes, and the questions that are answered from it. */
#include "cases/matrix/axes_internal.h"

#include <string.h>

#include "crafter/behaviour.h"
#include "crafter/manner.h"
#include "crafter/textbuf.h"

const struct cell axes_normal = {
	.state = STATE_TIME_WAIT,
	.stimulus = {
		.kind = KIND_SYN,
		.seq = { OFFSET_ABOVE, OFFSET_DEFAULT },
		.ts = { OFFSET_ABOVE, OFFSET_DEFAULT },
	},
	.connection_timestamps = true,
	.family = 4,
};

static bool is_urgent(const struct cell *cell)
{
	return stimulus_kind_flags(cell->stimulus.kind) & FLAG_URG;
}

static bool acknowledges(const struct cell *cell)
{
	return stimulus_kind_flags(cell->stimulus.kind) & FLAG_ACK;
}

/* The one that leads to SYN_SENT needs no name. */
static bool has_openings(const struct cell *cell)
{
	return cell->state != STATE_SYN_SENT;
}

#define NO_SEGMENT "is an ICMP error, no segment of its own"
#define FIELD(name) .offset = offsetof(struct cell, name), .size = sizeof(((struct cell *)NULL)->name)

const struct axis axes_table[AXIS_COUNT] = {
	{
		.id = AXIS_STATE, .key = "state", .type = &axes_states, FIELD(state), .normal = "time-wait",
		.rank = 10, .always = true,
		.option = "state", .placeholder = "NAME",
		.help = "State of the subject's socket when the stimulus arrives; *twprobe list* names them",
		.more = "In a state with _-half_ the process still holds the descriptor after shutdown(SHUT_WR); in the one "
			"without, it has closed it.",
	},
	{
		.id = AXIS_SEGMENT, .key = "segment", .type = &axes_segments, FIELD(stimulus.kind), .normal = "syn",
		.rank = 20, .always = true, .check = axes_check_segment,
		.option = "segment", .placeholder = "NAME",
		.help = "The stimulus; *twprobe list* names them, and any combination of flags is one by its letters, such "
			"as _SEC_",
		.more = "_icmp-port-unreachable_ and the like are no segments but ICMP errors that quote one of the subject's. "
			"_data_ has 10 bytes. The letters are F S R P A U E C and e (AE of RFC "
			"9768), in this order; _SA_ is _syn-ack_, and _PA_ is "
			"_data_ without bytes.",
	},
	{
		.id = AXIS_SEQ, .key = "seq", .type = &axes_offsets, FIELD(stimulus.seq), .normal = "above",
		.rank = 30, .always = true, .part = "seq", .check = axes_check_seq, .sent = true,
		.option = "seq", .placeholder = "OFFSET",
		.help = "Its sequence number, relative to the subject's rcv_nxt. _N_ is 1000 by default; _OFFSET_ is "
			"a number such as -1, +1000 or +2^30, or _wnd_ or _wnd-1_ at the right edge of the receive "
			"window",
		.more = "The number of an _OFFSET_ has an optional sign, and may have powers of two: _+2^30_, _-2^31+1_. A "
			"subject in _syn-sent_ expects no number yet: there, and without a connection, offsets count from the "
			"first number of the peer. Of an ICMP error it is the number that it quotes, relative to the subject's "
			"snd_nxt.",
	},
	{
		.id = AXIS_TS, .key = "ts", .type = &axes_offsets, FIELD(stimulus.ts), .normal = "above",
		.rank = 40, .always = true, .part = "ts", .check = axes_check_ts, .sent = true,
		.option = "ts", .placeholder = "OFFSET",
		.help = "Its TSval, relative to ts_recent, the last TSval that the subject accepted",
		.more = "With *--ts-absent* the segment has no timestamps option, with *--ts-zero* the TSval is 0.",
	},
	{
		.id = AXIS_ACK, .key = "ack", .type = &axes_offsets, FIELD(stimulus.ack), .normal = "equal",
		.rank = 80, .part = "ack", .expected = "ack and an offset", .applies = acknowledges,
		.lacks = "acknowledges nothing", .sent = true,
		.option = "ack", .placeholder = "OFFSET",
		.help = "Its acknowledgment number, relative to the subject's snd_nxt, in syn-sent to the number of its SYN "
			"(+1 acknowledges that); for segments that have one",
	},
	{
		.id = AXIS_TSECR, .key = "tsecr", .type = &axes_offsets, FIELD(stimulus.tsecr), .normal = "equal",
		.rank = 82, .part = "tsecr", .expected = "tsecr and an offset", .applies = acknowledges,
		.lacks = "echoes no timestamp", .sent = true,
		.option = "tsecr", .placeholder = "OFFSET",
		.help = "Its TSecr, relative to the last TSval of the subject, for segments with timestamps that acknowledge",
		.more = "_zero_ is the TSecr 0.",
	},
	{
		.id = AXIS_PAYLOAD, .key = "payload", .type = &axes_choices, FIELD(stimulus.payload), .normal = "usual",
		.most = SEGMENT_PAYLOAD_MAX, .rank = 85, .part = "payload=", .expected = "payload=N",
		.applies = axes_stimulus_is_segment, .lacks = NO_SEGMENT, .sent = true,
		.option = "payload", .placeholder = "N", .help = "The bytes that it carries, whatever its flags: 0 to 256",
		.more = "_usual_ is 10 for _data_, and 0 for all others.",
	},
	{
		.id = AXIS_WINDOW, .key = "window", .type = &axes_choices, FIELD(stimulus.window), .normal = "usual",
		.most = UINT16_MAX, .rank = 90, .part = "win=", .expected = "win=N", .check = axes_check_window,
		.applies = axes_stimulus_is_segment, .lacks = NO_SEGMENT, .sent = true,
		.option = "window", .placeholder = "N", .help = "Its window as in the header, not scaled: 0 to 65535",
		.more = "_usual_ is what a Linux client offers: 64240 in segments with SYN, 502 in others. A SYN cannot "
			"have 61000 to 61004, with which a client asks twprobe's own server for a behaviour.",
	},
	{
		.id = AXIS_URGENT, .key = "urgent", .type = &axes_choices, FIELD(stimulus.urgent), .normal = "zero",
		.most = UINT16_MAX, .rank = 92, .part = "urg=", .expected = "urg=N", .applies = is_urgent,
		.lacks = "has no URG flag", .sent = true,
		.option = "urgent", .placeholder = "N",
		.help = "Its urgent pointer, for segments with the URG flag: 0 to 65535",
	},
	{
		.id = AXIS_OPTIONS, .key = "options", .type = &axes_bytes, FIELD(stimulus.options), .normal = "none",
		.rank = 94, .part = "opt=", .expected = "opt=HEX", .check = axes_check_options,
		.applies = axes_stimulus_is_segment, .lacks = NO_SEGMENT, .sent = true,
		.option = "options", .placeholder = "HEX",
		.help = "Bytes behind the TCP options that the stimulus has anyway, right or wrong: at most 20 with SYN, "
			"else 28",
		.more = "For instance _02040000_ is another MSS, of 0, _fd02_ an unknown kind, _0800_ an impossible length. "
			"Zeros are added up to four bytes.",
	},
	{
		.id = AXIS_CHECKSUM, .key = "checksum", .type = &axes_switches, FIELD(stimulus.bad_checksum), .normal = "right",
		.words = { "right", "wrong" }, .numbers = { false, true },
		.rank = 96, .part = "bad-checksum", .expected = "bad-checksum",
		.applies = axes_stimulus_is_segment, .lacks = NO_SEGMENT,
		.sent = true,
		.option = "checksum", .placeholder = "right|wrong",
		.help = "Whether its TCP checksum is right",
	},
	{
		.id = AXIS_ECN, .key = "ecn", .type = &axes_words, FIELD(stimulus.ecn), .normal = "not-ect",
		.words = { ECN_WORDS }, .rank = 97, .part = "ecn-", .expected = "ecn-ect-1, ecn-ect-0, ecn-ce",
		.applies = axes_stimulus_is_segment, .lacks = NO_SEGMENT, .sent = true,
		.option = "ecn", .placeholder = "WORD",
		.help = "What its IP header says of congestion (RFC 3168): nothing (_not-ect_), that its sender would take "
			"notice (_ect-0_, _ect-1_), or that there was some on the way (_ce_)",
	},
	{
		.id = AXIS_TTL, .key = "ttl", .type = &axes_choices, FIELD(stimulus.ttl), .normal = "usual",
		.least = 1, .most = UINT8_MAX, .rank = 98, .part = "ttl=", .expected = "ttl=N", .check = axes_check_ttl,
		.sent = true,
		.option = "ttl", .placeholder = "N",
		.help = "Its time to live, in IPv6 its hop limit: 1 to 255",
		.more = "_usual_ is 64. An ICMP error quotes a segment with the same. In the lab only, and without a path, "
			"which lowers it.",
	},
	{
		.id = AXIS_OPENING, .key = "opening", .type = &axes_words, FIELD(opening), .normal = "passive",
		.words = { "passive", "active", "simultaneous" },
		.rank = 44, .part = "opening-", .expected = "opening-active, opening-simultaneous", .check = axes_check_opening,
		.applies = has_openings,
		.option = "opening", .placeholder = "HOW",
		.help = "How the subject got its connection: it listened (_passive_), it connected (_active_), or it and the "
			"peer connected to each other (_simultaneous_)",
		.more = "In _syn-sent_ the subject always connects. In the lab, and at a target with *--calls*.",
	},
	{
		.id = AXIS_LISTENER, .key = "listener", .type = &axes_switches, FIELD(nobody_listens), .normal = "kept",
		.words = { "kept", "gone" }, .numbers = { false, true },
		.rank = 54, .part = "no-listener", .expected = "no-listener", .check = axes_check_listener,
		.option = "listener", .placeholder = "kept|gone",
		.help = "Whether anybody still listens on the subject's port when the stimulus arrives",
		.more = "In _closed_ nobody does. In the lab only.",
	},
	{
		.id = AXIS_QUEUE, .key = "queue", .type = &axes_words, FIELD(queue), .normal = "room",
		.words = { "room", "accept-full", "syn-full" },
		.rank = 55, .part = "queue-", .expected = "queue-accept-full, queue-syn-full", .check = axes_check_queue,
		.option = "queue", .placeholder = "WHICH",
		.help = "Whether the listener's queues have _room_, or one is full when the stimulus arrives: that of complete "
			"connections, which nobody accepts (_accept-full_), or that of half-open ones (_syn-full_)",
		.more = "In _listen_ and _time-wait_, _accept-full_ also in _syn-recv_. In the lab only.",
	},
	{
		.id = AXIS_UNREAD, .key = "unread", .type = &axes_choices, FIELD(unread), .normal = "none",
		.least = 1, .most = SEGMENT_PAYLOAD_MAX, .rank = 56, .part = "unread=", .expected = "unread=N",
		.check = axes_check_unread,
		.option = "unread", .placeholder = "N",
		.help = "Bytes of data that the subject's process has got and not read when the stimulus arrives: 1 to 256",
		.more = "Only where its descriptor is open: a close() would send an RST instead of a FIN.",
	},
	{
		.id = AXIS_DELAY, .key = "delay", .type = &axes_choices, FIELD(delay_ms), .normal = "none",
		.least = 1, .most = DELAY_MAX_MS, .rank = 66, .part = "delay=", .expected = "delay=MS",
		.option = "delay", .placeholder = "MS",
		.help = "Milliseconds between the state and the stimulus: 1 to 50000",
		.more = "The subject's timers run meanwhile, and what the way to the state leaves unanswered stays so.",
	},
	{
		.id = AXIS_TWICE, .key = "twice", .type = &axes_choices, FIELD(twice_ms), .normal = "no",
		.most = TWICE_MAX_MS, .rank = 68, .part = "twice=", .expected = "twice=MS",
		.option = "twice", .placeholder = "MS",
		.help = "Send the stimulus a second time, so many milliseconds after the answer to the first, or the silence: "
			"0 to 10000. The answer is then the one to the second",
		.more = "Linux sends the same socket's challenge ACKs and answers to what is out of the window at least "
			"tcp_invalid_ratelimit apart, 500 ms.",
	},
	{
		.id = AXIS_CONNECTION_TIMESTAMPS, .key = "connection-timestamps", .type = &axes_switches,
		FIELD(connection_timestamps), .normal = "on", .words = { "on", "off" }, .numbers = { true, false },
		.rank = 50, .part = "conn-ts-off", .expected = "conn-ts-off",
		.option = "connection-timestamps", .placeholder = "on|off",
		.help = "Whether the connection that leads to the state has timestamps",
		.more = "With _off_ the TSval of the stimulus is relative to the value that our clock would have sent.",
	},
	{
		.id = AXIS_CONNECTION_ECN, .key = "connection-ecn", .type = &axes_switches, FIELD(connection_ecn),
		.normal = "off", .words = { "off", "on" }, .numbers = { false, true },
		.rank = 51, .part = "conn-ecn", .expected = "conn-ecn", .check = axes_check_connection_ecn,
		.option = "connection-ecn", .placeholder = "off|on",
		.help = "Whether the old connection has ECN: our SYN asks for it, and the subject agrees",
		.more = "A server with tcp_ecn=0 does not agree. Where the subject connects there is no such cell.",
	},
	{
		.id = AXIS_CONNECTION_TSVAL, .key = "connection-tsval", .type = &axes_choices, FIELD(connection_tsval),
		.normal = "usual", .most = UINT32_MAX, .rank = 52, .part = "conn-tsval=", .expected = "conn-tsval=N",
		.option = "connection-tsval", .placeholder = "N",
		.help = "The TSval of all segments of ours before the stimulus, which the subject has as ts_recent: 0 to "
			"4294967295",
		.more = "With 0, Linux compares no timestamps; above 2147483647, a TSval of 0 is newer. _usual_ is a random "
			"number far from both.",
	},
	{
		.id = AXIS_DEFERRED_ACCEPT, .key = "deferred-accept", .type = &axes_switches, FIELD(defers_accept),
		.normal = "off", .words = { "off", "on" }, .numbers = { false, true },
		.rank = 57, .part = "defer-accept", .expected = "defer-accept", .check = axes_check_deferred_accept,
		.option = "deferred-accept", .placeholder = "off|on",
		.help = "Whether the listener takes only connections that have data (TCP_DEFER_ACCEPT)",
		.more = "In _listen_ and _syn-recv_; in _syn-sent_ the socket that connects has the option, and waits with its "
			"ACK for data of its own. In the lab only.",
	},
	{
		.id = AXIS_LINGER, .key = "linger", .type = &axes_switches, FIELD(lingers_zero), .normal = "usual",
		.words = { "usual", "zero" }, .numbers = { false, true },
		.rank = 58, .part = "linger-zero", .expected = "linger-zero", .check = axes_check_linger,
		.option = "linger", .placeholder = "usual|zero",
		.help = "Whether the subject's sockets have SO_LINGER with a time of 0",
		.more = "A close() sends an RST then, so states that come after one have no such cell. In the lab only.",
	},
	{
		.id = AXIS_RECEIVE_WINDOW, .key = "receive-window", .type = &axes_words, FIELD(receive_window),
		.normal = "usual",
		.words = { RECEIVE_WINDOW_WORDS },
		.rank = 53, .part = "rcv-wnd-",
		.expected = "rcv-wnd-small, rcv-wnd-closed, rcv-wnd-shrunk",
		.check = axes_check_receive_window,
		.option = "receive-window", .placeholder = "HOW",
		.help = "The subject's receive window when the stimulus arrives: _small_, some 2 KB; _closed_, "
			"filled to its last byte by data that the process does not read; or _shrunk_, some of it taken back",
		.more = "Its last ACK shows it: another window makes the cell inconclusive. _shrunk_ needs *--sysctl* "
			"tcp_shrink_window=1, which Linux has since 6.6; _closed_ and _shrunk_ need _established_, "
			"_fin-wait-1-half_ or _fin-wait-2-half_. In the lab only.",
	},
	{
		.id = AXIS_LINGER2, .key = "linger2", .type = &axes_choices, FIELD(linger2_s), .normal = "usual",
		.most = 60, .rank = 59, .part = "linger2=", .expected = "linger2=S", .check = axes_check_linger2,
		.option = "linger2", .placeholder = "S",
		.help = "Seconds that the subject waits in FIN_WAIT_2 once its process has closed (TCP_LINGER2): 0 to 60",
		.more = "_usual_ is tcp_fin_timeout. With 0 (the option's value is -1 then) it does not wait at all: the "
			"acknowledgment of its FIN gets an RST. In the lab only.",
	},
	{
		.id = AXIS_MIN_TTL, .key = "min-ttl", .type = &axes_choices, FIELD(min_ttl), .normal = "off",
		.least = 1, .most = SEGMENT_TTL, .rank = 63, .part = "min-ttl=", .expected = "min-ttl=N",
		.check = axes_check_min_ttl,
		.option = "min-ttl", .placeholder = "N",
		.help = "The least time to live that the subject's sockets accept (IP_MINTTL, RFC 5082): 1 to 64",
		.more = "In IPv6 the least hop limit, IPV6_MINHOPCOUNT. Our segments have 64 but for a stimulus with *--ttl*. "
			"In the lab only, and without a path.",
	},
	{
		.id = AXIS_KEEPALIVE, .key = "keepalive", .type = &axes_choices, FIELD(keepalive_s), .normal = "off",
		.least = 1, .most = 32767, .rank = 60, .part = "keepalive=", .expected = "keepalive=S",
		.option = "keepalive", .placeholder = "S",
		.help = "Seconds of silence after which the subject's sockets ask whether the peer is there, again and again "
			"(SO_KEEPALIVE): 1 to 32767",
		.more = "The peer does not answer. In the lab only.",
	},
	{
		.id = AXIS_USER_TIMEOUT, .key = "user-timeout", .type = &axes_choices, FIELD(user_timeout_ms), .normal = "off",
		.least = 1, .most = INT32_MAX, .rank = 62, .part = "user-timeout=", .expected = "user-timeout=MS",
		.check = axes_check_user_timeout,
		.option = "user-timeout", .placeholder = "MS",
		.help = "Milliseconds after which the subject gives up what nobody acknowledges (TCP_USER_TIMEOUT)",
		.more = "It must be longer than the cell takes, 5 s and its delay. In the lab only.",
	},
	{
		.id = AXIS_SYSCTLS, .key = "sysctl", .type = &axes_sysctls, FIELD(conditions), .normal = "none",
		.rank = 100, .part = "", .expected = "NAME=VALUE, NAME=VALUE@probe",
		.option = "sysctl", .placeholder = "NAME=VALUE",
		.help = "Set a sysctl of the lab before the connection; can be given several times. In the lab only",
		.more = "_NAME_ is relative to net.ipv4 (_tcp_rfc1337_), or a full name (_net.core.somaxconn_). "
			"Several numbers are separated by blanks or commas (_'tcp_rmem=4096 4096 4096'_).\n"
			"Limits that a cell sets itself do not count as overload: with _tcp_syncookies=2_ a SYN-ACK may be a "
			"cookie, with _tcp_max_tw_buckets=0_ the listener answers where TIME_WAIT would, and of "
			"cells that make a queue short only as many are in flight as it holds.",
	},
	{
		.id = AXIS_PATH, .key = "path", .type = &axes_paths, FIELD(path), .normal = PATH_DIRECT,
		.rank = 105, .part = "path=", .expected = "path=NAME",
	},
	{
		.id = AXIS_FAMILY, .key = "family", .type = &axes_switches, FIELD(family), .normal = "ipv4",
		.words = { "ipv4", "ipv6" }, .numbers = { 4, 6 },
		.rank = 110, .part = "ipv6", .expected = "ipv6",
	},
};

const struct axis *axes_row(enum axis_id id)
{
	const struct axis *axis = axes_table;

	while (axis->id != id)
		axis++;
	return axis;
}

const struct axis *axes_find(const char *key)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (strcmp(axis->key, key) == 0)
			return axis;
	return NULL;
}

static const struct axis *after_rank(int rank)
{
	const struct axis *next = NULL;

	for (const struct axis *other = axes_table; other < axes_table + AXIS_COUNT; other++)
		if (other->rank > rank && (!next || other->rank < next->rank))
			next = other;
	return next;
}

/* Asked for each part of each name: what comes next is looked for once. */
const struct axis *axes_next_in_name(const struct axis *axis)
{
	static const struct axis *first, *next[AXIS_COUNT];

	if (!first) {
		first = after_rank(0);
		for (size_t i = 0; i < AXIS_COUNT; i++)
			next[i] = after_rank(axes_table[i].rank);
	}
	return axis ? next[axis - axes_table] : first;
}

/* Every part with '=' that belongs to no other axis is a sysctl. */
const struct axis *axes_of_part(const char *part)
{
	bool assigns = strchr(part, '=') != NULL;

	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (!axis->always && axis->id != AXIS_SYSCTLS && assigns == (strchr(axis->part, '=') != NULL) &&
		    strncmp(part, axis->part, strlen(axis->part)) == 0)
			return axis;
	return assigns ? axes_row(AXIS_SYSCTLS) : NULL;
}

static const char *list(bool keys, char *buffer, size_t size)
{
	struct textbuf out;

	textbuf_init(&out, buffer, size);
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++) {
		const char *word = keys ? axis->key : axis->expected;

		if (word)
			textbuf_item(&out, ", ", "%s", word);
	}
	return buffer;
}

const char *axes_keys(char *buffer, size_t size)
{
	return list(true, buffer, size);
}

const char *axes_expected(char *buffer, size_t size)
{
	return list(false, buffer, size);
}

bool axes_applies(const struct axis *axis, const struct cell *cell)
{
	return !axis->applies || axis->applies(cell);
}

const void *axes_value(const struct axis *axis, const struct cell *cell)
{
	return (const char *)(axes_applies(axis, cell) ? cell : &axes_normal) + axis->offset;
}

bool axes_is_normal(const struct axis *axis, const struct cell *cell)
{
	return axis->type->compare(axes_value(axis, cell), (const char *)&axes_normal + axis->offset) == 0;
}

_Static_assert(AXIS_COUNT <= 64, "a set of axes has 64 bits");

bool axes_same(const struct cell *a, const struct cell *b, uint64_t except)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (!(except & axes_bit(axis->id)) && axis->type->compare(axes_value(axis, a), axes_value(axis, b)) != 0)
			return false;
	return true;
}

int axes_check(const struct cell *cell, struct error *error)
{
	for (const struct axis *axis = axes_table; axis < axes_table + AXIS_COUNT; axis++)
		if (axis->check && axis->check(cell, error) < 0)
			return -1;
	return 0;
}
