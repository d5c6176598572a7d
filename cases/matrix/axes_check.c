/* axes_check.c - which values of two axes rule each other out, and why. */
#include "cases/matrix/axes_internal.h"

#include <string.h>

#include "crafter/behaviour.h"

enum { ANSWERED_MS = 5000 }; /* a cell is over within that, without its delay */
/* The flags that decide whether a segment opens a connection. */
enum { OPENING_FLAGS = FLAG_FIN | FLAG_SYN | FLAG_RST | FLAG_ACK };

int axes_check_segment(const struct cell *cell, struct error *error)
{
	enum icmp_error error_kind = stimulus_kind_icmp(cell->stimulus.kind);
	uint8_t type, code;

	if (axes_stimulus_is_segment(cell) || icmp_error_codes(error_kind, cell->family, &type, &code))
		return 0;
	return fail(error, "bad segment '%s': IPv%u has no such error", stimulus_kind_name(cell->stimulus.kind),
		    (unsigned)cell->family);
}

int axes_check_seq(const struct cell *cell, struct error *error)
{
	if (axes_stimulus_is_segment(cell) || cell->stimulus.seq.form != OFFSET_WINDOW)
		return 0;
	return fail(error, "bad seq 'wnd': the number that an ICMP error quotes is one of the subject's own, relative to its "
		    "snd_nxt; expected equal, below, above or a number");
}

int axes_check_ts(const struct cell *cell, struct error *error)
{
	if (axes_stimulus_is_segment(cell) || cell->stimulus.ts.form == OFFSET_ABSENT)
		return 0;
	return fail(error, "bad ts: an ICMP error has no timestamps; expected absent");
}

/* Only a SYN opens a connection, and the server looks at nothing else. */
int axes_check_window(const struct cell *cell, struct error *error)
{
	const struct choice *window = &cell->stimulus.window;

	if (!window->given || (stimulus_kind_flags(cell->stimulus.kind) & OPENING_FLAGS) != FLAG_SYN ||
	    window->number < BEHAVIOUR_WINDOW || window->number >= BEHAVIOUR_WINDOW + BEHAVIOUR_COUNT)
		return 0;
	return fail(error, "bad window '%u': with %d to %d a SYN asks twprobe's own server for a behaviour; expected "
		    "another number", window->number, BEHAVIOUR_WINDOW, BEHAVIOUR_WINDOW + BEHAVIOUR_COUNT - 1);
}

/* Whether the segment has timestamps is another axis: they have their place in any case. */
int axes_check_options(const struct cell *cell, struct error *error)
{
	size_t size = cell->stimulus.options.size, room = stimulus_options_room(cell->stimulus.kind);

	if (size <= room)
		return 0;
	return fail(error, "bad options: %zu bytes, but a TCP header has room for %d, and %s has %zu of its own; expected at "
		    "most %zu", size, SEGMENT_OPTIONS_MAX, stimulus_kind_name(cell->stimulus.kind), SEGMENT_OPTIONS_MAX - room,
		    room);
}

int axes_check_opening(const struct cell *cell, struct error *error)
{
	if (cell_plan(cell))
		return 0;
	if (cell->state == STATE_SYN_RECV)
		return fail(error, "bad opening 'active': syn-recv comes after two SYNs; expected passive, simultaneous");
	if (cell->state == STATE_SYN_SENT)
		return fail(error, "bad opening 'simultaneous': syn-sent has no answer yet; expected active");
	return fail(error, "bad opening '%s': %s is a state without a connection", axes_row(AXIS_OPENING)->words[cell->opening],
		    state_name(cell->state));
}

/* A half-open connection belongs to its listener and goes with it (inet_csk_listen_stop()). */
int axes_check_listener(const struct cell *cell, struct error *error)
{
	bool half_open = cell->state == STATE_SYN_RECV && cell->opening == OPENING_PASSIVE;

	if (cell->nobody_listens && cell->state == STATE_CLOSED)
		return fail(error, "bad listener 'gone': in closed nobody has ever listened; expected kept");
	if (!cell->nobody_listens || (cell->state != STATE_LISTEN && !half_open))
		return 0;
	return fail(error, "bad listener 'gone': in %s the listener itself gets the segment; expected kept",
		    state_name(cell->state));
}

/* Who asks the listener's queues: tcp_conn_request(), and tcp_v4_syn_recv_sock() for a half-open connection. A SYN that reopens
 * time-wait is one to the listener. */
int axes_check_queue(const struct cell *cell, struct error *error)
{
	bool half_open = cell->state == STATE_SYN_RECV && cell->queue == QUEUE_ACCEPT_FULL;
	const char *word = axes_row(AXIS_QUEUE)->words[cell->queue];

	if (cell->queue == QUEUE_ROOM)
		return 0;
	if (cell->nobody_listens)
		return fail(error, "bad queue '%s': nobody listens; expected the listener to be kept", word);
	if (cell->opening != OPENING_PASSIVE)
		return fail(error, "bad queue '%s': the subject connected; expected a passive opening", word);
	if (cell->state == STATE_LISTEN || cell->state == STATE_TIME_WAIT || half_open)
		return 0;
	return fail(error, "bad queue '%s': in %s no segment asks for room in it; expected one of listen, time-wait%s", word,
		    state_name(cell->state), cell->queue == QUEUE_ACCEPT_FULL ? ", syn-recv" : "");
}

/* __tcp_close(): data_was_unread -> TCPAbortOnClose, tcp_send_active_reset(). Who waits for the end of file reads. */
int axes_check_unread(const struct cell *cell, struct error *error)
{
	static const char those[] = "established, close-wait, fin-wait-1-half, fin-wait-2-half, closing-half";

	if (!cell->unread.given)
		return 0;
	switch (cell->state) {
	case STATE_ESTABLISHED:
	case STATE_CLOSE_WAIT:
	case STATE_FIN_WAIT_1_HALF:
	case STATE_FIN_WAIT_2_HALF:
	case STATE_CLOSING_HALF:
		return 0;
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2:
	case STATE_CLOSING:
	case STATE_TIME_WAIT:
	case STATE_LAST_ACK:
		return fail(error, "bad unread: %s cannot be reached, because the close() of a socket with unread data sends "
			    "an RST instead of a FIN; expected one of %s", state_name(cell->state), those);
	case STATE_LAST_ACK_HALF:
		return fail(error, "bad unread: in last-ack-half the process has read all that there is; expected one of %s",
			    those);
	default:
		return fail(error, "bad unread: %s has no data to read; expected one of %s", state_name(cell->state), those);
	}
}

static bool shrinks(const struct conditions *conditions)
{
	const char *value = conditions_value(conditions, "tcp_shrink_window", false);

	return value && strcmp(value, "1") == 0;
}

/* A FIN behind a full window is one beyond it, which not every kernel takes. */
int axes_check_receive_window(const struct cell *cell, struct error *error)
{
	const char *word = axes_row(AXIS_RECEIVE_WINDOW)->words[cell->receive_window];

	if (cell->receive_window == RECEIVE_WINDOW_USUAL)
		return 0;
	if (cell->state == STATE_CLOSED || cell->state == STATE_LISTEN)
		return fail(error, "bad receive-window '%s': in %s there is no connection that has one", word,
			    state_name(cell->state));
	if (conditions_value(&cell->conditions, "tcp_rmem", true) || cell->conditions.sysctl_count == CONDITIONS_MAX)
		return fail(error, "bad receive-window '%s': it sets tcp_rmem itself; expected no tcp_rmem, and at most %d "
			    "sysctls", word, CONDITIONS_MAX - 1);
	/* tcp_win_from_space(), before 6.6 */
	if (conditions_value(&cell->conditions, "tcp_adv_win_scale", true))
		return fail(error, "bad receive-window '%s': it is half of a buffer, of which tcp_adv_win_scale makes another "
			    "part; expected no tcp_adv_win_scale", word);
	if (cell->receive_window == RECEIVE_WINDOW_SMALL)
		return 0;
	if (cell->state != STATE_ESTABLISHED && cell->state != STATE_FIN_WAIT_1_HALF && cell->state != STATE_FIN_WAIT_2_HALF)
		return fail(error, "bad receive-window '%s': only data that nobody reads fills it; expected one of "
			    "established, fin-wait-1-half, fin-wait-2-half", word);
	if (cell->unread.given)
		return fail(error, "bad receive-window '%s': it decides itself how much is left unread; expected no 'unread'",
			    word);
	if (cell->receive_window == RECEIVE_WINDOW_SHRUNK && !shrinks(&cell->conditions))
		return fail(error, "bad receive-window 'shrunk': Linux takes nothing back by default; expected "
			    "tcp_shrink_window=1 as well");
	return 0;
}

/* tcp_rcv_state_process(), TCP_FIN_WAIT1: SOCK_DEAD, linger2 < 0 -> tcp_done() */
int axes_check_linger2(const struct cell *cell, struct error *error)
{
	if (!cell->linger2_s.given)
		return 0;
	if (cell->state != STATE_FIN_WAIT_1 && cell->state != STATE_FIN_WAIT_2)
		return fail(error, "bad linger2 '%u': only fin-wait-1 and fin-wait-2 have anything to do with it",
			    cell->linger2_s.number);
	if (cell->linger2_s.number > 0 || cell->state == STATE_FIN_WAIT_1)
		return 0;
	return fail(error, "bad linger2 '0': then there is no fin-wait-2; expected 1 or more, or fin-wait-1");
}

int axes_check_connection_ecn(const struct cell *cell, struct error *error)
{
	if (!cell->connection_ecn)
		return 0;
	if (cell->state == STATE_CLOSED || cell->state == STATE_LISTEN || cell->state == STATE_SYN_SENT)
		return fail(error, "bad connection-ecn 'on': %s has no connection yet that could have it",
			    state_name(cell->state));
	if (cell->opening == OPENING_PASSIVE)
		return 0;
	return fail(error, "bad connection-ecn 'on': the subject connected, and it is for its SYN to ask; expected a passive "
		    "opening");
}

int axes_check_ttl(const struct cell *cell, struct error *error)
{
	if (!cell->stimulus.ttl.given || !cell->path[0])
		return 0;
	return fail(error, "bad ttl '%u': the path between lowers it on the way; expected no path",
		    cell->stimulus.ttl.number);
}

int axes_check_min_ttl(const struct cell *cell, struct error *error)
{
	if (!cell->min_ttl.given)
		return 0;
	if (cell->state == STATE_CLOSED)
		return fail(error, "bad min-ttl '%u': in closed there is no socket that could ask for it",
			    cell->min_ttl.number);
	if (!cell->path[0])
		return 0;
	return fail(error, "bad min-ttl '%u': the path between lowers what all our segments have; expected no path",
		    cell->min_ttl.number);
}

int axes_check_deferred_accept(const struct cell *cell, struct error *error)
{
	bool half_open = cell->state == STATE_SYN_RECV && cell->opening == OPENING_PASSIVE;

	if (!cell->defers_accept || half_open || cell->state == STATE_LISTEN || cell->state == STATE_SYN_SENT)
		return 0;
	return fail(error, "bad deferred-accept 'on': %s has nothing to do with it, or needs data to be reached; expected "
		    "one of listen, syn-sent, syn-recv (by a passive opening)", state_name(cell->state));
}

/* __tcp_close(): SOCK_LINGER and no sk_lingertime -> tcp_disconnect() */
int axes_check_linger(const struct cell *cell, struct error *error)
{
	if (!cell->lingers_zero)
		return 0;
	switch (cell->state) {
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_2:
	case STATE_CLOSING:
	case STATE_TIME_WAIT:
	case STATE_LAST_ACK:
		return fail(error, "bad linger 'zero': %s cannot be reached, because close() then sends an RST instead of a "
			    "FIN; expected a state whose descriptor is open", state_name(cell->state));
	default:
		return 0;
	}
}

/* tcp_keepalive_timer(), retransmits_timed_out() */
int axes_check_user_timeout(const struct cell *cell, struct error *error)
{
	if (!cell->user_timeout_ms.given || cell->delay_ms.number + ANSWERED_MS < cell->user_timeout_ms.number)
		return 0;
	return fail(error, "bad user-timeout '%u': the subject may give the connection up before it is over; expected %u or "
		    "more",
		    cell->user_timeout_ms.number, cell->delay_ms.number + ANSWERED_MS + 1);
}
