/* oracle.c - names of books and answers, and the way from a cell to a book. */
#include "cases/oracle.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cases/oracle_internal.h"

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

const char *book_name(enum book book)
{
	return (unsigned)book < BOOK_COUNT ? book_names[book] : NULL;
}

enum book book_parse(const char *name)
{
	return (enum book)index_of(name, book_names, BOOK_COUNT);
}

const char *answer_name(enum answer answer)
{
	return (unsigned)answer < ANSWER_COUNT ? answer_names[answer] : NULL;
}

enum answer answer_parse(const char *name)
{
	return (enum answer)index_of(name, answer_names, ANSWER_COUNT);
}

const char *isn_name(enum isn isn)
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
	return strtol(value, NULL, 10) != 0;
}

enum {
	/* The window is some 64 to 65 KB and known exactly only on the wire. Offsets counted from its edge do
	 * not depend on it. */
	NOMINAL_WINDOW = 65535,
	/* TSval 0 is 1 .. 2^31-1 below ts_recent; any distance in the middle stands for it. */
	ZERO_AGE = 1 << 30,
};

static uint32_t arrival_tsval(const struct offset *ts)
{
	if (ts->form == OFFSET_ZERO)
		return seq_add(0, -(int64_t)ZERO_AGE);
	return seq_add(0, ts->value);
}

void arrival_of(const struct cell *cell, const struct kernel *kernel, struct arrival *arrival)
{
	const struct stimulus *stimulus = &cell->stimulus;
	const struct conditions *conditions = &cell->conditions;
	uint8_t flags = kind_flags(stimulus->kind);

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
	arrival->tsval = arrival_tsval(&stimulus->ts);
	arrival->connection_timestamps = cell->connection_timestamps &&
		sysctl_on(conditions, "tcp_timestamps", false, kernel->timestamps);
	arrival->timestamps = sysctl_on(conditions, "tcp_timestamps", true, kernel->timestamps);
	arrival->rfc1337 = sysctl_on(conditions, "tcp_rfc1337", true, kernel->rfc1337);
}

void expectation_from(const struct rule *rule, enum state before, struct expectation *expectation)
{
	expectation->answer = rule->answer;
	expectation->isn = rule->isn;
	expectation->after = rule->after == SAME ? before : rule->after;
	expectation->citation = rule->citation;
	expectation->reason = rule->reason;
}

void oracle_ask(enum book book, const struct cell *cell, const struct kernel *kernel,
		struct expectation *expectation)
{
	switch (book) {
	case BOOK_LINUX:
		oracle_linux(cell, kernel, expectation);
		break;
	case BOOK_RFC:
		oracle_rfc(cell, kernel, expectation);
		break;
	default:
		oracle_folk(cell, kernel, expectation);
		break;
	}
}
