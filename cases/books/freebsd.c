/* freebsd.c - FreeBSD's versions and settings as text. */
#include "cases/books/freebsd.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "crafter/textbuf.h"

static const char prefix[] = "freebsd";

/* Where each step begins and ends, in words. The two last ones meet in 15. */
static const char *const begins[FREEBSD_STEP_COUNT] = { "13", "14.0", "14.2", "15" };
static const char *const ends[FREEBSD_STEP_COUNT] = { "13", "14.1", "15", NULL };

bool freebsd_is_meant(const char *text)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* 14.1 has what 14.0 has. Of 15 it is not known where the last step begins. */
static unsigned steps_of(unsigned major, unsigned minor)
{
	switch (major) {
	case 13:
		return 1u << FREEBSD_13;
	case 14:
		return minor == FREEBSD_ANY_MINOR ? 1u << FREEBSD_14_0 | 1u << FREEBSD_14_2 :
		       minor < 2 ? 1u << FREEBSD_14_0 : 1u << FREEBSD_14_2;
	case 15:
		return 1u << FREEBSD_14_2 | 1u << FREEBSD_16;
	default:
		return 1u << FREEBSD_16;
	}
}

/* Returns what follows the version; NULL: there is none. */
static const char *read_version(const char *text, struct freebsd *freebsd)
{
	int length = 0;

	freebsd->minor = FREEBSD_ANY_MINOR;
	if (*text != '-')
		return text;
	if (!isdigit((unsigned char)text[1]) || sscanf(text, "-%2u%n", &freebsd->major, &length) != 1)
		return NULL;
	text += length;
	length = 0;
	if (text[0] == '.' && isdigit((unsigned char)text[1]) && sscanf(text, ".%2u%n", &freebsd->minor, &length) == 1)
		text += length;
	return text;
}

struct freebsd_sysctl {
	const char *name;
	bool *flag;       /* NULL: it is `number` */
	unsigned *number;
	unsigned most;
};

enum { SETTINGS = 5 };

static void settings_of(struct freebsd *freebsd, struct freebsd_sysctl list[static SETTINGS])
{
	const struct freebsd_sysctl all[SETTINGS] = {
		{ "insecure_rst", &freebsd->insecure_rst, NULL, 1 },
		{ "insecure_syn", &freebsd->insecure_syn, NULL, 1 },
		{ "insecure_ack", &freebsd->insecure_ack, NULL, 1 },
		{ "drop_synfin", &freebsd->drop_synfin, NULL, 1 },
		{ "blackhole", NULL, &freebsd->blackhole, 3 },
	};

	memcpy(list, all, sizeof(all));
}

/* ",NAME=N"; returns what follows it, NULL: it is none. */
static const char *read_setting(const char *text, struct freebsd *freebsd)
{
	struct freebsd_sysctl list[SETTINGS];

	settings_of(freebsd, list);
	for (size_t i = 0; i < SETTINGS; i++) {
		size_t length = strlen(list[i].name);
		unsigned value;

		if (text[0] != ',' || strncmp(text + 1, list[i].name, length) != 0 || text[1 + length] != '=')
			continue;
		value = (unsigned)(text[length + 2] - '0');
		if (value > list[i].most)
			return NULL;
		if (list[i].flag)
			*list[i].flag = value;
		else
			*list[i].number = value;
		return text + length + 3;
	}
	return NULL;
}

int freebsd_choose(const char *text, struct freebsd *freebsd, struct error *error)
{
	enum { OLDEST = 13 };
	const char *at;

	*freebsd = (struct freebsd){ .named = true };
	at = read_version(text + strlen(prefix), freebsd);
	if (!at || (*at && *at != ','))
		return fail(error, "'%.40s' is not a FreeBSD, expected one such as freebsd, freebsd-14 or freebsd-14.1", text);
	if (freebsd->major && freebsd->major < OLDEST)
		return fail(error, "the freebsd book begins with FreeBSD %d, %.40s is older", OLDEST, text);
	while (*at) {
		const char *next = read_setting(at, freebsd);

		if (!next)
			return fail(error, "'%.60s': after a FreeBSD come insecure_rst=0|1, insecure_syn=0|1, "
				    "insecure_ack=0|1, drop_synfin=0|1 and blackhole=0..3, with commas between", text);
		at = next;
	}
	if (freebsd->major)
		freebsd->steps = steps_of(freebsd->major, freebsd->minor);
	return 0;
}

const char *freebsd_text(const struct freebsd *freebsd, char buffer[static FREEBSD_TEXT_SIZE])
{
	struct freebsd settings = *freebsd;
	struct freebsd_sysctl list[SETTINGS];
	struct textbuf out;

	textbuf_init(&out, buffer, FREEBSD_TEXT_SIZE);
	textbuf_add(&out, "%s", prefix);
	if (freebsd->major)
		textbuf_add(&out, "-%u", freebsd->major);
	if (freebsd->major && freebsd->minor != FREEBSD_ANY_MINOR)
		textbuf_add(&out, ".%u", freebsd->minor);
	settings_of(&settings, list);
	for (size_t i = 0; i < SETTINGS; i++) {
		unsigned value = list[i].flag ? *list[i].flag : *list[i].number;

		if (value)
			textbuf_add(&out, ",%s=%u", list[i].name, value);
	}
	return buffer;
}

unsigned freebsd_steps(const struct freebsd *freebsd)
{
	return freebsd->steps ? freebsd->steps : FREEBSD_ANY;
}

enum freebsd_step freebsd_newest(unsigned steps)
{
	return (enum freebsd_step)(31 - __builtin_clz(steps));
}

const char *freebsd_steps_text(unsigned steps, char buffer[static FREEBSD_TEXT_SIZE])
{
	struct textbuf out;

	textbuf_init(&out, buffer, FREEBSD_TEXT_SIZE);
	for (size_t first = 0; first < FREEBSD_STEP_COUNT; first++) {
		size_t last = first;

		if (!(steps >> first & 1))
			continue;
		while (last + 1 < FREEBSD_STEP_COUNT && steps >> (last + 1) & 1)
			last++;
		if (!ends[last])
			textbuf_item(&out, ", ", "FreeBSD from %s on", begins[first]);
		else if (strcmp(begins[first], ends[last]) == 0)
			textbuf_item(&out, ", ", "FreeBSD %s", begins[first]);
		else
			textbuf_item(&out, ", ", "FreeBSD %s to %s", begins[first], ends[last]);
		first = last;
	}
	return buffer;
}
