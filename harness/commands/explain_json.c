/* explain_json.c - a cell as the rule books see it, and a finding, as a record each. */
#include "harness/commands/explain.h"

#include "cases/matrix/cell_ask.h"
#include "harness/report/json_put.h"
#include "harness/report/ndjson.h"

static void put_expectation(struct json_put *json, const struct expectation *expected)
{
	const char *answer = expected->answer == ANSWER_OPEN ? NULL : oracle_answer_name(expected->answer);

	json_put_text(json, "answer", answer);
	json_put_text(json, "isn", oracle_isn_name(expected->isn));
	json_put_text(json, "after", state_name(expected->after));
}

/* Null where it holds of whatever the question leaves open. */
static void put_of(struct json_put *json, const char *key, const struct alternatives *alternatives, size_t number)
{
	char text[ALTERNATIVE_TEXT_SIZE] = "";

	json_put_text(json, key, alternatives->count > 1 ? oracle_alternative_text(alternatives, number, text) : NULL);
}

static void put_rules(struct json_put *json, const char *key, const struct explain_rule *rules, size_t count)
{
	json_put_array(json, key);
	for (size_t i = 0; i < count; i++) {
		json_put_object(json, NULL);
		json_put_string(json, "name", rules[i].name);
		json_put_string(json, "expected", rules[i].expected);
		json_put_string(json, "rule", rules[i].rule);
		json_put_end(json);
	}
	json_put_end(json);
}

static void put_book(struct json_put *json, const struct explain_question *question, enum book book)
{
	struct explain_rule rules[EXPLAIN_RULES_MAX];
	struct alternatives alternatives;

	cell_ask_all(book, &question->cell, &question->kernel, NULL, &alternatives);
	json_put_array(json, oracle_book_name(book));
	for (size_t i = 0; i < alternatives.count; i++) {
		const struct expectation *expected = &alternatives.list[i].expectation;

		json_put_object(json, NULL);
		put_of(json, "of", &alternatives, i);
		put_expectation(json, expected);
		json_put_text(json, "reason", expected->reason);
		json_put_text(json, "citation", expected->citation);
		if (book == BOOK_LINUX && alternatives.count == 1) {
			put_rules(json, "fields", rules, explain_fields(question, expected->answer, rules));
			put_rules(json, "remains", rules, explain_remains(question, rules));
		}
		json_put_end(json);
	}
	json_put_end(json);
}

static void put_versions(struct json_put *json, const struct explain_question *question)
{
	struct alternatives alternatives;

	json_put_array(json, "versions");
	if (explain_versions(question, &alternatives))
		for (size_t i = 0; i < alternatives.count; i++) {
			if (alternatives.list[i].doubts)
				continue;
			json_put_object(json, NULL);
			put_of(json, "of", &alternatives, i);
			put_expectation(json, &alternatives.list[i].expectation);
			json_put_end(json);
		}
	json_put_end(json);
}

static void put_head(struct json_put *json, const char *record)
{
	json_put_open(json);
	json_put_string(json, "record", record);
	json_put_number(json, "format_version", NDJSON_VERSION);
	json_put_string(json, "tool_version", TWPROBE_VERSION);
}

int explain_cell_json(const struct explain_question *question, FILE *out, struct error *error)
{
	char name[CELL_NAME_SIZE], kernel[KERNEL_TEXT_SIZE];
	struct json_put json;

	put_head(&json, "explanation");
	json_put_string(&json, "cell", cell_name(&question->cell, name, sizeof(name)));
	json_put_text(&json, "rules", kernel_known(&question->kernel) || question->kernel.freebsd.named ?
		      kernel_text(&question->kernel, kernel) : NULL);
	json_put_text(&json, "bar", explain_bar(question));
	json_put_object(&json, "books");
	for (enum book book = 0; book < BOOK_COUNT; book++)
		put_book(&json, question, book);
	json_put_end(&json);
	put_versions(&json, question);
	return json_put_line(&json, out, error);
}

int explain_finding_json(const struct cause *cause, FILE *out, struct error *error)
{
	struct json_put json;

	put_head(&json, "finding");
	json_put_string(&json, "name", cause->name);
	json_put_string(&json, "title", cause->title);
	json_put_string(&json, "says", cause->says);
	json_put_text(&json, "advice", cause->advice);
	return json_put_line(&json, out, error);
}
