/* cell_host.c - the sysctls of a cell that decide about fields, and the sizes that follow from the kernel's own. */
#include "cases/matrix/cell_host.h"

#include <stdlib.h>
#include <string.h>

#include "cases/matrix/life.h"
#include "cases/matrix/limits.h"
#include "crafter/headers.h"
#include "crafter/sighting.h"

uint32_t cell_unread(const struct cell *cell)
{
	switch (cell->receive_window) {
	case RECEIVE_WINDOW_CLOSED:
		return CELL_SMALL_WINDOW;
	case RECEIVE_WINDOW_SHRUNK:
		return CELL_SHRUNK_DATA;
	default:
		return cell->unread.number;
	}
}

/* Sysctls that decide about fields, and are no part of what is known of a host. */
static bool sets_what_fields_show(const struct conditions *conditions)
{
	static const char *const names[] = {
		"tcp_sack", "tcp_dsack", "tcp_window_scaling", "tcp_rmem", "tcp_app_win",
		"tcp_adv_win_scale", "tcp_workaround_signed_windows", "tcp_base_mss", "tcp_min_snd_mss",
		"tcp_congestion_control", "tcp_mem", "net.core.rmem_max", "net.core.rmem_default", "tcp_ecn_fallback",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (conditions_value(conditions, names[i], true))
			return true;
	return false;
}

/* The loopback of the lab: LOOPBACK_MTU of drivers/net/loopback.c; ipv4_default_advmss(), ip6_default_advmss(). */
static uint16_t route_mss(const struct cell *cell)
{
	enum { LOOPBACK_MTU = 65536, IPV4_MTU_MOST = 65535 };

	if (*cell->path)
		return 0;
	return cell->family == 6 ? LOOPBACK_MTU - TCP_HEADER_SIZE - IPV6_HEADER_SIZE :
				   IPV4_MTU_MOST - TCP_HEADER_SIZE - IPV4_HEADER_SIZE;
}

/* tcp_init_sock(): the listener's buffer is tcp_rmem[1], which the cell may set. 0: not known. */
static uint32_t listener_buffer(const struct cell *cell, const struct kernel *kernel)
{
	struct conditions conditions;
	const char *value;

	limits_conditions(cell, &conditions);
	value = conditions_value(&conditions, "tcp_rmem", false);
	value = value ? strchr(value, ',') : NULL;
	return value ? (uint32_t)strtoul(value + 1, NULL, 10) : kernel->rmem;
}

/* tcp_full_space(): half of the buffer; by tcp_adv_win_scale, which is 1, or by TCP_DEFAULT_SCALING_RATIO. Between those
 * two the ratio depended on the kernel's configuration: SKB_TRUESIZE(4096) is in it, and CONFIG_MAX_SKB_FRAGS in that. */
static uint32_t full_space(const struct kernel *kernel, uint32_t buffer)
{
	return kernel_halves_buffers(kernel) ? buffer / 2 : 0;
}

uint32_t cell_nominal_window(const struct cell *cell, const struct kernel *kernel)
{
	bool sets = conditions_value(&cell->conditions, "tcp_rmem", false) != NULL;
	uint32_t space = sets ? full_space(kernel, listener_buffer(cell, kernel)) : 0;

	return space && space < UINT16_MAX ? space : UINT16_MAX;
}

/* tcp_openreq_init_rwin(), tcp_connect_init(), tcp_select_initial_window(): timestamps take room of a request's segments. The
 * SYN's own field has 16 bits. */
uint32_t cell_first_window(const struct cell *cell, const struct kernel *kernel, bool timestamps)
{
	enum { TIMESTAMPS_ROOM = 12 };
	uint32_t space = kernel->rmem ? full_space(kernel, listener_buffer(cell, kernel)) : 0, mss = route_mss(cell);

	if (!space || !mss)
		return 0;
	return oracle_fields_whole_segments(space, mss - (timestamps && !cell_connects(cell) ? TIMESTAMPS_ROOM : 0u));
}

/* cookie_v4_check(), cookie_v6_check(): tcp_select_initial_window() by the MSS that the cookie had, of msstab, of our 1460. */
uint32_t cell_cookie_window(const struct cell *cell, const struct kernel *kernel)
{
	enum { USUAL_SPACE = 65536, IPV4_MSS = 1460, IPV6_MSS = 1440 };
	uint32_t buffer, space, mss = cell->family == 6 ? IPV6_MSS : IPV4_MSS;

	if (cell_connects(cell) || !limits_cookies_always(&cell->conditions, kernel, false))
		return 0;
	buffer = listener_buffer(cell, kernel);
	space = buffer ? full_space(kernel, buffer) : USUAL_SPACE;
	return oracle_fields_whole_segments(space, mss);
}

/* tcp_select_initial_window(): the larger of tcp_rmem[2] and net.core.rmem_max. 0: not known. */
static uint32_t largest_space(const struct cell *cell, const struct kernel *kernel)
{
	uint32_t most = cell->receive_window == RECEIVE_WINDOW_USUAL ? kernel->rmem_most : LIMITS_SMALL_RMEM_MOST;

	return most > kernel->rmem_max ? most : kernel->rmem_max;
}

struct field_host cell_field_host(const struct cell *cell, const struct kernel *kernel, bool ours)
{
	enum { ECN_PASSIVE = 2 };
	const struct conditions *conditions = &cell->conditions;
	bool shrinks = conditions_value(conditions, "tcp_shrink_window", true) != NULL;
	/* Where the subject connects, the listener on its port was there before. */
	bool sized = ours && kernel->rmem && (cell->receive_window == RECEIVE_WINDOW_USUAL || !cell_connects(cell));

	return (struct field_host){
		.settings = ours && !sets_what_fields_show(conditions) &&
			    (!shrinks || cell->receive_window == RECEIVE_WINDOW_SHRUNK),
		.ecn = (uint8_t)conditions_number(conditions, "tcp_ecn", true, ECN_PASSIVE),
		.counts_ecn = conditions_number(conditions, "tcp_ecn_option", true, 1) != 0,
		.clock_stays = !conditions_value(conditions, "tcp_timestamps", true),
		.mss = sized ? route_mss(cell) : 0,
		.space = sized ? full_space(kernel, listener_buffer(cell, kernel)) : 0,
		.space_most = largest_space(cell, kernel),
	};
}

/* tcp_fin_time(), tcp_rcv_state_process(): a longer time than TCP_TIMEWAIT_LEN begins in a full socket. */
static uint32_t fin_timeout_ms(const struct cell *cell)
{
	long seconds = life_fin_timeout_s(cell, true);

	return seconds > 0 && seconds <= SIGHTING_TIME_WAIT_MS / 1000 ? (uint32_t)seconds * 1000 : 0;
}

/* tcp_create_openreq_child() and tcp_finish_connect() start the timer of SO_KEEPALIVE; where SYNs cross nothing does. */
struct remains_host cell_remains_host(const struct cell *cell, bool ours)
{
	return (struct remains_host){
		.ours = ours,
		.fin_timeout_ms = ours ? fin_timeout_ms(cell) : 0,
		.keepalive = cell->keepalive_s.given && cell->opening != OPENING_SIMULTANEOUS,
		.unread = cell_unread(cell),
	};
}
