/* oracle_options.c - what a receiver makes of a segment's TCP options, byte by byte, as the kernel reads them.
 *
 * tcp_parse_options() stops where a length is impossible and keeps what came before. tcp_do_parse_auth_options(), which looks
 * for signatures and nothing else, takes such a segment for invalid as a whole, unless too little is left for a signature. */
#include "cases/books/oracle_internal.h"

#include <string.h>

#include "crafter/bytes.h"
#include "crafter/encode.h"

enum {
	OPTION_MD5 = 19,    /* RFC 2385 */
	OPTION_AO = 29,     /* RFC 5925 */
	OPTION_MPTCP = 30,  /* RFC 8684 */
	MD5_SIZE = 18,
	AO_HEADER_SIZE = 4, /* sizeof(struct tcp_ao_hdr) */
	TIMESTAMPS_SIZE = 10,
};

struct option_list {
	uint8_t bytes[SEGMENT_OPTIONS_MAX];
	size_t size;
};

/* An option, or a NOP, at *at; moves it on. False at the end; *bad where a length is impossible. */
static bool next(const struct option_list *options, size_t *at, const uint8_t **option, size_t *length, bool *bad)
{
	size_t left = options->size - *at;

	*option = options->bytes + *at;
	if (left == 0 || **option == OPTION_END)
		return false;
	*length = 1;
	if (**option != OPTION_NOP) {
		*length = left < 2 ? 0 : (*option)[1];
		*bad = *length < 2 || *length > left;
	}
	*at += *length;
	return !*bad;
}

/* A length that the RFC of the kind does not know: 9293 3.2, 7323 2.2 and 3.2, 2018 2 and 3, 2385 3.0, 5925 2.2. Of one that
 * does not fit TCP Fast Open, RFC 7413 4.1.1 says what to do: ignore it. */
static bool is_odd(uint8_t kind, size_t length)
{
	switch (kind) {
	case OPTION_MSS:
		return length != 4;
	case OPTION_WSCALE:
		return length != 3;
	case OPTION_SACK_PERMITTED:
		return length != 2;
	case OPTION_SACK:
		return length < 10 || length % 8 != 2;
	case OPTION_TIMESTAMPS:
		return length != TIMESTAMPS_SIZE;
	case OPTION_MD5:
		return length != MD5_SIZE;
	case OPTION_AO:
		return length < AO_HEADER_SIZE;
	default:
		return false;
	}
}

/* tcp_parse_fastopen_option(): a cookie has 4 to 16 bytes, of an even number; without one it is asked for. */
static void find_cookie(const uint8_t *option, size_t length, struct arrival *arrival)
{
	enum { COOKIE_LEAST = 4, COOKIE_MOST = 16 };
	static const uint8_t experiment[] = { 0xf9, 0x89 };
	bool was_experiment = option[0] == OPTION_EXPERIMENT;
	size_t base = was_experiment ? 4 : 2, cookie;

	if (was_experiment && (length < base || memcmp(option + 2, experiment, sizeof(experiment)) != 0)) {
		arrival->extends = true;
		return;
	}
	cookie = length - base;
	if (cookie % 2 == 0)
		arrival->cookie_kind = cookie == 0 || (cookie >= COOKIE_LEAST && cookie <= COOKIE_MOST) ? option[0] : 0;
}

static void note_option(const uint8_t *option, size_t length, struct arrival *arrival)
{
	switch (option[0]) {
	case OPTION_SACK_PERMITTED:
		arrival->sack_permitted |= length == 2;
		break;
	case OPTION_WSCALE:
		arrival->scales |= length == 3;
		break;
	case OPTION_FAST_OPEN:
		arrival->fast_open = true;
		/* fall through */
	case OPTION_EXPERIMENT:
		find_cookie(option, length, arrival);
		break;
	case OPTION_MPTCP:
	case OPTION_ACCECN_0:
	case OPTION_ACCECN_1:
		arrival->extends = true;
		break;
	default:
		break;
	}
}

/* tcp_parse_options(): of several timestamps the last one counts; one of another length is none. */
static void find_options(const struct option_list *options, struct arrival *arrival)
{
	const uint8_t *option;
	size_t at = 0, length;

	while (next(options, &at, &option, &length, &arrival->bad_options)) {
		arrival->odd_options |= is_odd(*option, length);
		note_option(option, length, arrival);
		if (*option != OPTION_TIMESTAMPS || length != TIMESTAMPS_SIZE)
			continue;
		arrival->two_timestamps |= arrival->has_timestamp;
		arrival->has_timestamp = true;
		arrival->tsval = bytes_load32(option + 2);
		arrival->tsecr = bytes_load32(option + 6);
	}
}

/* tcp_parse_md5sig_option(), before CHANGE_AUTH_OPTIONS. */
static bool find_old_md5(const struct option_list *options)
{
	const uint8_t *option;
	size_t at = 0, length;
	bool bad = false;

	while (options->size - at >= MD5_SIZE && next(options, &at, &option, &length, &bad))
		if (*option == OPTION_MD5)
			return length == MD5_SIZE;
	return false;
}

/* tcp_do_parse_auth_options() */
static void find_signatures(const struct option_list *options, size_t least, struct arrival *arrival)
{
	const uint8_t *option;
	size_t at = 0, length;
	bool bad = false;

	while (options->size - at >= least && next(options, &at, &option, &length, &bad)) {
		bool md5 = *option == OPTION_MD5, ao = *option == OPTION_AO;

		if (!md5 && !ao)
			continue;
		bad |= md5 ? length != MD5_SIZE : length <= AO_HEADER_SIZE;
		bad |= arrival->md5 || arrival->ao;
		if (bad)
			break;
		arrival->md5 |= md5;
		arrival->ao |= ao;
	}
	arrival->bad_auth = bad;
}

static bool read_options(const struct segment *segment, struct option_list *options)
{
	int size = encode_options(segment, options->bytes);

	options->size = size < 0 ? 0 : (size_t)size;
	return size >= 0;
}

void oracle_options(const struct segment *segment, unsigned facts, struct arrival *arrival)
{
	struct option_list options;

	arrival->has_timestamp = arrival->two_timestamps = arrival->md5 = arrival->ao = arrival->bad_auth = false;
	arrival->cookie_kind = 0;
	if (!segment->option_count && !segment->raw_size && !segment->tail_size)
		return;
	if (!read_options(segment, &options)) { /* of a text: more than fit */
		arrival->has_timestamp = segment_has_option(segment, OPTION_TIMESTAMPS);
		arrival->tsval = segment->tsval;
		arrival->tsecr = segment->tsecr;
		arrival->sack_permitted = segment_has_option(segment, OPTION_SACK_PERMITTED);
		arrival->scales = segment_has_option(segment, OPTION_WSCALE);
		return;
	}
	find_options(&options, arrival);
	arrival->old_md5 = find_old_md5(&options);
	find_signatures(&options, facts & FACT_AO ? AO_HEADER_SIZE + 1 : MD5_SIZE, arrival);
}

unsigned oracle_options_facts(const struct segment *segment)
{
	const bool usual = !segment->tail_size && !segment->raw_size;
	struct arrival arrival = { .md5 = false };

	if (usual)
		return 0;
	oracle_options(segment, FACT_AO, &arrival);
	return arrival.md5 || arrival.old_md5 || arrival.bad_auth ? FACT_MD5 | FACT_AO : 0;
}
