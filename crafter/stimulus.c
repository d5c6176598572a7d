/* stimulus.c - segment kinds, and how a stimulus and a baseline make a segment. */
#include "crafter/stimulus.h"

#include <string.h>

#include "crafter/seq.h"
#include "crafter/words.h"

enum {
	WINDOW_SYN = 64240, /* what a Linux client offers; far from BEHAVIOUR_WINDOW, so it asks for no behaviour */
	WINDOW = 502,       /* the same once it is scaled */
};

static const struct {
	const char *name;
	uint8_t flags;
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

const char *stimulus_kind_name(enum segment_kind kind)
{
	return (unsigned)kind < KIND_COUNT ? kinds[kind].name : NULL;
}

enum segment_kind stimulus_kind_parse(const char *name)
{
	return (enum segment_kind)words_find(WORDS_MEMBER(kinds, name), name);
}

uint8_t stimulus_kind_flags(enum segment_kind kind)
{
	return (unsigned)kind < KIND_COUNT ? kinds[kind].flags : 0;
}

const char *stimulus_kind_list(char *buffer, size_t size)
{
	return words_list(WORDS_MEMBER(kinds, name), buffer, size);
}

uint32_t stimulus_seq(const struct stimulus *stimulus, const struct baseline *baseline)
{
	uint32_t base = baseline->rcv_nxt;

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

static uint16_t window_of(const struct stimulus *stimulus)
{
	if (stimulus->window.given)
		return (uint16_t)stimulus->window.number;
	return stimulus_kind_flags(stimulus->kind) & FLAG_SYN ? WINDOW_SYN : WINDOW;
}

void stimulus_segment(const struct stimulus *stimulus, const struct baseline *baseline,
		      const struct tuple *tuple, struct segment *segment)
{
	static const uint8_t payload[STIMULUS_PAYLOAD] = "stimulus.\n";
	bool timestamps = stimulus->ts.form != OFFSET_ABSENT;

	memset(segment, 0, sizeof(*segment));
	segment->tuple = *tuple;
	segment->ttl = SEGMENT_TTL;
	segment->flags = stimulus_kind_flags(stimulus->kind);
	segment->window = window_of(stimulus);
	segment->seq = stimulus_seq(stimulus, baseline);
	if (segment->flags & FLAG_ACK)
		segment->ack = seq_add(baseline->snd_nxt, stimulus->ack.value);
	if (timestamps) {
		segment->tsval = stimulus_tsval(stimulus, baseline);
		segment->tsecr = segment->flags & FLAG_ACK ? baseline->ts_echo : 0;
	}
	if (segment->flags & FLAG_SYN)
		segment_add_syn_options(segment, timestamps);
	else if (timestamps)
		segment_add_timestamps(segment, segment->tsval, segment->tsecr);
	if (stimulus->kind == KIND_DATA) {
		segment->payload = payload;
		segment->payload_size = STIMULUS_PAYLOAD;
	}
}
