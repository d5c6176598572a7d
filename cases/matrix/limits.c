/* limits.c - the sysctls that move a counter, shorten a queue or forbid a socket, each by the kernel function that asks
 * for it. */
#include "cases/matrix/limits.h"

#include <limits.h>
#include <stdint.h>

#define TEXT(x) #x
#define TEXT_OF(x) TEXT(x)

static const char *const counters[OVERLOAD_COUNT] = {
	[OVERLOAD_LISTEN_OVERFLOWS] = "TcpExt.ListenOverflows",
	[OVERLOAD_LISTEN_DROPS] = "TcpExt.ListenDrops",
	[OVERLOAD_COOKIES] = "TcpExt.TCPReqQFullDoCookies",
	[OVERLOAD_TIME_WAITS] = "TcpExt.TCPTimeWaitOverflow",
};

const char *limits_counter(enum overload overload)
{
	return counters[overload];
}

/* listen() takes the smaller of backlog and somaxconn; the lab listens again when it changes. */
static long queue(const struct conditions *conditions, bool at_probe)
{
	return conditions_number(conditions, "net.core.somaxconn", at_probe, LONG_MAX);
}

static long cookies(const struct conditions *conditions, const struct kernel *kernel, bool at_probe)
{
	return conditions_number(conditions, "tcp_syncookies", at_probe, kernel && kernel->always_cookies ? 2 : 1);
}

/* tcp_conn_request(): syncookies == 2 -> tcp_syn_flood_action() -> want_cookie */
bool limits_cookies_always(const struct conditions *conditions, const struct kernel *kernel, bool at_probe)
{
	return cookies(conditions, kernel, at_probe) == 2;
}

/* inet_twsk_alloc(): tw_count >= sysctl_max_tw_buckets -> NULL; then tcp_time_wait() counts TCPTimeWaitOverflow, and
 * tcp_done() is the end of the socket. */
bool limits_no_time_waits(const struct conditions *conditions, const struct kernel *kernel, bool at_probe)
{
	return conditions_number(conditions, "tcp_max_tw_buckets", at_probe, !(kernel && kernel->no_time_waits)) == 0;
}

static void at_most(struct limits *limits, long number)
{
	size_t most = number > 1 ? (size_t)number : 1;

	if (most < limits->at_a_time)
		limits->at_a_time = most;
}

void limits_of(const struct conditions *conditions, const struct kernel *kernel, struct limits *limits)
{
	*limits = (struct limits){ .at_a_time = SIZE_MAX };
	for (enum overload i = 0; i < OVERLOAD_COUNT; i++)
		limits->counts[i] = true;
	for (int probe = 0; probe < 2; probe++) {
		long backlog = conditions_number(conditions, "tcp_max_syn_backlog", probe, LONG_MAX);
		long buckets = conditions_number(conditions, "tcp_max_tw_buckets", probe, LONG_MAX);

		if (limits_cookies_always(conditions, kernel, probe))
			limits->counts[OVERLOAD_COOKIES] = false;
		if (limits_no_time_waits(conditions, kernel, probe))
			limits->counts[OVERLOAD_TIME_WAITS] = false;
		else if (buckets != LONG_MAX)
			at_most(limits, buckets);
		if (queue(conditions, probe) != LONG_MAX)
			at_most(limits, queue(conditions, probe));
		/* tcp_conn_request(): without cookies a SYN is dropped once less than a quarter of it is left. */
		if (backlog != LONG_MAX && cookies(conditions, kernel, probe) == 0)
			at_most(limits, backlog - (backlog >> 2) + 1);
	}
}

bool limits_leave_nothing(enum state state, const struct conditions *conditions, const struct kernel *kernel)
{
	return (state == STATE_TIME_WAIT || state == STATE_FIN_WAIT_2) && limits_no_time_waits(conditions, kernel, false);
}

/* tcp_conn_request(): reqsk_free() after a cookie */
bool limits_only_cookie(const struct cell *cell, const struct kernel *kernel)
{
	return cell->state == STATE_SYN_RECV && cell->opening == OPENING_PASSIVE &&
	       limits_cookies_always(&cell->conditions, kernel, false);
}

/* tcp_init_sock(): a socket's buffer is tcp_rmem[1]. Half of it is window (tcp_win_from_space()): 2304 bytes, 18 units of the
 * scale, which tcp_rmem[2] decides (tcp_select_initial_window()). SO_RCVBUF would switch the scale off. One segment that fills
 * the window takes 4352 bytes of the buffer, and one of 256 bytes 1280, so that nothing is pruned. */
void limits_conditions(const struct cell *cell, struct conditions *conditions)
{
	struct error error;

	*conditions = cell->conditions;
	if (cell->receive_window != RECEIVE_WINDOW_USUAL)
		conditions_add(conditions, "tcp_rmem=4096,4608," TEXT_OF(LIMITS_SMALL_RMEM_MOST), false, &error);
}

void limits_manner(const struct cell *cell, struct manner *manner)
{
	const struct state_plan *plan = cell_plan(cell);

	*manner = (struct manner){
		.defers = cell->defers_accept, .lingers_zero = cell->lingers_zero, .keepalive_s = cell->keepalive_s.number,
		.user_timeout_ms = cell->user_timeout_ms.number,
		.linger2_s = !cell->linger2_s.given ? 0 : cell->linger2_s.number ? (int32_t)cell->linger2_s.number : -1,
		.min_ttl = (uint8_t)cell->min_ttl.number,
		.holds = plan->behaviour == BEHAVIOUR_HOLD && limits_cookies_always(&cell->conditions, NULL, false),
	};
}

const char *limits_bar(const struct cell *cell, const struct kernel *kernel)
{
	const struct state_plan *plan = cell_plan(cell);

	/* inet_csk_reqsk_queue_is_full(): len >= sk_max_ack_backlog became len > sk_max_ack_backlog. */
	if (queue(&cell->conditions, false) == 0 || queue(&cell->conditions, true) == 0)
		return "net.core.somaxconn=0: whether such a queue takes one connection or none depends on the kernel's "
		       "release; use 1 or more";
	if (cell->queue == QUEUE_SYN_FULL && limits_cookies_always(&cell->conditions, kernel, false))
		return "cannot be reached: where every SYN gets a cookie no half-open connection fills the queue; "
		       "tcp_syncookies=2@probe sets it once the state is reached";
	/* tcp_ecn_create_request() */
	if (cell->connection_ecn && conditions_number(&cell->conditions, "tcp_ecn", false, 1) == 0)
		return "cannot be reached: a server with tcp_ecn=0 agrees to no ECN; tcp_ecn=0@probe sets it once the state is "
		       "reached";
	/* The process of another server does with its connections what it wants. */
	if (limits_only_cookie(cell, kernel) && !limits_only_cookie(cell, NULL))
		return "cannot be reached: where every SYN gets a cookie the kernel keeps no half-open connection";
	/* tcp_reqsk_record_syn() is left out for a cookie, and with it the window by which a client asks for a behaviour. */
	if (limits_cookies_always(&cell->conditions, NULL, false) && state_plan_has(plan, WHO_CRAFTED, DOES_ACK) &&
	    !state_plan_connects(plan) &&
	    plan->behaviour != BEHAVIOUR_CLOSE && plan->behaviour != BEHAVIOUR_HOLD)
		return "cannot be reached: where every SYN gets a cookie the server never sees the SYN, by which it would be "
		       "asked to shut the connection down; tcp_syncookies=2@probe sets it once the state is reached";
	return NULL;
}
