/* formers.c - connections that have ended: a ring of the last ones, and a table to find them by their ends. */
#include "harness/run/formers.h"

#include <stdlib.h>

#include "listener/flows.h"

struct former {
	struct pair pair;
	bool used, silent;         /* silent: it was over without an answer to its stimulus */
	size_t number;
	uint32_t irs, fin_end;     /* what it retransmits */
	bool fin_heard;
	bool followed, follow_up_answered;
	uint32_t stimulus_seq, follow_up_seq;
	struct segment answer;     /* to the follow-up */
	uint64_t answer_ns, seen_ns, ended_ns, round_trip_ns;
};

struct formers {
	struct flows *flows;
	size_t capacity, next;
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

void formers_add(struct formers *formers, const struct peer *peer, size_t number)
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
		.follow_up_seq = peer->follow_up.seq,
		.follow_up_answered = peer->follow_up_answered,
		.answer = peer->follow_up_heard.segment,
		.answer_ns = peer->follow_up_heard.time_ns,
		.seen_ns = peer->seen_ns,
		.ended_ns = peer->now_ns,
		.round_trip_ns = peer->round_trip_ns,
	};
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

bool formers_heard(const struct formers *formers, const struct segment *segment, const struct notice *notice,
		   uint64_t time_ns, size_t *number, uint64_t *after_ns)
{
	bool from_subject;
	uint32_t index = flows_find(formers->flows, &segment->tuple, &from_subject);
	const struct former *former;

	if (index == FLOWS_NONE || !from_subject)
		return false;
	former = &formers->ring[index];
	*number = former->number;
	*after_ns = time_ns > former->seen_ns ? time_ns - former->seen_ns : 0;
	return former->silent && (notice || !is_repeat(former, segment, time_ns));
}

void formers_close(struct formers *formers)
{
	if (!formers)
		return;
	flows_close(formers->flows);
	free(formers);
}
