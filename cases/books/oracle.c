/* oracle.c - names of books and answers, and the way from a cell to a book. */
#include "cases/books/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/books/limits.h"
#include "cases/books/oracle_internal.h"

static const char *const book_names[BOOK_COUNT] = {
	[BOOK_LINUX] = "linux",
	[BOOK_RFC] = "rfc",
	[BOOK_FOLK] = "folk",
};

static const char *const answer_names[ANSWER_COUNT] = {
	[ANSWER_OPEN] = "open",
	[ANSWER_SYN_ACK] = "syn-ack",
	[ANSWER_ACK] = "ack",
	[ANSWER_RST] = "rst",
	[ANSWER_SILENCE] = "silence",
	[ANSWER_OTHER] = "other",
};

static int index_of(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	return count;
}

const char *oracle_book_name(enum book book)
{
	return (unsigned)book < BOOK_COUNT ? book_names[book] : NULL;
}

enum book oracle_book_parse(const char *name)
{
	return (enum book)index_of(name, book_names, BOOK_COUNT);
}

const char *oracle_answer_name(enum answer answer)
{
	return (unsigned)answer < ANSWER_COUNT ? answer_names[answer] : NULL;
}

enum answer oracle_answer_parse(const char *name)
{
	return (enum answer)index_of(name, answer_names, ANSWER_COUNT);
}

const char *oracle_isn_name(enum isn isn)
{
	switch (isn) {
	case ISN_CONTINUED:
		return "continued";
	case ISN_FRESH:
		return "fresh";
	default:
		return NULL;
	}
}

/* Both "tcp_rfc1337" and "net.ipv4.tcp_rfc1337" name it; `otherwise` is the kernel's own value. */
static bool sysctl_on(const struct conditions *conditions, const char *name, bool at_probe, bool otherwise)
{
	const char *value = conditions_value(conditions, name, at_probe);

	if (!value) {
		char whole[SYSCTL_NAME_SIZE];

		snprintf(whole, sizeof(whole), "net.ipv4.%s", name);
		value = conditions_value(conditions, whole, at_probe);
	}
	if (!value)
		return otherwise;
	return strtol(value, NULL, 0) != 0; /* as the kernel reads it */
}

enum {
	/* The window is some 64 to 65 KB and known exactly only on the wire. Offsets counted from its edge do
	 * not depend on it. */
	NOMINAL_WINDOW = 65535,
};

/* Ours is below 2^31 and far from both ends; any such number gives the same answers. */
static const struct past nominal_past = { .ts_recent = 1 << 30 };

/* The stimulus as it arrives, where none of the doubts is. */
static void arrival_of(const struct cell *cell, const struct kernel *kernel, const struct past *past,
		       struct arrival *arrival)
{
	const struct stimulus *stimulus = &cell->stimulus;
	const struct conditions *conditions = &cell->conditions;
	uint8_t flags = stimulus_kind_flags(stimulus->kind);

	memset(arrival, 0, sizeof(*arrival));
	arrival->state = cell->state;
	arrival->syn = flags & FLAG_SYN;
	arrival->ack = flags & FLAG_ACK;
	arrival->rst = flags & FLAG_RST;
	arrival->fin = flags & FLAG_FIN;
	arrival->rcv_wnd = NOMINAL_WINDOW;
	arrival->seq = seq_add(0, stimulus->seq.value);
	if (stimulus->seq.form == OFFSET_WINDOW)
		arrival->seq += arrival->rcv_wnd;
	arrival->end_seq = arrival->seq + arrival->syn + arrival->fin;
	if (stimulus->kind == KIND_DATA)
		arrival->end_seq += STIMULUS_PAYLOAD;
	arrival->ack_seq = seq_add(0, stimulus->ack.value);
	arrival->has_timestamp = stimulus->ts.form != OFFSET_ABSENT;
	arrival->ts_recent = past->ts_recent;
	arrival->ts_age_s = past->ts_age_s;
	arrival->tsval = stimulus->ts.form == OFFSET_ZERO ? 0 : seq_add(past->ts_recent, stimulus->ts.value);
	arrival->connection_timestamps = cell->connection_timestamps &&
		sysctl_on(conditions, "tcp_timestamps", false, kernel->timestamps);
	arrival->timestamps = sysctl_on(conditions, "tcp_timestamps", true, kernel->timestamps);
	arrival->rfc1337 = sysctl_on(conditions, "tcp_rfc1337", true, kernel->rfc1337);
	/* The process of LAST_ACK closed after it had read the end of file; ours reads nothing else. */
	arrival->fin_read = cell->state == STATE_LAST_ACK;
	arrival->cookies = limits_cookies_always(conditions, kernel, true);
	arrival->no_time_waits = limits_no_time_waits(conditions, kernel, true);
	arrival->gone = limits_leave_nothing(cell, kernel);
	if (arrival->gone)
		arrival->state = STATE_LISTEN;
}

/* Where the kernel keeps no TIME_WAIT sockets, one that would begin with the stimulus is the end instead; FIN_WAIT_2 that
 * becomes TIME_WAIT stays the small socket that it is. */
static enum state after_rule(const struct arrival *arrival, enum book book, enum state after)
{
	bool small = arrival->state == STATE_TIME_WAIT || arrival->state == STATE_FIN_WAIT_2;
	bool begins = !small && (after == STATE_TIME_WAIT || after == STATE_FIN_WAIT_2);

	if (book == BOOK_LINUX && arrival->no_time_waits && begins)
		return STATE_CLOSED;
	/* The listener took the stimulus for want of another socket. */
	return arrival->gone && after == STATE_LISTEN ? STATE_CLOSED : after;
}

static void ask(enum book book, const struct arrival *arrival, const struct kernel *kernel,
		struct expectation *expectation)
{
	const struct rule *rule = book == BOOK_LINUX ? oracle_linux_rule(arrival, kernel) :
				  book == BOOK_RFC ? oracle_rfc_rule(arrival) : oracle_folk_rule(arrival);

	expectation->answer = rule->answer;
	expectation->isn = rule->isn;
	expectation->after = after_rule(arrival, book, rule->after == SAME ? arrival->state : rule->after);
	expectation->citation = rule->citation;
	expectation->reason = rule->reason;
	expectation->stranger = kernel->stranger;
}

void oracle_ask(enum book book, const struct cell *cell, const struct kernel *kernel,
		struct expectation *expectation)
{
	struct arrival arrival;

	arrival_of(cell, kernel, &nominal_past, &arrival);
	ask(book, &arrival, kernel, expectation);
}

/* Without a limit, as newer kernels have it, tcp_challenge_ack_limit is INT_MAX. */
bool oracle_is_limited(const struct cell *cell)
{
	const char *value = conditions_value(&cell->conditions, "tcp_challenge_ack_limit", true);

	return value && strtol(value, NULL, 10) < INT32_MAX;
}

static unsigned doubts_of(const struct cell *cell, const struct kernel *kernel)
{
	unsigned doubts = oracle_is_limited(cell) ? DOUBT_LIMIT : 0;

	if (kernel->unsettled && cell->state == STATE_TIME_WAIT && !conditions_value(&cell->conditions, "tcp_rfc1337", true))
		doubts |= DOUBT_RFC1337;
	if (!kernel->stranger)
		return doubts;
	switch (cell->state) {
	case STATE_SYN_RECV:
		return kernel->witnessed ? doubts : doubts | DOUBT_COOKIE;
	case STATE_FIN_WAIT_1:
		return doubts | DOUBT_DESCRIPTOR;
	case STATE_FIN_WAIT_2:
	case STATE_FIN_WAIT_2_HALF:
		return kernel->witnessed ? doubts : doubts | DOUBT_DESCRIPTOR;
	case STATE_CLOSING:
	case STATE_CLOSE_WAIT:
		return doubts | DOUBT_READ;
	default:
		return doubts;
	}
}

/* The subject as it is where these doubts are true. */
static void arrival_doubt(struct arrival *arrival, unsigned doubts)
{
	if (doubts & DOUBT_LIMIT)
		arrival->limited = true;
	if (doubts & DOUBT_READ)
		arrival->fin_read = true;
	if (doubts & DOUBT_RFC1337)
		arrival->rfc1337 = true;
	if (doubts & DOUBT_COOKIE) {
		arrival->state = STATE_LISTEN;
		arrival->cookie = true;
	}
	if (!(doubts & DOUBT_DESCRIPTOR))
		return;
	arrival->held = true; /* of FIN_WAIT_1; in FIN_WAIT_2 the two have a name each */
	if (arrival->state == STATE_FIN_WAIT_2)
		arrival->state = STATE_FIN_WAIT_2_HALF;
	else if (arrival->state == STATE_FIN_WAIT_2_HALF)
		arrival->state = STATE_FIN_WAIT_2;
}

static void put(struct alternatives *alternatives, const struct expectation *expectation, uint64_t kernels,
		unsigned doubts)
{
	for (size_t i = 0; i < alternatives->count; i++) {
		struct alternative *known = &alternatives->list[i];

		if (known->expectation.answer != expectation->answer || known->expectation.isn != expectation->isn ||
		    known->expectation.after != expectation->after)
			continue;
		known->kernels |= kernels;
		return;
	}
	if (alternatives->count < ALTERNATIVES_MAX)
		alternatives->list[alternatives->count++] = (struct alternative){
			.expectation = *expectation, .kernels = kernels, .doubts = (uint8_t)doubts,
		};
}

/* The newest kernel first, and the subject as the cell says before any doubt. */
void oracle_ask_all(enum book book, const struct cell *cell, const struct kernel *kernel, const struct past *past,
		    struct alternatives *alternatives)
{
	unsigned doubts = doubts_of(cell, kernel);
	uint64_t steps = kernel_steps(kernel);
	bool one = (steps & (steps - 1)) == 0 || book != BOOK_LINUX;

	alternatives->count = 0;
	for (unsigned doubt = 0; doubt <= doubts; doubt++) {
		struct arrival arrival;
		struct expectation expectation;

		if (doubt & ~doubts)
			continue;
		arrival_of(cell, kernel, past ? past : &nominal_past, &arrival);
		arrival_doubt(&arrival, doubt);
		if (one) {
			ask(book, &arrival, kernel, &expectation);
			put(alternatives, &expectation, steps, doubt);
			continue;
		}
		for (size_t step = kernel_step_count(); step-- > 0;) {
			struct kernel at = kernel_at_step(kernel, step);

			if (!(steps >> step & 1))
				continue;
			ask(book, &arrival, &at, &expectation);
			put(alternatives, &expectation, UINT64_C(1) << step, doubt);
		}
	}
}

static const char *doubt_text(unsigned doubts, enum state state)
{
	if (doubts & DOUBT_DESCRIPTOR)
		return state == STATE_FIN_WAIT_2_HALF ? "if its process has closed the descriptor" :
							"if its process still holds the descriptor";
	if (doubts & DOUBT_RFC1337)
		return "if its tcp_rfc1337 is 1";
	if (doubts & DOUBT_COOKIE)
		return "if its SYN-ACK was a SYN cookie";
	return doubts & DOUBT_READ ? "if its process has read our FIN" : "if tcp_challenge_ack_limit is reached";
}

const char *oracle_alternative_text(const struct alternatives *alternatives, size_t number, enum state state,
				    char buffer[static ALTERNATIVE_TEXT_SIZE])
{
	const struct alternative *alternative = &alternatives->list[number];
	char kernels[KERNEL_STEPS_TEXT_SIZE];
	uint64_t all = 0;
	bool some;

	for (size_t i = 0; i < alternatives->count; i++)
		all |= alternatives->list[i].kernels;
	some = alternative->kernels != all;
	snprintf(buffer, ALTERNATIVE_TEXT_SIZE, "%s%s%s%s", some ? "kernels " : "",
		 some ? kernel_steps_text(alternative->kernels, kernels) : "", some && alternative->doubts ? ", " : "",
		 alternative->doubts ? doubt_text(alternative->doubts, state) : "");
	return buffer;
}
