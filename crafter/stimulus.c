/* stimulus.c - segment kinds, and how a stimulus and a baseline make a segment. */
#include "crafter/stimulus.h"

#include <stdio.h>
#include <string.h>

#include "crafter/seq.h"
#include "crafter/words.h"

enum {
	WINDOW_SYN = 64240, /* what a Linux client offers; far from BEHAVIOUR_WINDOW, so it asks for no behaviour */
	WINDOW = 502,       /* the same once it is scaled */
};

#define LINES_4 "stimulus.\nstimulus.\nstimulus.\nstimulus.\n"
#define LINES_32 LINES_4 LINES_4 LINES_4 LINES_4 LINES_4 LINES_4 LINES_4 LINES_4
#define LINES_128 LINES_32 LINES_32 LINES_32 LINES_32
_Static_assert(SEGMENT_FILL_MAX == 2 * 128 * 10, "a payload of this size");

static const struct {
	const char *name;
	uint16_t flags;
} kinds[KIND_COUNT] = {
	[KIND_SYN] = { "syn", FLAG_SYN },
	[KIND_SYN_ACK] = { "syn-ack", FLAG_SYN | FLAG_ACK },
	[KIND_ACK] = { "ack", FLAG_ACK },
	[KIND_DATA] = { "data", FLAG_PSH | FLAG_ACK },
	[KIND_FIN] = { "fin", FLAG_FIN },
	[KIND_FIN_ACK] = { "fin-ack", FLAG_FIN | FLAG_ACK },
	[KIND_RST] = { "rst", FLAG_RST },
	[KIND_RST_ACK] = { "rst-ack", FLAG_RST | FLAG_ACK },
	[KIND_SYN_FIN] = { "syn-fin", FLAG_SYN | FLAG_FIN },
	[KIND_SYN_RST] = { "syn-rst", FLAG_SYN | FLAG_RST },
	[KIND_NULL] = { "null", 0 },
};

enum { COMBINATIONS = 1 << FLAG_COUNT };
_Static_assert(KIND_LETTERS % COMBINATIONS == 0, "the low bits of a kind are its flags");

/* The flags are the low bits then. */
static bool is_letters(enum segment_kind kind)
{
	return (int)kind >= KIND_LETTERS && (int)kind < KIND_LETTERS + COMBINATIONS;
}

static uint16_t letters_of(enum segment_kind kind)
{
	return (uint16_t)((unsigned)kind % COMBINATIONS);
}

const char *stimulus_kind_name(enum segment_kind kind)
{
	static char letters[COMBINATIONS][FLAGS_TEXT_SIZE];

	if ((unsigned)kind < KIND_COUNT)
		return kinds[kind].name;
	if (is_letters(kind))
		return segment_flags_format(letters_of(kind), letters[letters_of(kind)]);
	return icmp_error_name(stimulus_kind_icmp(kind));
}

enum icmp_error stimulus_kind_icmp(enum segment_kind kind)
{
	int number = (int)kind - KIND_ICMP;

	return number > ICMP_ERROR_NONE && number < ICMP_ERROR_COUNT ? (enum icmp_error)number : ICMP_ERROR_NONE;
}

enum segment_kind stimulus_kind_of(uint16_t flags)
{
	for (enum segment_kind kind = 0; kind < KIND_COUNT; kind++)
		if (kinds[kind].flags == flags && kind != KIND_DATA)
			return kind;
	return (enum segment_kind)(KIND_LETTERS + flags);
}

enum segment_kind stimulus_kind_parse(const char *name)
{
	enum segment_kind kind = (enum segment_kind)words_find(WORDS_MEMBER(kinds, name), name);
	char letters[FLAGS_TEXT_SIZE];
	enum icmp_error icmp = icmp_error_parse(name);
	uint16_t flags;

	if (icmp != ICMP_ERROR_NONE)
		return (enum segment_kind)(KIND_ICMP + (int)icmp);
	if (kind == KIND_COUNT && segment_flags_read(name, &flags) && strcmp(segment_flags_format(flags, letters), name) == 0)
		return stimulus_kind_of(flags);
	return kind;
}

const char *stimulus_kind_in_order(const char *name, char *buffer, size_t size)
{
	char letters[FLAGS_TEXT_SIZE];
	enum segment_kind kind;
	uint16_t flags;

	if (!segment_flags_read(name, &flags))
		return NULL;
	kind = stimulus_kind_of(flags);
	segment_flags_format(flags, letters);
	if (kind < KIND_LETTERS)
		snprintf(buffer, size, "%s (%s)", letters, stimulus_kind_name(kind));
	else
		snprintf(buffer, size, "%s", letters);
	return buffer;
}

uint16_t stimulus_kind_flags(enum segment_kind kind)
{
	if ((unsigned)kind < KIND_COUNT)
		return kinds[kind].flags;
	return is_letters(kind) ? letters_of(kind) : 0;
}

const char *stimulus_kind_list(char *buffer, size_t size)
{
	size_t used = strlen(words_list(WORDS_MEMBER(kinds, name), buffer, size));

	snprintf(buffer + used, size - used, ", flags by letters such as SEC, ICMP errors such as %s",
		 icmp_error_name(ICMP_ERROR_PORT_UNREACHABLE));
	return buffer;
}

uint32_t stimulus_seq(const struct stimulus *stimulus, const struct baseline *baseline)
{
	bool icmp = stimulus_kind_icmp(stimulus->kind) != ICMP_ERROR_NONE;
	uint32_t base = icmp ? baseline->snd_nxt : baseline->rcv_nxt;

	if (stimulus->seq.form == OFFSET_WINDOW)
		base += baseline->rcv_wnd;
	return seq_add(base, stimulus->seq.value);
}

uint32_t stimulus_tsval(const struct stimulus *stimulus, const struct baseline *baseline)
{
	switch (stimulus->ts.form) {
	case OFFSET_ABSENT:
	case OFFSET_ZERO:
		return 0;
	default:
		return seq_add(baseline->ts_recent, stimulus->ts.value);
	}
}

static uint32_t tsecr_of(const struct stimulus *stimulus, const struct baseline *baseline)
{
	if (!(stimulus_kind_flags(stimulus->kind) & FLAG_ACK) || stimulus->tsecr.form == OFFSET_ZERO)
		return 0;
	return seq_add(baseline->ts_echo, stimulus->tsecr.value);
}

uint32_t stimulus_payload(const struct stimulus *stimulus)
{
	if (stimulus->payload.given)
		return stimulus->payload.number;
	return stimulus->kind == KIND_DATA ? STIMULUS_PAYLOAD : 0;
}

/* segment_add_syn_options() and segment_add_timestamps() */
size_t stimulus_options_room(enum segment_kind kind)
{
	enum { SYN_OPTIONS = 20, TIMESTAMPS = 12 };

	return SEGMENT_OPTIONS_MAX - (stimulus_kind_flags(kind) & FLAG_SYN ? SYN_OPTIONS : TIMESTAMPS);
}

static uint16_t window_of(const struct stimulus *stimulus)
{
	if (stimulus->window.given)
		return (uint16_t)stimulus->window.number;
	return stimulus_kind_flags(stimulus->kind) & FLAG_SYN ? WINDOW_SYN : WINDOW;
}

const uint8_t *stimulus_bytes(void)
{
	static const char payload[SEGMENT_FILL_MAX + 1] = LINES_128 LINES_128;

	return (const uint8_t *)payload;
}

void stimulus_segment(const struct stimulus *stimulus, const struct baseline *baseline,
		      const struct tuple *tuple, struct segment *segment)
{
	bool timestamps = stimulus->ts.form != OFFSET_ABSENT;

	memset(segment, 0, sizeof(*segment));
	segment->tuple = *tuple;
	segment->ttl = stimulus->ttl.given ? (uint8_t)stimulus->ttl.number : SEGMENT_TTL;
	segment->flags = stimulus_kind_flags(stimulus->kind);
	segment->window = window_of(stimulus);
	segment->seq = stimulus_seq(stimulus, baseline);
	segment->icmp_error = (uint8_t)stimulus_kind_icmp(stimulus->kind);
	if (segment->icmp_error)
		return;
	if (segment->flags & FLAG_ACK)
		segment->ack = seq_add(baseline->snd_nxt - baseline->syn_sent, stimulus->ack.value);
	if (timestamps) {
		segment->tsval = stimulus_tsval(stimulus, baseline);
		segment->tsecr = tsecr_of(stimulus, baseline);
	}
	if (segment->flags & FLAG_SYN)
		segment_add_syn_options(segment, timestamps);
	else if (timestamps)
		segment_add_timestamps(segment, segment->tsval, segment->tsecr);
	segment_add_tail(segment, stimulus->options.bytes, stimulus->options.size);
	segment->bad_checksum = stimulus->bad_checksum;
	segment->tos = (uint8_t)stimulus->ecn;
	if (segment->flags & FLAG_URG)
		segment->urgent = (uint16_t)stimulus->urgent.number;
	segment->payload_size = stimulus_payload(stimulus);
	if (segment->payload_size)
		segment->payload = stimulus_bytes();
}
