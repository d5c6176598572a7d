/* fuzz_end.c - libFuzzer: any segments, sent and got in any order by two ends. What an end holds agrees with itself, its state
 * with its FINs, and a segment that comes twice leaves it as it was. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/end.h"
#include "crafter/seq.h"

enum { RECORD = 14 }; /* bytes a segment is made of */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int condition)
{
	if (!condition)
		abort();
}

static void check_state(const struct end *end)
{
	switch (end->state) {
	case STATE_TIME_WAIT:
		check(end->fin_sent && end->fin_acked && end->fin_taken);
		break;
	case STATE_FIN_WAIT_2:
		check(end->fin_sent && end->fin_acked && !end->fin_taken);
		break;
	case STATE_FIN_WAIT_1:
		check(end->fin_sent && !end->fin_acked && !end->fin_taken);
		break;
	case STATE_CLOSING:
	case STATE_LAST_ACK:
		check(end->fin_sent && !end->fin_acked && end->fin_taken);
		break;
	case STATE_CLOSE_WAIT:
		check(!end->fin_sent && end->fin_taken);
		break;
	case STATE_ESTABLISHED:
	case STATE_SYN_RECV:
		check(!end->fin_sent && !end->fin_taken);
		break;
	case STATE_CLOSED:
	case STATE_LISTEN:
	case STATE_SYN_SENT:
	case STATE_UNKNOWN:
		break;
	default:
		abort();
	}
}

static void check_end(const struct end *end)
{
	check_state(end);
	if (end_knows(end, END_SND_UNA | END_SND_NXT))
		check(!seq_after(end->snd_una, end->snd_nxt));
	if (end_knows(end, END_RCV_NXT))
		check(!seq_after(end->rcv_nxt, end->rcv_max));
	if (end_knows(end, END_LAST_ACK))
		check(!seq_after(end->last_ack_sent, end->rcv_nxt));
	check(end->snd_wnd <= end->max_snd_wnd && end->max_snd_wnd <= (uint32_t)UINT16_MAX << 14);
	check(end->snd_wscale <= 14 && end->rcv_wscale <= 14);
	check(!end->fin_acked || end->fin_sent);
	check(!end->fin_taken || end->fin_came);
	check(end_knows(end, END_SND_WND) || !end->max_snd_wnd);
	check(end_knows(end, END_RCV_NXT) || (!end->rcv_nxt && !end->rcv_wnd));
	check(end_knows(end, END_TS_RECENT) || !end->ts_recent_ns);
}

static uint16_t word(const uint8_t *data)
{
	return (uint16_t)(data[0] << 8 | data[1]);
}

/* A number near one that the end holds, so that it may mean something to the connection. */
static uint32_t near(const struct end *end, uint8_t which, uint16_t offset)
{
	const uint32_t bases[] = { end->snd_nxt, end->snd_una, end->iss, end->fin_seq };

	return bases[which & 3] + (uint32_t)(int16_t)offset;
}

static void make(struct segment *segment, const uint8_t *data, const struct end *from, const struct end *to)
{
	static const uint8_t kinds[] = { OPTION_TIMESTAMPS, OPTION_WSCALE, OPTION_SACK_PERMITTED, OPTION_MSS };

	memset(segment, 0, sizeof(*segment));
	segment->flags = data[1];
	segment->seq = near(from, data[2], word(data + 3));
	segment->ack = near(to, data[2] >> 2, word(data + 5));
	segment->window = word(data + 7);
	for (unsigned i = 0; i < 4; i++)
		if (data[9] & 1 << i)
			segment_add_option(segment, kinds[i]);
	segment->wscale = data[9] >> 4;
	segment->payload_size = data[10] & 3 ? 0 : word(data + 11) & 0xfff;
	segment->tsval = data[13];
	segment->mss = word(data + 11);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum state first[] = { STATE_CLOSED, STATE_LISTEN, STATE_UNKNOWN };
	struct end ends[2];
	uint64_t now_ns = 1;

	if (size == 0)
		return 0;
	end_init(&ends[0], first[data[0] % 3]);
	end_init(&ends[1], first[data[0] / 3 % 3]);
	for (data++, size--; size >= RECORD; data += RECORD, size -= RECORD) {
		struct end *from = &ends[data[0] & 1], *to = &ends[!(data[0] & 1)];
		struct segment segment;
		enum state once;

		make(&segment, data, from, to);
		now_ns += (uint64_t)(data[10] >> 2) << (data[10] >> 2);
		if (!(data[0] & 2))
			end_sent(from, &segment, now_ns);
		check_end(from);
		if (data[0] & 4)
			continue;
		end_got(to, &segment, now_ns);
		check_end(to);
		once = to->state;
		end_got(to, &segment, now_ns);
		check(to->state == once);
		check_end(to);
	}
	return 0;
}
