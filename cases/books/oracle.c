/* oracle.c - names of books and answers, and the way from an end and a segment to a book. */
#include "cases/books/oracle.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cases/books/oracle_internal.h"
#include "cases/books/verdict.h"
#include "crafter/words.h"

static const char *const book_names[BOOK_COUNT] = {
	[BOOK_LINUX] = "linux",
	[BOOK_RFC] = "rfc",
	[BOOK_FOLK] = "folk",
	[BOOK_FREEBSD] = "freebsd",
};

static const char *const answer_names[ANSWER_COUNT] = {
	[ANSWER_OPEN] = "open",
	[ANSWER_SYN_ACK] = "syn-ack",
	[ANSWER_ACK] = "ack",
	[ANSWER_RST] = "rst",
	[ANSWER_SILENCE] = "silence",
	[ANSWER_OTHER] = "other",
};

const char *oracle_book_name(enum book book)
{
	return words_at(WORDS(book_names), book);
}

enum book oracle_book_parse(const char *name)
{
	return (enum book)words_find(WORDS(book_names), name);
}

const char *oracle_answer_name(enum answer answer)
{
	return words_at(WORDS(answer_names), answer);
}

enum answer oracle_answer_parse(const char *name)
{
	return (enum answer)words_find(WORDS(answer_names), name);
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

/* Where the kernel keeps no TIME_WAIT sockets, one that would begin with the stimulus is the end instead; FIN_WAIT_2 that
 * becomes TIME_WAIT stays the small socket that it is. */
static enum state state_after(const struct arrival *arrival, enum book book, const struct rule *rule)
{
	enum state after = rule->after == SAME ? arrival->state : rule->after;
	bool small = arrival->state == STATE_TIME_WAIT || arrival->state == STATE_FIN_WAIT_2;
	bool begins = !small && (after == STATE_TIME_WAIT || after == STATE_FIN_WAIT_2);

	if (book == BOOK_LINUX && arrival->no_time_waits && begins)
		return STATE_CLOSED;
	if (arrival->half && after == STATE_FIN_WAIT_1)
		return STATE_FIN_WAIT_1_HALF;
	if (arrival->half && after == STATE_FIN_WAIT_2)
		return STATE_FIN_WAIT_2_HALF;
	if (arrival->half && after == STATE_CLOSING)
		return STATE_CLOSING_HALF;
	if (arrival->half && after == STATE_LAST_ACK)
		return STATE_LAST_ACK_HALF;
	/* The listener got the stimulus because there was no other socket. */
	return arrival->gone && after == STATE_LISTEN ? STATE_CLOSED : after;
}

static const struct rule unseen = {
	ANSWER_OPEN, ISN_NONE, STATE_UNKNOWN,
	"no rule",
	"Too little was seen of the subject: the answer depends on its state, its numbers, its windows or its timestamps.",
};

const struct rule *oracle_rule(enum book book, const struct arrival *arrival, const struct kernel *kernel)
{
	switch (book) {
	case BOOK_LINUX:
		return oracle_linux_rule(arrival, kernel);
	case BOOK_RFC:
		return oracle_rfc_rule(arrival);
	case BOOK_FREEBSD:
		return oracle_freebsd_rule(arrival, kernel);
	default:
		return oracle_folk_rule(arrival);
	}
}

static const struct rule *rule_of(enum book book, const struct arrival *arrival, const struct kernel *kernel)
{
	const unsigned may_lack = END_SND_WND | END_RCV_WND | END_TIMESTAMPS | END_TS_RECENT;
	const struct rule *rule;

	if (arrival->state == STATE_UNKNOWN || arrival->unseen & ~may_lack)
		return &unseen;
	if (!arrival->unseen && !arrival->rcv_taken_back)
		return oracle_rule(book, arrival, kernel);
	rule = oracle_taken_back(book, arrival, kernel);
	return rule ? rule : &unseen;
}

/* secure_tcp_syn_cookie(): the numbers of two cookies lie as far apart as those of their SYNs, within a minute; which may be as
 * far as TIME_WAIT would have gone. */
static enum isn isn_of(const struct arrival *arrival, const struct rule *rule)
{
	bool either = arrival->cookies && arrival->seq == verdict_continued_isn(0);

	return rule->isn == ISN_FRESH && either ? ISN_NONE : rule->isn;
}

static void ask(enum book book, const struct arrival *arrival, const struct kernel *kernel,
		struct expectation *expectation)
{
	const struct rule *rule = rule_of(book, arrival, kernel);
	enum state after = state_after(arrival, book, rule);
	struct arrival second;

	if (arrival->repetition != REPETITION_NONE) {
		rule = oracle_twice(book, arrival, rule, after, kernel, &second);
		after = state_after(&second, book, rule);
	}
	expectation->answer = rule->answer;
	expectation->isn = isn_of(arrival, rule);
	expectation->after = after;
	expectation->citation = rule->citation;
	expectation->reason = rule->reason;
	expectation->stranger = kernel->stranger;
}

void oracle_ask(enum book book, const struct end *subject, const struct segment *segment,
		const struct surroundings *surroundings, const struct kernel *kernel, struct expectation *expectation)
{
	struct arrival arrival;

	oracle_arrival(subject, segment, surroundings, &arrival);
	ask(book, &arrival, kernel, expectation);
}

/* The facts that can make a difference in a state. */
static unsigned facts_of(enum state state)
{
	switch (state) {
	case STATE_CLOSED:
	case STATE_LISTEN:
		return FACT_COOKIES | FACT_LISTENER;
	case STATE_SYN_SENT:
		return FACT_TIMESTAMPS;
	case STATE_SYN_RECV:
		return FACT_COOKIE | FACT_COOKIES | FACT_TIMESTAMPS | FACT_LIMITED;
	case STATE_TIME_WAIT:
		return FACT_RFC1337 | FACT_TIMESTAMPS | FACT_COOKIES | FACT_LISTENER;
	case STATE_FIN_WAIT_1:
	case STATE_FIN_WAIT_1_HALF:
		return FACT_HELD | FACT_LIMITED | FACT_UNREAD | FACT_NO_TIME_WAITS;
	case STATE_FIN_WAIT_2:
	case STATE_FIN_WAIT_2_HALF:
		return FACT_HELD | FACT_TIMESTAMPS | FACT_LIMITED | FACT_UNREAD | FACT_NO_TIME_WAITS;
	default:
		return FACT_READ | FACT_LIMITED | FACT_UNREAD | FACT_NO_TIME_WAITS;
	}
}

/* Of these only Linux's rules speak. */
static unsigned facts_in(enum book book)
{
	const unsigned of_linux = FACT_READ | FACT_UNREAD | FACT_LIMITED | FACT_COOKIES | FACT_NO_TIME_WAITS;

	if (book == BOOK_FREEBSD)
		return FACT_HELD | FACT_LISTENER;
	return book == BOOK_LINUX ? UINT_MAX : ~of_linux;
}

static void put(struct alternatives *alternatives, const struct alternative *alternative)
{
	for (size_t i = 0; i < alternatives->count; i++) {
		struct alternative *known = &alternatives->list[i];

		if (known->expectation.answer != alternative->expectation.answer ||
		    known->expectation.isn != alternative->expectation.isn ||
		    known->expectation.after != alternative->expectation.after)
			continue;
		known->kernels |= alternative->kernels;
		return;
	}
	if (alternatives->count < ALTERNATIVES_MAX)
		alternatives->list[alternatives->count++] = *alternative;
}

/* The newest FreeBSD first. */
static void ask_freebsds(const struct arrival *arrival, const struct kernel *kernel, unsigned doubts,
			 struct alternatives *alternatives)
{
	struct alternative alternative = { .facts = arrival->facts, .doubts = doubts };
	unsigned steps = freebsd_steps(&kernel->freebsd);
	struct kernel at = *kernel;

	for (enum freebsd_step step = FREEBSD_STEP_COUNT; step-- > 0;) {
		if (!(steps >> step & 1))
			continue;
		at.freebsd.steps = 1u << step;
		ask(BOOK_FREEBSD, arrival, &at, &alternative.expectation);
		alternative.kernels = KERNEL_FREEBSD(1u << step);
		put(alternatives, &alternative);
	}
}

/* The newest kernel first. A rule gets no more of a kernel than kernel_has tells: those that have the same of the changes
 * it asked about answer the same. `steps`: of the kernel. */
static void ask_kernels(enum book book, const struct arrival *arrival, const struct kernel *kernel, uint64_t steps,
			unsigned doubts, struct alternatives *alternatives)
{
	struct alternative alternative = { .facts = arrival->facts, .doubts = doubts };

	if (book == BOOK_FREEBSD) {
		ask_freebsds(arrival, kernel, doubts, alternatives);
		return;
	}
	if ((steps & (steps - 1)) == 0 || book != BOOK_LINUX) {
		alternative.kernels = steps;
		ask(book, arrival, kernel, &alternative.expectation);
		put(alternatives, &alternative);
		return;
	}
	while (steps) {
		size_t step = 63 - (size_t)__builtin_clzll(steps);
		struct kernel at = kernel_at_step(kernel, step);
		uint32_t asked = 0;

		at.asked = &asked;
		ask(book, arrival, &at, &alternative.expectation);
		alternative.kernels = kernel_steps_like(step, asked) & steps;
		steps &= ~alternative.kernels;
		put(alternatives, &alternative);
	}
}

/* The surroundings as given, before any doubt. */
void oracle_ask_all(enum book book, const struct end *subject, const struct segment *segment,
		    const struct surroundings *surroundings, const struct kernel *kernel, struct alternatives *alternatives)
{
	unsigned facts = (facts_of(subject->state) | oracle_options_facts(segment)) & facts_in(book);
	unsigned doubts = surroundings->doubts & facts;
	uint64_t steps = kernel_steps(kernel);
	struct arrival arrival;
	unsigned doubt = 0;

	alternatives->count = 0;
	oracle_arrival(subject, segment, surroundings, &arrival);
	for (;;) { /* each set of doubts, in ascending order */
		ask_kernels(book, &arrival, kernel, steps, doubt, alternatives);
		doubt = (doubt - doubts) & doubts;
		if (!doubt)
			return;
		oracle_arrival_with(subject, segment, surroundings->facts ^ doubt, &arrival);
	}
}

const char *oracle_doubt_text(unsigned doubts, unsigned facts)
{
	static const struct {
		enum fact fact;
		const char *holds, *does_not;
	} texts[] = {
		{ FACT_HELD, "if its process still holds the descriptor", "if its process has closed the descriptor" },
		{ FACT_RFC1337, "if its tcp_rfc1337 is 1", "if its tcp_rfc1337 is 0" },
		{ FACT_LISTENER, "if somebody listens on its port", "if nobody listens on its port" },
		{ FACT_TIMESTAMPS, "if its tcp_timestamps is 1", "if its tcp_timestamps is 0" },
		{ FACT_COOKIES, "if its tcp_syncookies is 2", "if its tcp_syncookies is not 2" },
		{ FACT_NO_TIME_WAITS, "if its tcp_max_tw_buckets is 0", "if its tcp_max_tw_buckets is not 0" },
		{ FACT_COOKIE, "if its SYN-ACK was a SYN cookie", "if its SYN-ACK was not a SYN cookie" },
		{ FACT_READ, "if its process has read our FIN", "if its process has not read our FIN" },
		{ FACT_UNREAD, "if its process has not read all data", "if its process has read all data" },
		{ FACT_MD5, "if its kernel has MD5 signatures", "if its kernel has no MD5 signatures" },
		{ FACT_AO, "if its kernel has TCP-AO", "if its kernel has no TCP-AO" },
		{ FACT_LIMITED, "if tcp_challenge_ack_limit is reached", "if tcp_challenge_ack_limit is not reached" },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (doubts & texts[i].fact)
			return facts & texts[i].fact ? texts[i].holds : texts[i].does_not;
	return "";
}

const char *oracle_alternative_text(const struct alternatives *alternatives, size_t number,
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
		 alternative->doubts ? oracle_doubt_text(alternative->doubts, alternative->facts) : "");
	return buffer;
}
