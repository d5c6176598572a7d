/* run_handshake.c - how long a round trip of ours took as the subject measured it, and what that changes.
 *
 * A full socket passes over an ACK that is all right but for an old timestamp, without a word, while the timestamp may be
 * one that was overtaken: not older than 1.2 retransmission timeouts (tcp_disordered_ack(), tcp_tsval_replay()). The timeout
 * comes from what the set-up took (tcp_synack_rtt_meas(), tcp_rtt_estimator(): srtt = m, mdev = m / 2, at least TCP_RTO_MIN
 * of 200 ms). So a target far away, or a segment that we acknowledged late because this process stood still, makes the
 * kernel silent where it would answer otherwise. And unless tcp_no_metrics_save is set, as it is in the lab, a connection that
 * ends hands what it measured down to the next ones from the same address (tcp_update_metrics(), tcp_init_metrics()). */
#include "harness/run/run_internal.h"

#include "crafter/units.h"

#define RTO_MIN_MS 200

/* A SYN counts from the first on: a SYN-ACK that was sent again leaves the subject without a measurement, or with one by
 * timestamps that counts from the first. So does a FIN on a rough way. Of several segments that one flush answers the first
 * waited longest. */
void run_greeted(struct run *run, uint32_t slot, const struct segment *segment, uint64_t time_ns)
{
	struct probe *probe = &run->probes[slot];
	const struct peer *peer = &probe->peer;
	struct greeting *greeting = &run->greeted[run->greeted_count];

	if (probe->greeted || peer->phase >= PEER_STIMULATED || run->greeted_count == 2 * run->options->in_flight)
		return;
	probe->greeted = true;
	greeting->slot = slot;
	greeting->number = probe->number;
	greeting->since_ns = (segment->flags & FLAG_SYN) || peer->resent ? peer->begun_ns : time_ns;
	run->greeted_count++;
}

void run_greetings_sent(struct run *run)
{
	uint64_t now_ns = run->greeted_count ? run->wire->now(run->wire->self) : 0;

	for (size_t i = 0; i < run->greeted_count; i++) {
		const struct greeting *greeting = &run->greeted[i];
		struct probe *probe = &run->probes[greeting->slot];
		uint64_t took_ns = now_ns - greeting->since_ns;

		if (took_ns > run->slowest_ns)
			run->slowest_ns = took_ns;
		if (!probe->used || probe->number != greeting->number)
			continue;
		probe->greeted = false;
		if (took_ns > run_entry(run, probe->number)->round_trip_ns)
			run_entry(run, probe->number)->round_trip_ns = took_ns;
	}
	run->greeted_count = 0;
}

uint64_t run_longest_round_trip(const struct run *run, const struct entry *entry)
{
	bool forgets = !run->options->no_sysctls &&
		       !conditions_value(&entry->record.cell.conditions, "tcp_no_metrics_save", false) &&
		       !conditions_value(&entry->record.cell.conditions, "tcp_no_metrics_save", true);

	return forgets ? entry->round_trip_ns : run->slowest_ns;
}

bool run_entry_may_be_overtaken(const struct entry *entry, uint64_t round_trip_ns)
{
	const struct record *record = &entry->record;
	const struct offset *ts = &record->cell.stimulus.ts;
	uint64_t took_ms = round_trip_ns / NSEC_PER_MSEC + 1;
	uint64_t rto_ms = took_ms + (2 * took_ms > RTO_MIN_MS ? 2 * took_ms : RTO_MIN_MS);

	return record->observed && record->answer == ANSWER_SILENCE && record->expected[BOOK_LINUX].answer == ANSWER_ACK &&
	       record->cell.stimulus.kind == KIND_ACK && record->baseline.timestamps && ts->form != OFFSET_ABSENT &&
	       ts->form != OFFSET_ZERO && ts->value < 0 && (uint64_t)-ts->value <= rto_ms * 6 / 5;
}
