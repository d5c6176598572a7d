/* cell_host.c - the sysctls of a cell that decide about fields, and the sizes that follow from the kernel's own. */
#include "cases/matrix/cell_host.h"

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

/* tcp_full_space(): half of the buffer; by tcp_adv_win_scale, which is 1, or by TCP_DEFAULT_SCALING_RATIO. Between those
 * two the ratio was another one. */
static uint32_t full_space(const struct kernel *kernel)
{
	bool half = !kernel_known(kernel) || kernel_at_least(kernel, 6, 12) || !kernel_at_least(kernel, 6, 6);

	return half ? kernel->rmem / 2 : 0;
}

/* cookie_v4_check(), cookie_v6_check(): tcp_select_initial_window() by the MSS that the cookie had, of msstab, of our 1460. */
uint32_t cell_cookie_window(const struct cell *cell, const struct kernel *kernel)
{
	enum { USUAL_SPACE = 65536, IPV4_MSS = 1460, IPV6_MSS = 1440 };
	uint32_t space = kernel->rmem ? full_space(kernel) : USUAL_SPACE, mss = cell->family == 6 ? IPV6_MSS : IPV4_MSS;

	if (cell->opening != OPENING_PASSIVE || !limits_cookies_always(&cell->conditions, kernel, false))
		return 0;
	space = oracle_fields_whole_segments(space, mss);
	return space < UINT16_MAX ? space : UINT16_MAX;
}

struct field_host cell_field_host(const struct cell *cell, const struct kernel *kernel, bool ours)
{
	enum { ECN_PASSIVE = 2 };
	const struct conditions *conditions = &cell->conditions;
	bool shrinks = conditions_value(conditions, "tcp_shrink_window", true) != NULL;
	bool sized = ours && cell->receive_window == RECEIVE_WINDOW_USUAL && kernel->rmem;

	return (struct field_host){
		.settings = ours && !sets_what_fields_show(conditions) &&
			    (!shrinks || cell->receive_window == RECEIVE_WINDOW_SHRUNK),
		.ecn = (uint8_t)conditions_number(conditions, "tcp_ecn", true, ECN_PASSIVE),
		.counts_ecn = conditions_number(conditions, "tcp_ecn_option", true, 1) != 0,
		.clock_stays = !conditions_value(conditions, "tcp_timestamps", true),
		.mss = sized ? route_mss(cell) : 0,
		.space = sized ? full_space(kernel) : 0,
		.space_most = kernel->rmem_most,
	};
}

/* tcp_fin_time(), tcp_rcv_state_process(): a longer time than TCP_TIMEWAIT_LEN begins in a full socket. */
static uint32_t fin_timeout_ms(const struct cell *cell)
{
	long seconds = life_fin_timeout_s(cell, true);

	return seconds > 0 && seconds <= SIGHTING_TIME_WAIT_MS / 1000 ? (uint32_t)seconds * 1000 : 0;
}

struct remains_host cell_remains_host(const struct cell *cell, bool ours)
{
	return (struct remains_host){
		.ours = ours,
		.fin_timeout_ms = ours ? fin_timeout_ms(cell) : 0,
		.keepalive = cell->keepalive_s.given,
		.unread = cell_unread(cell),
	};
}
