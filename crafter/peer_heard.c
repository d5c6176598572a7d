/* peer_heard.c - what came after the stimulus, or got in its way: kept for the outcome. */
#include "crafter/peer_internal.h"

void peer_note(struct peer *peer, const struct notice *notice)
{
	peer->noticed |= peer->seen_ns != 0;
	for (uint8_t i = 0; i < peer->notice_count; i++)
		if (notice_same_sort(&peer->notices[i], notice))
			return;
	if (peer->notice_count == PEER_NOTICES_MAX)
		return;
	peer->notices[peer->notice_count] = *notice;
	peer->notices[peer->notice_count++].segment.payload = NULL;
}

void peer_note_segment(struct peer *peer, enum notice_kind kind, const char *why, const struct segment *segment,
		       uint64_t heard_ns)
{
	struct notice notice = { .kind = kind, .why = why, .from = peer->pair.subject.address, .time_ns = heard_ns };

	notice.segment = *segment;
	if (kind == NOTICE_LATE && heard_ns > peer->seen_ns)
		notice.after_ns = heard_ns - peer->seen_ns;
	peer_note(peer, &notice);
}

/* What has nothing to do with the connection teaches nothing about it, and is not answered; but it is not forgotten. */
bool peer_is_stray(struct peer *peer, const struct segment *segment)
{
	struct notice notice = { .kind = NOTICE_STRAY, .from = peer->pair.subject.address, .time_ns = peer->now_ns };

	notice.why = peer_why_stray(peer, segment);
	if (!notice.why)
		return false;
	notice.segment = *segment;
	peer_note(peer, &notice);
	return true;
}

void peer_keep(struct peer_heard *heard, const struct segment *segment, uint64_t heard_ns, bool repeat)
{
	heard->segment = *segment;
	heard->segment.payload = NULL;
	heard->time_ns = heard_ns;
	heard->repeat = repeat;
}

const struct peer_heard *peer_answer(const struct peer *peer)
{
	for (uint8_t i = 0; i < peer->heard_count; i++)
		if (!peer->heard[i].repeat)
			return &peer->heard[i];
	return NULL;
}

/* The list may be full of retransmissions; the answer has its place all the same. */
static void add_heard(struct peer *peer, const struct segment *segment, uint64_t heard_ns, bool repeat)
{
	if (peer->heard_count < PEER_HEARD_MAX) {
		peer_keep(&peer->heard[peer->heard_count++], segment, heard_ns, repeat);
		return;
	}
	peer->heard_more++;
	if (!repeat && !peer_answer(peer))
		peer_keep(&peer->heard[PEER_HEARD_MAX - 1], segment, heard_ns, repeat);
}

/* Data may be taken, and then meet nobody: a stack that only carries it to another host's acknowledges first, and resets
 * when that one does (passt). */
static bool is_afterthought(const struct peer *peer, const struct segment *answer, const struct segment *segment)
{
	return answer->flags == FLAG_ACK && peer->sent.payload_size > 0 && segment->flags == FLAG_RST &&
	       segment->seq == peer->baseline.snd_nxt;
}

/* What is reset does not acknowledge, and what acknowledges does not start over: nobody sends both in answer to one segment. */
static bool contradicts(const struct peer *peer, const struct segment *segment)
{
	const struct peer_heard *answer = peer_answer(peer);

	return answer && ((answer->segment.flags ^ segment->flags) & (FLAG_SYN | FLAG_RST)) &&
	       !is_afterthought(peer, &answer->segment, segment);
}

bool peer_says_again(const struct peer *peer, const struct segment *segment)
{
	return peer_is_repeat(peer, segment, peer->now_ns) && !peer_is_ack_with_fin(peer, segment, peer->now_ns);
}

bool peer_keep_answer(struct peer *peer, const struct peer_event *event)
{
	const struct segment *segment = event->segment;
	bool repeat = peer_says_again(peer, segment);
	const char *why;

	if (!repeat && peer_place(peer, segment, &why) == PLACE_STRAY) {
		peer_note_segment(peer, NOTICE_STRAY, why, segment, event->now_ns);
		return false;
	}
	if (!repeat && contradicts(peer, segment))
		peer_note_segment(peer, NOTICE_STRAY, "a second answer that differs from the first", segment,
				  event->now_ns);
	add_heard(peer, segment, event->now_ns, repeat);
	return !repeat;
}

uint64_t peer_wait_time(const struct peer_rules *rules, uint64_t round_trip_ns)
{
	uint64_t wait_ns = 2 * round_trip_ns;

	if (wait_ns < rules->answer_ns)
		wait_ns = rules->answer_ns;
	return wait_ns < rules->answer_least_ns ? rules->answer_least_ns : wait_ns;
}

uint64_t peer_answer_wait(const struct peer *peer)
{
	return peer_wait_time(peer->rules, peer->round_trip_ns);
}

/* The last thing that shows the subject's socket: the stimulus, the follow-up, the witness. */
static uint64_t last_look(const struct peer *peer)
{
	uint64_t last_ns = peer->seen_ns;

	if (peer->follow_up_seen_ns > last_ns)
		last_ns = peer->follow_up_seen_ns;
	return peer->sighted_after_ns > last_ns ? peer->sighted_after_ns : last_ns;
}

static bool is_over(uint64_t life_ns, uint64_t from_ns, uint64_t now_ns)
{
	return life_ns && now_ns > from_ns && now_ns - from_ns >= life_ns;
}

/* The subject's timers run while this process stands still, and what they do to its socket is not the stimulus' work. */
static bool is_outlived(const struct peer *peer)
{
	uint64_t last_ns = last_look(peer);

	return is_over(peer->life_ns, peer->reached_ns, last_ns) || is_over(peer->life_after_ns, peer->stimulated_ns, last_ns);
}

enum peer_phase peer_finish(struct peer *peer)
{
	if (peer->noticed)
		return peer_fail(peer, TROUBLE_NOTICED);
	return is_outlived(peer) ? peer_fail(peer, TROUBLE_OUTLIVED) : PEER_ENDED;
}
