/* run_handshake.c - how long a handshake took as the subject sees it, and what that changes.
 *
 * A full socket passes over an ACK that is all right but for an old timestamp, without a word, while the timestamp may be
 * one that was overtaken: not older than 1.2 retransmission timeouts (tcp_disordered_ack(), tcp_tsval_replay()). The timeout
 * comes from the handshake (tcp_synack_rtt_meas(), tcp_rtt_estimator(): srtt = m, mdev = m / 2, at least TCP_RTO_MIN of
 * 200 ms). So a target far away, or a handshake that we finished late because this process stood still, makes the kernel
 * silent where it would answer otherwise. */
#include "harness/run_internal.h"

#define RTO_MIN_MS 200

void run_greeted(struct run *run, uint32_t slot)
{
	if (run->greeted_count < run->options->in_flight)
		run->greeted[run->greeted_count++] = slot;
}

void run_greetings_sent(struct run *run)
{
	uint64_t now_ns = run->greeted_count ? run->wire->now(run->wire->self) : 0;

	for (size_t i = 0; i < run->greeted_count; i++) {
		const struct probe *probe = &run->probes[run->greeted[i]];
		const struct peer *peer = &probe->peer;

		/* From the first SYN on: a SYN-ACK that was sent again leaves the subject without a measurement, or with one by
		 * timestamps that counts from the first. */
		if (probe->used)
			run_entry(run, probe->number)->handshake_ns = now_ns - peer->begun_ns;
	}
	run->greeted_count = 0;
}

bool entry_may_be_overtaken(const struct entry *entry)
{
	const struct record *record = &entry->record;
	const struct offset *ts = &record->cell.stimulus.ts;
	uint64_t took_ms = entry->handshake_ns / MILLISECOND + 1;
	uint64_t rto_ms = took_ms + (2 * took_ms > RTO_MIN_MS ? 2 * took_ms : RTO_MIN_MS);

	return record->observed && record->answer == ANSWER_SILENCE && record->expected[BOOK_LINUX].answer == ANSWER_ACK &&
	       record->cell.stimulus.kind == KIND_ACK && record->baseline.timestamps && ts->form != OFFSET_ABSENT &&
	       ts->form != OFFSET_ZERO && ts->value < 0 && (uint64_t)-ts->value <= rto_ms * 6 / 5;
}
