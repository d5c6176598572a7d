/* oracle_fields_say.c - what is said of a field goes into struct fields, with the rule that says it. */
#include "cases/books/oracle_fields_internal.h"

/* TSval may be that much ahead of the clock that stamped the last one: the capture's stamps come later than the kernel's. */
enum { CLOCK_SLACK_MS = 1000 };

void oracle_say(struct fields *fields, enum field field, const char *rule)
{
	fields->said = (uint16_t)(fields->said | 1U << field);
	fields->rules[field] = rule;
}

void oracle_say_flags(struct fields *fields, uint16_t flags, const char *rule)
{
	fields->flags = flags;
	oracle_say(fields, FIELD_FLAGS, rule);
}

void oracle_say_seq(struct fields *fields, uint32_t seq, const char *rule)
{
	fields->seq = seq;
	oracle_say(fields, FIELD_SEQ, rule);
}

void oracle_say_ack(struct fields *fields, uint32_t ack, const char *rule)
{
	fields->ack = ack;
	oracle_say(fields, FIELD_ACK, rule);
}

void oracle_say_window(struct fields *fields, uint32_t least, uint32_t most, const char *rule)
{
	fields->window_least = (uint16_t)(least < UINT16_MAX ? least : UINT16_MAX);
	fields->window_most = (uint16_t)(most < UINT16_MAX ? most : UINT16_MAX);
	oracle_say(fields, FIELD_WINDOW, rule);
}

void oracle_say_tsecr(struct fields *fields, uint32_t tsecr, const char *rule)
{
	fields->tsecr = tsecr;
	oracle_say(fields, FIELD_TSECR, rule);
}

/* The subject's clock: it has ticked on since its last TSval, once a millisecond. */
void oracle_say_tsval(const struct asked *asked, const char *rule)
{
	uint64_t past_ms = asked->host->past_ms + CLOCK_SLACK_MS;

	if (!end_knows(asked->end, END_LAST_TSVAL) || past_ms > INT32_MAX)
		return;
	asked->fields->tsval_least = asked->end->last_tsval;
	asked->fields->tsval_most = asked->end->last_tsval + (uint32_t)past_ms;
	oracle_say(asked->fields, FIELD_TSVAL, rule);
}

void oracle_say_option(struct fields *fields, uint8_t kind)
{
	if (fields->option_count < FIELDS_KINDS_MAX)
		fields->options[fields->option_count++] = kind;
}

/* tcp_options_write() puts two NOPs before the timestamps and before the blocks, so that both end on four bytes. */
void oracle_say_padded(struct fields *fields, bool timestamps, bool sack, const char *rule)
{
	const uint8_t kinds[] = { OPTION_TIMESTAMPS, OPTION_SACK };
	const bool there[] = { timestamps, sack };

	for (size_t i = 0; i < 2; i++) {
		if (!there[i])
			continue;
		oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, OPTION_NOP);
		oracle_say_option(fields, kinds[i]);
	}
	oracle_say(fields, FIELD_OPTIONS, rule);
}

void oracle_say_new_timestamps(const struct asked *asked, const char *options_rule, const char *tsecr_rule)
{
	const struct arrival *arrival = asked->arrival;
	bool timestamps = arrival->has_timestamp && arrival->timestamps;

	oracle_say_padded(asked->fields, timestamps, false, options_rule);
	if (!timestamps)
		return;
	oracle_say_tsecr(asked->fields, arrival->tsval, tsecr_rule);
	oracle_say_tsval(asked, "tcp_established_options(): the clock now, and tsoffset");
}

void oracle_say_counts(struct fields *fields, uint32_t ect_1, uint32_t ce, uint32_t ect_0, size_t count, const char *rule)
{
	fields->counts[0] = ect_1;
	fields->counts[1] = ce;
	fields->counts[2] = ect_0;
	fields->count_count = (uint8_t)count;
	oracle_say(fields, FIELD_ACCECN, rule);
}
