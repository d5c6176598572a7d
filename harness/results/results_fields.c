/* results_fields.c - the content of a cell record, in words that are the same on every run. */
#include "harness/results/results_internal.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "crafter/seq.h"
#include "crafter/textbuf.h"

/* Farther away than this from each number that it could come from, a number is "other". */
enum { NEAR = 100000, WORD_SIZE = RESULTS_WORD_SIZE };

static uint32_t number_of(const json_t *object, const char *key)
{
	return (uint32_t)json_integer_value(json_object_get(object, key));
}

static const char *string_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

static bool absent(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	return !value || json_is_null(value);
}

static bool near(const char *base, uint32_t value, uint32_t from, char word[static WORD_SIZE])
{
	int32_t distance = seq_diff(value, from);

	if (distance < -NEAR || distance > NEAR)
		return false;
	if (distance)
		snprintf(word, WORD_SIZE, "%s%+" PRId32, base, distance);
	else
		snprintf(word, WORD_SIZE, "%s", base);
	return true;
}

struct answered {
	const json_t *cell, *answer, *sent, *baseline, *after; /* each but the cell may be NULL */
};

static const char *seq_word(const struct answered *from, char word[static WORD_SIZE])
{
	uint32_t seq = number_of(from->answer, "seq");

	if (!strcmp(string_of(from->cell, "isn"), "fresh"))
		return "fresh";
	if (!seq)
		return "0";
	if (from->baseline && near("snd_nxt", seq, number_of(from->baseline, "snd_nxt"), word))
		return word;
	if (from->sent && strchr(string_of(from->sent, "flags"), 'A') &&
	    near("sent ack", seq, number_of(from->sent, "ack"), word))
		return word;
	return "other";
}

static const char *ack_word(const struct answered *from, char word[static WORD_SIZE])
{
	uint32_t ack = number_of(from->answer, "ack");

	if (!strchr(string_of(from->answer, "flags"), 'A') && !ack)
		return "none";
	if (from->baseline && near("rcv_nxt", ack, number_of(from->baseline, "rcv_nxt"), word))
		return word;
	if (from->sent && near("sent seq", ack, number_of(from->sent, "seq"), word))
		return word;
	return "other";
}

static const char *tsval_word(const struct answered *from, char word[static WORD_SIZE])
{
	(void)word;
	if (absent(from->answer, "tsval"))
		return "absent";
	return number_of(from->answer, "tsval") ? "present" : "0";
}

static const char *tsecr_word(const struct answered *from, char word[static WORD_SIZE])
{
	uint32_t tsecr = number_of(from->answer, "tsecr");

	if (absent(from->answer, "tsecr"))
		return "absent";
	if (!tsecr)
		return "0";
	if (from->baseline && near("ts_recent", tsecr, number_of(from->baseline, "ts_recent"), word))
		return word;
	if (from->sent && !absent(from->sent, "tsval") && tsecr == number_of(from->sent, "tsval"))
		return "sent TSval";
	return "other";
}

static const char *integer_word(const struct answered *from, const char *key, char word[static WORD_SIZE])
{
	snprintf(word, WORD_SIZE, "%" PRIu32, number_of(from->answer, key));
	return absent(from->answer, key) ? NULL : word;
}

static const char *options_word(const struct answered *from, char word[static WORD_SIZE])
{
	const json_t *list = json_object_get(from->answer, "options");
	struct textbuf out;

	if (!json_is_array(list))
		return NULL;
	textbuf_init(&out, word, WORD_SIZE);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *option = json_string_value(json_array_get(list, i));

		textbuf_add(&out, "%s%s", i ? ", " : "", option ? option : "?");
	}
	return *word ? word : "none";
}

static const char *field_word(const struct answered *from, enum aspect aspect, char word[static WORD_SIZE])
{
	switch (aspect) {
	case ASPECT_FLAGS:
		return *string_of(from->answer, "flags") ? string_of(from->answer, "flags") : "none";
	case ASPECT_SEQ:
		return seq_word(from, word);
	case ASPECT_ACK:
		return ack_word(from, word);
	case ASPECT_TSVAL:
		return tsval_word(from, word);
	case ASPECT_TSECR:
		return tsecr_word(from, word);
	case ASPECT_WINDOW:
		return integer_word(from, "window", word);
	case ASPECT_TOS:
		return integer_word(from, "tos", word);
	case ASPECT_TTL:
		return integer_word(from, "ttl", word);
	case ASPECT_OPTIONS:
		return options_word(from, word);
	default:
		return NULL;
	}
}

static const char *number_word(const struct answered *from, const char *key, char word[static WORD_SIZE])
{
	uint32_t value = number_of(from->after, key);
	bool clock = strcmp(key, "ts_recent") == 0;

	if (absent(from->after, key))
		return NULL;
	if (from->baseline && near(key, value, number_of(from->baseline, key), word))
		return word;
	if (from->sent && near(clock ? "sent TSval" : "sent seq", value, number_of(from->sent, clock ? "tsval" : "seq"), word))
		return word;
	return "other";
}

/* Only newer kernels tell of a delayed ACK, and whether one still waits is chance. */
static const char *timer_word(const struct answered *from)
{
	const char *timer = string_of(from->after, "timer");

	return *timer && strcmp(timer, "delayed-ack") != 0 && strcmp(timer, "unknown") != 0 ? timer : NULL;
}

/* NULL: not known. */
static const char *after_word(const struct answered *from, enum aspect aspect, char word[static WORD_SIZE])
{
	const struct answered numbers = { .answer = from->after };
	const json_t *restarted = json_object_get(from->after, "timer_restarted");

	switch (aspect) {
	case ASPECT_TIMER:
		return timer_word(from);
	case ASPECT_RESTARTED:
		return json_is_boolean(restarted) ? json_is_true(restarted) ? "yes" : "no" : NULL;
	case ASPECT_RECV_Q:
		return integer_word(&numbers, "recv_q", word);
	case ASPECT_SEND_Q:
		return integer_word(&numbers, "send_q", word);
	case ASPECT_RCV_NXT:
		return number_word(from, "rcv_nxt", word);
	default:
		return number_word(from, "ts_recent", word);
	}
}

/* The first segment received that is not a retransmission, as record_answer. */
static const json_t *find_answer(const json_t *cell)
{
	const json_t *list = json_object_get(cell, "received");
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (!json_is_true(json_object_get(json_array_get(list, i), "repeat")))
			return json_array_get(list, i);
	return NULL;
}

bool results_is_word(const char *text)
{
	while (*text >= ' ' && *text <= '~')
		text++;
	return !*text;
}

int results_word(struct pool *pool, const char *text, uint32_t *value, struct error *error)
{
	if (text && !results_is_word(text))
		return fail(error, "a word that would be compared is not printable ASCII");
	*value = text ? intern_add(pool->words, text) : (uint32_t)WORD_UNKNOWN;
	return *value == INTERN_NONE ? fail(error, "out of memory for the results") : 0;
}

/* A key whose value must be a string or null; *text is NULL for null. */
static int read_text(const json_t *cell, const char *key, const char **text, struct error *error)
{
	const json_t *value = json_object_get(cell, key);

	*text = json_string_value(value);
	if (value && !json_is_null(value) && !*text)
		return fail(error, "\"%s\": expected a string or null", key);
	return 0;
}

const char *results_follow_up(const char *answer, const char *isn, char word[static RESULTS_WORD_SIZE])
{
	snprintf(word, RESULTS_WORD_SIZE, "%s%s%s", answer ? answer : "", isn ? " " : "", isn ? isn : "");
	return answer ? word : NULL;
}

static int read_follow_up(const json_t *cell, struct pool *pool, uint32_t *value, struct error *error)
{
	const json_t *follow_up = json_object_get(cell, "follow_up");
	const char *answer, *isn;
	char word[WORD_SIZE];

	if (!follow_up || json_is_null(follow_up)) {
		*value = WORD_NONE;
		return 0;
	}
	if (!json_is_object(follow_up))
		return fail(error, "\"follow_up\": expected an object or null");
	if (read_text(follow_up, "answer", &answer, error) || read_text(follow_up, "isn", &isn, error))
		return -1;
	return results_word(pool, results_follow_up(answer, isn, word), value, error);
}

int results_fields_read(const json_t *cell, struct pool *pool, uint32_t values[ASPECT_COUNT], struct error *error)
{
	struct answered from = { cell, find_answer(cell), json_object_get(cell, "sent"),
				 json_object_get(cell, "baseline"), json_object_get(cell, "after") };
	bool known = json_is_array(json_object_get(cell, "received"));
	const char *answer, *isn, *after;
	char word[WORD_SIZE];
	size_t i;

	from.sent = json_is_object(from.sent) ? from.sent : NULL;
	from.baseline = json_is_object(from.baseline) ? from.baseline : NULL;
	if (read_text(cell, "answer", &answer, error) || read_text(cell, "isn", &isn, error) ||
	    read_text(cell, "state_after", &after, error))
		return -1;
	if (answer && oracle_answer_parse(answer) == ANSWER_COUNT)
		return fail(error, "\"answer\": \"%.40s\" is not one of syn-ack, ack, rst, silence, other", answer);
	if (results_word(pool, answer, &values[ASPECT_ANSWER], error) ||
	    results_word(pool, isn ? isn : "none", &values[ASPECT_ISN], error) ||
	    results_word(pool, after, &values[ASPECT_AFTER], error) ||
	    read_follow_up(cell, pool, &values[ASPECT_FOLLOW_UP], error))
		return -1;
	for (i = ASPECT_FIELDS; i < ASPECT_TIMER; i++)
		if (results_word(pool, from.answer ? field_word(&from, (enum aspect)i, word) : known ? "none" : NULL,
				 &values[i], error))
			return -1;
	for (i = ASPECT_TIMER; i < ASPECT_COUNT; i++)
		if (results_word(pool, after_word(&from, (enum aspect)i, word), &values[i], error))
			return -1;
	return 0;
}
