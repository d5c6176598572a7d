/* said_fields.h - all that the linux book says of the fields of a cell's answer, as one line. */
#ifndef TWPROBE_TESTS_UNIT_SAID_FIELDS_H
#define TWPROBE_TESTS_UNIT_SAID_FIELDS_H

#include <string.h>

#include "cases/matrix/cell_ask.h"
#include "crafter/textbuf.h"
#include "tests/unit/oracle_table.h"

static inline void said_fields(const char *name, const char *release, enum answer answer, char *text, size_t size)
{
	const struct kernel kernel = kernel_of(release);
	const struct cell cell = named_cell(name);
	struct field_bases bases;
	struct fields fields;
	struct textbuf out;
	char value[FIELD_TEXT_SIZE];

	cell_ask_fields(&cell, &kernel, answer, &fields, &bases);
	textbuf_init(&out, text, size);
	for (enum field field = 0; field < FIELD_COUNT; field++) {
		if (!(fields.said >> field & 1))
			continue;
		ck_assert_ptr_nonnull(fields.rules[field]);
		textbuf_item(&out, ", ", "%s: %s", oracle_field_name(field),
			     oracle_field_expected(&fields, field, &bases, value));
	}
}

/* It says the same in each of these releases. */
static inline void says_in_all(const char *name, const char *const *releases, size_t count, enum answer answer,
			       const char *says)
{
	char text[600];

	for (size_t i = 0; i < count; i++) {
		said_fields(name, releases[i], answer, text, sizeof(text));
		ck_assert_msg(!strcmp(text, says), "%s, %s: says \"%s\", not \"%s\"", name, releases[i], text, says);
	}
}

#endif
