/* formers.c - connections that have ended: a ring of the last ones, and a table to find them by their ends. */
#include "harness/run/formers.h"

#include <stdlib.h>

#include "listener/flows.h"

enum { RESETS_ENOUGH = 3 }; /* answered beyond doubt */

/* A reset that took the connection back. */
struct last {
	uint16_t flags;
	uint32_t seq, ack;
	unsigned answers; /* as many as are on their way, at most */
};

struct former {
	struct pair pair;
	bool used, silent;         /* silent: it was over without an answer to its stimulus */
	size_t number;
	uint32_t irs, fin_end;     /* what it retransmits */
	bool fin_heard, stimulus_acks, again;
	bool followed, follow_up_answered;
	uint32_t stimulus_seq, follow_up_seq;
	struct segment answer;     /* to the follow-up */
	uint32_t stimulus_end;     /* what an RST to it acknowledges, where it had no ACK */
	uint8_t last_count;
	struct last last[PEER_SEND_MAX];
	uint64_t answer_ns, seen_ns, ended_ns, round_trip_ns;
};

struct formers {
	struct flows *flows;
	size_t capacity, next;
	unsigned resets_answered;  /* by this subject, beyond doubt */
	struct former ring[];
};

struct formers *formers_open(size_t capacity)
{
	struct formers *formers = calloc(1, sizeof(*formers) + capacity * sizeof(struct former));

	if (!formers)
		return NULL;
	formers->capacity = capacity;
	formers->flows = flows_open(capacity);
	if (!formers->flows) {
		free(formers);
		return NULL;
	}
	return formers;
}

static void drop(struct formers *formers, struct former *former)
{
	if (former->used)
		flows_remove(formers->flows, &former->pair);
	former->used = false;
}

void formers_forget(struct formers *formers, const struct pair *pair)
{
	struct tuple tuple = pair_to_subject(pair);
	uint32_t index = flows_find(formers->flows, &tuple, NULL);

	if (index != FLOWS_NONE)
		drop(formers, &formers->ring[index]);
}

void formers_add(struct formers *formers, const struct peer *peer, size_t number, const struct peer_actions *last,
		 unsigned copies)
{
	struct former *former = &formers->ring[formers->next];

	drop(formers, former);
	formers_forget(formers, &peer->pair);
	*former = (struct former){
		.pair = peer->pair,
		.silent = peer->trouble == TROUBLE_NONE && !peer_answer(peer),
		.number = number,
		.irs = peer->crafted.irs,
		.fin_end = peer->crafted.their_fin_seq,
		.fin_heard = peer->crafted.fin_taken,
		.followed = peer->followed,
		.stimulus_seq = peer->sent.seq,
		.stimulus_end = peer->sent.seq + segment_length(&peer->sent),
		.stimulus_acks = peer->sent.flags & FLAG_ACK,
		.again = peer->again,
		.last_count = last->send_count,
		.follow_up_seq = peer->follow_up.seq,
		.follow_up_answered = peer->follow_up_answered,
		.answer = peer->follow_up_heard.segment,
		.answer_ns = peer->follow_up_heard.time_ns,
		.seen_ns = peer->seen_ns,
		.ended_ns = peer->now_ns,
		.round_trip_ns = peer->round_trip_ns,
	};
	for (uint8_t i = 0; i < last->send_count; i++)
		former->last[i] = (struct last){ .flags = last->send[i].flags, .seq = last->send[i].seq,
						 .ack = last->send[i].ack, .answers = copies };
	former->used = flows_add(formers->flows, &former->pair, (uint32_t)formers->next);
	formers->next = (formers->next + 1) % formers->capacity;
}

static bool is_repeat(const struct former *former, const struct segment *segment, uint64_t time_ns)
{
	const struct segment *answer = &former->answer;

	/* What acknowledges the follow-up comes from a connection that the follow-up opened: a copy of it met a listener
	 * again, or the RSTs that took it back overtook each other, and one that was not exact got an ACK (RFC 5961 3.2). */
	if (former->followed && (segment->flags & FLAG_ACK) && segment->ack == former->follow_up_seq + 1 &&
	    former->follow_up_seq != former->stimulus_seq)
		return true;
	if (segment->flags & FLAG_SYN)
		return segment->seq == former->irs;
	/* Where nobody knows which number is exact, several resets went out, and all but one may be challenged. A late answer
	 * in this time is not the last one: the follow-up's is as late. */
	if (!former->follow_up_answered && segment->flags == FLAG_ACK &&
	    time_ns < former->ended_ns + PEER_COPY_LATEST_NS + former->round_trip_ns)
		return true;
	if (segment->flags & FLAG_FIN)
		return former->fin_heard && segment->seq + segment->payload_size == former->fin_end;
	return former->follow_up_answered && segment_is_copy(segment, answer) &&
	       time_ns < former->answer_ns + PEER_COPY_LATEST_NS + former->round_trip_ns;
}

/* Some stacks answer a reset that finds no connection with another one, as they answer any segment there (libslirp's
 * tcp_input(), dropwithreset), though RFC 9293 3.10.7.1 drops it. NULL: this is none such. */
static struct last *reset_that_it_answers(struct former *former, const struct segment *segment)
{
	for (uint8_t i = 0; i < former->last_count; i++) {
		struct last *last = &former->last[i];

		if (!(last->flags & FLAG_RST) || segment->payload_size)
			continue;
		if (last->flags & FLAG_ACK ? segment->flags == FLAG_RST && segment->seq == last->ack :
		    segment->flags == (FLAG_RST | FLAG_ACK) && segment->seq == 0 && segment->ack == last->seq)
			return last;
	}
	return NULL;
}

/* What the stimulus or the follow-up would be answered with may look the same. Then it counts for the reset's only where
 * the subject is known to answer resets, in the time of its answers, and once for each reset that went out: the stimulus's
 * is one more. */
static bool answers_a_reset(struct formers *formers, struct former *former, const struct segment *segment, uint64_t time_ns)
{
	struct last *last = reset_that_it_answers(former, segment);
	bool in_doubt;

	if (!last)
		return false;
	in_doubt = last->flags & FLAG_ACK || former->again || (!former->stimulus_acks && last->seq == former->stimulus_end) ||
		   (former->followed && last->seq == former->follow_up_seq + 1);
	if (!in_doubt) {
		formers->resets_answered++;
		return true;
	}
	if (formers->resets_answered < RESETS_ENOUGH || !last->answers ||
	    time_ns >= former->ended_ns + PEER_COPY_LATEST_NS + former->round_trip_ns)
		return false;
	last->answers--;
	return true;
}

bool formers_heard(struct formers *formers, const struct segment *segment, const struct notice *notice,
		   uint64_t time_ns, size_t *number, uint64_t *after_ns)
{
	bool from_subject;
	uint32_t index = flows_find(formers->flows, &segment->tuple, &from_subject);
	struct former *former;

	if (index == FLOWS_NONE || !from_subject)
		return false;
	former = &formers->ring[index];
	*number = former->number;
	*after_ns = time_ns > former->seen_ns ? time_ns - former->seen_ns : 0;
	if (!notice && answers_a_reset(formers, former, segment, time_ns))
		return false;
	return former->silent && (notice || !is_repeat(former, segment, time_ns));
}

void formers_close(struct formers *formers)
{
	if (!formers)
		return;
	flows_close(formers->flows);
	free(formers);
}
