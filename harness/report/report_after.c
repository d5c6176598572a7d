/* report_after.c - what the subject's socket holds after the answer: timer, queues, what it remembers. */
#include <inttypes.h>

#include "crafter/seq.h"
#include "crafter/textbuf.h"
#include "harness/report/json_put.h"
#include "harness/report/report_internal.h"

static bool has_socket(const struct record *record)
{
	const struct sighting *after = &record->sighted_after;

	return record->observed && after->time_ns && after->state != STATE_CLOSED && after->state != STATE_LISTEN &&
	       after->state != STATE_UNKNOWN;
}

void report_after_put(struct json_put *json, const struct record *record)
{
	const struct sighting *after = &record->sighted_after;
	const struct memory memory = record_memory(record);
	bool socket = has_socket(record), queues = socket && sighting_has_queues(after);
	enum sighting_restart restart = socket ? record_restart(record) : SIGHTING_RESTART_UNKNOWN;

	if (!socket && !memory.has_rcv_nxt) {
		json_put_null(json, "after");
		return;
	}
	json_put_object(json, "after");
	json_put_text(json, "timer", socket ? sighting_timer_name(after->timer) : NULL);
	json_put_known(json, "timer_ms", socket && after->timer, after->expires_ms);
	if (restart == SIGHTING_RESTART_UNKNOWN)
		json_put_null(json, "timer_restarted");
	else
		json_put_boolean(json, "timer_restarted", restart == SIGHTING_RESTARTED);
	json_put_known(json, "recv_q", queues, after->recv_queue);
	json_put_known(json, "send_q", queues, after->send_queue);
	json_put_known(json, "rcv_nxt", memory.has_rcv_nxt, memory.rcv_nxt);
	json_put_known(json, "ts_recent", memory.has_ts_recent, memory.ts_recent);
	json_put_end(json);
}

static void add_timer(const struct record *record, struct textbuf *out)
{
	static const char *const words[] = {
		[SIGHTING_RESTART_UNKNOWN] = "", [SIGHTING_RESTARTED] = ", restarted", [SIGHTING_WENT_ON] = ", not restarted",
	};
	const struct sighting *after = &record->sighted_after;

	if (after->timer == SIGHTING_NO_TIMER)
		textbuf_add(out, "no timer");
	else
		textbuf_add(out, "%s timer, %.3g s left%s", sighting_timer_name(after->timer), after->expires_ms / 1e3,
			    words[record_restart(record)]);
}

static void add_number(struct textbuf *out, const char *separator, const char *base, uint32_t value, uint32_t from)
{
	textbuf_item(out, separator, "%s", base);
	if (value != from)
		textbuf_add(out, "%+" PRId32, seq_diff(value, from));
}

/* "time-wait timer, 60 s left, restarted; rcv_nxt+10, ts_recent+1000" */
const char *report_after_text(const struct record *record, char buffer[static REPORT_AFTER_SIZE])
{
	const struct sighting *after = &record->sighted_after;
	const struct memory memory = record_memory(record);
	struct textbuf out;

	textbuf_init(&out, buffer, REPORT_AFTER_SIZE);
	if (has_socket(record))
		add_timer(record, &out);
	if (has_socket(record) && sighting_has_queues(after))
		textbuf_add(&out, "; Recv-Q %" PRIu32 ", Send-Q %" PRIu32, after->recv_queue, after->send_queue);
	if (memory.has_rcv_nxt && record->has_baseline)
		add_number(&out, "; ", "rcv_nxt", memory.rcv_nxt, record->baseline.rcv_nxt);
	if (memory.has_ts_recent && record->has_baseline)
		add_number(&out, ", ", "ts_recent", memory.ts_recent, record->baseline.ts_recent);
	return buffer;
}
