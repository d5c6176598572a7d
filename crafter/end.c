/* end.c - from the segments that an end sends and gets to its state, its numbers and its windows. */
#include "crafter/end.h"

#include <string.h>

#include "crafter/seq.h"

/* RFC 7323 2.3: a larger shift counts as this one. */
enum { WSCALE_MAX = 14 };

/* RFC 9293 3.7.1: the MSS of an end whose SYN does not say one. */
enum { MSS_DEFAULT_IPV4 = 536, MSS_DEFAULT_IPV6 = 1220 };

/* RFC 7323 5.5: a ts_recent of this age counts no more. */
#define TS_RECENT_LAPSES_S (UINT64_C(24) * 24 * 60 * 60)

static uint32_t segment_end(const struct segment *segment)
{
	return segment->seq + segment_length(segment);
}

void end_init(struct end *end, enum state state)
{
	memset(end, 0, sizeof(*end));
	end->state = state;
}

static void note_syn(struct end_syn *syn, const struct segment *segment, uint64_t time_ns)
{
	*syn = (struct end_syn){
		.seen = true,
		.scales = segment_has_option(segment, OPTION_WSCALE),
		.timestamps = segment_has_option(segment, OPTION_TIMESTAMPS),
		.sack = segment_has_option(segment, OPTION_SACK_PERMITTED),
		.window = segment->window, .seq = segment->seq, .time_ns = time_ns,
	};
	if (syn->scales)
		syn->wscale = segment->wscale < WSCALE_MAX ? segment->wscale : WSCALE_MAX;
	if (syn->timestamps)
		syn->tsval = segment->tsval;
	if (segment_has_option(segment, OPTION_MSS))
		syn->mss = segment->mss;
	else
		syn->mss = segment->tuple.source.address.family == 6 ? MSS_DEFAULT_IPV6 : MSS_DEFAULT_IPV4;
}

/* An option counts where both SYNs carry it (RFC 7323 2.2, 3.2; RFC 2018 2). */
static void negotiate(struct end *end)
{
	const struct end_syn *own = &end->own_syn, *their = &end->their_syn;
	bool scales = own->scales && their->scales;

	end->timestamps = own->timestamps && their->timestamps;
	end->sack = own->sack && their->sack;
	end->snd_wscale = scales ? their->wscale : 0;
	end->rcv_wscale = scales ? own->wscale : 0;
	end->snd_mss = their->mss;
	end->rcv_mss = own->mss;
	end->known |= END_TIMESTAMPS | END_OPTIONS;
}

static void set_rcv_nxt(struct end *end, uint32_t rcv_nxt)
{
	if (end_knows(end, END_RCV_WND)) {
		uint32_t moved = rcv_nxt - end->rcv_nxt;

		end->rcv_wnd = moved < end->rcv_wnd ? end->rcv_wnd - moved : 0;
	}
	end->rcv_nxt = rcv_nxt;
	end->known |= END_RCV_NXT;
}

static void set_ts_recent(struct end *end, uint32_t tsval, uint64_t time_ns)
{
	end->ts_recent = tsval;
	end->ts_recent_ns = time_ns;
	end->known |= END_TS_RECENT;
}

static void set_snd_wnd(struct end *end, uint32_t window, uint32_t seq, uint32_t ack)
{
	end->snd_wnd = window;
	end->snd_wl1 = seq;
	end->snd_wl2 = ack;
	if (window > end->max_snd_wnd)
		end->max_snd_wnd = window;
	end->known |= END_SND_WND;
}

/* The other end's SYN is taken: the two SYNs together make the connection. A window in a SYN is not scaled (RFC 7323 2.2). */
static void meet(struct end *end)
{
	const struct end_syn *their = &end->their_syn;

	end->irs = their->seq;
	end->rcv_nxt = their->seq + 1;
	end->rcv_wnd = end->own_syn.window;
	end->known |= END_IRS | END_RCV_NXT | END_RCV_WND;
	if (!end->rcv_max || seq_before(end->rcv_max, end->rcv_nxt))
		end->rcv_max = end->rcv_nxt;
	negotiate(end);
	set_snd_wnd(end, their->window, their->seq, end->snd_una);
	if (end->timestamps)
		set_ts_recent(end, their->tsval, their->time_ns);
}

void end_sent(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	(void)segment_end;
	(void)meet;
	(void)set_rcv_nxt;
	(void)note_syn;
	(void)end;
	(void)segment;
	(void)time_ns;
}

void end_got(struct end *end, const struct segment *segment, uint64_t time_ns)
{
	(void)end;
	(void)segment;
	(void)time_ns;
}
