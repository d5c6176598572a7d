/* capture_text_line.c - a line of text without what mail, markdown, HTML and editors put around it. */
#include "listener/capture_text_internal.h"

#include <string.h>

enum { CHUNK = 1024 };

static const struct {
	const char *written;
	char meant;
} replaced[] = {
	{ "&gt;", '>' },  { "&lt;", '<' }, { "&amp;", '&' }, { "&quot;", '"' }, { "&nbsp;", ' ' },
	{ "\xc2\xa0", ' ' },         /* U+00A0, a blank that does not break */
	{ "\xe2\x80\x98", '\'' }, { "\xe2\x80\x99", '\'' }, /* U+2018, U+2019 */
	{ "\xe2\x80\x9c", '"' }, { "\xe2\x80\x9d", '"' },   /* U+201C, U+201D */
	{ "\xe2\x86\x92", '>' }, /* U+2192, an arrow */
	{ "\xef\xbb\xbf", ' ' }, /* U+FEFF, which Windows begins a file with */
};

/* Finds the end of the line within what the stream has; the whole rest where that is the last one. */
static int64_t measure(struct byte_stream *stream, const uint8_t **bytes, size_t *size, struct error *error)
{
	for (size_t want = CHUNK;; want *= 2) {
		int64_t count = byte_stream_peek(stream, want, bytes, error);
		const uint8_t *end;

		if (count <= 0)
			return count;
		if (count > (int64_t)want)
			count = (int64_t)want;
		end = memchr(*bytes, '\n', (size_t)count);
		if (end)
			*size = (size_t)(end - *bytes);
		else
			*size = (size_t)count;
		if (end || count < (int64_t)want || want >= 16 * TEXT_LINE_MAX)
			return (int64_t)*size + (end != NULL);
	}
}

/* One character as it is meant; how many bytes it takes. */
static size_t meant(const char *at, size_t left, char *letter)
{
	for (size_t i = 0; i < sizeof(replaced) / sizeof(replaced[0]); i++) {
		size_t length = strlen(replaced[i].written);

		if (*at == replaced[i].written[0] && length <= left && memcmp(at, replaced[i].written, length) == 0) {
			*letter = replaced[i].meant;
			return length;
		}
	}
	*letter = (*at >= 0 && *at < ' ') || *at == 0x7f ? ' ' : *at;
	return 1;
}

static void clean(struct text_line *line, const char *bytes, size_t size)
{
	size_t at = 0;
	char letter;

	line->size = 0;
	while (at < size && line->size < TEXT_LINE_MAX - 1) {
		size_t taken = meant(bytes + at, size - at, &letter);

		if (letter != ' ' || (line->size && line->text[line->size - 1] != ' ')) {
			line->columns[line->size] = (uint32_t)at + 1;
			line->text[line->size++] = letter;
		}
		at += taken;
	}
	if (line->size && line->text[line->size - 1] == ' ')
		line->size--;
	line->text[line->size] = '\0';
	line->columns[line->size] = (uint32_t)at + 1;
}

static void drop(struct text_line *line, size_t count)
{
	memmove(line->text, line->text + count, line->size - count + 1);
	memmove(line->columns, line->columns + count, (line->size - count + 1) * sizeof(line->columns[0]));
	line->size -= count;
}

/* "> > ", "| " */
static void unquote(struct text_line *line)
{
	int marks = 0;

	while (line->text[0] == '>' || line->text[0] == '|') {
		drop(line, line->text[1] == ' ' ? 2 : 1);
		marks++;
	}
	line->quoted = marks == 1;
}

int capture_text_line(struct byte_stream *stream, struct text_line *line, struct error *error)
{
	const uint8_t *bytes = NULL;
	size_t size = 0;
	int64_t taken = measure(stream, &bytes, &size, error);

	if (taken <= 0)
		return (int)taken;
	line->number++;
	line->width = size > 0 && bytes[size - 1] == '\r' ? size - 1 : size;
	clean(line, (const char *)bytes, size);
	unquote(line);
	line->indent = line->columns[0] - 1;
	byte_stream_skip(stream, (size_t)taken);
	return 1;
}
