/* sequence_svg.c - a sequence diagram as SVG: texts remain texts, and the colours follow the browser's setting. */
#include "harness/report/html.h"
#include "harness/report/sequence_internal.h"

static const char style[] =
	"svg{--fg:#1c2024;--bg:#fff;--faint:#5a6472;--mark:#fff3c4}\n"
	"@media(prefers-color-scheme:dark){svg{--fg:#e6e8eb;--bg:#14171a;--faint:#9aa4b2;--mark:#3d3413}}\n"
	"text{fill:var(--fg);font-family:system-ui,sans-serif}.m{fill:var(--mark)}.g{fill:var(--bg)}\n"
	".l{stroke:var(--faint);stroke-width:2}.a{stroke:var(--fg);stroke-width:1.5}.t{fill:var(--fg)}\n";

static void svg_text(void *context, unsigned x, unsigned y, enum sequence_anchor anchor, enum sequence_look look,
		     const char *text)
{
	static const char *const anchors[] = {
		[ANCHOR_START] = "", [ANCHOR_MIDDLE] = " text-anchor=\"middle\"", [ANCHOR_END] = " text-anchor=\"end\"",
	};

	if (!*text)
		return;
	fprintf(context, "<text class=\"%s\" x=\"%u\" y=\"%u\"%s>", sequence_font(look)->name, x, y, anchors[anchor]);
	html_text(context, text);
	fputs("</text>\n", context);
}

static void svg_band(void *context, unsigned x, unsigned y, unsigned width, unsigned height)
{
	fprintf(context, "<rect class=\"m\" x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\"/>\n", x, y, width, height);
}

static void svg_life(void *context, unsigned x, unsigned from_y, unsigned to_y)
{
	fprintf(context, "<line class=\"l\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>\n", x, from_y, x, to_y);
}

static void svg_arrow(void *context, unsigned from_x, unsigned to_x, unsigned y)
{
	unsigned neck = to_x > from_x ? to_x - SEQUENCE_HEAD_LENGTH : to_x + SEQUENCE_HEAD_LENGTH;

	fprintf(context, "<line class=\"a\" x1=\"%u\" y1=\"%u\" x2=\"%u\" y2=\"%u\"/>", from_x, y, neck, y);
	fprintf(context, "<path class=\"t\" d=\"M%u %uL%u %uL%u %uZ\"/>\n", to_x, y, neck, y - SEQUENCE_HEAD_HALF, neck,
		y + SEQUENCE_HEAD_HALF);
}

static void write_fonts(FILE *out)
{
	for (enum sequence_look look = 0; look < LOOK_COUNT; look++) {
		const struct sequence_font *font = sequence_font(look);

		fprintf(out, "text.%s{font-size:%upx%s%s%s}\n", font->name, font->size, font->bold ? ";font-weight:600" : "",
			font->mono ? ";font-family:ui-monospace,'DejaVu Sans Mono',monospace" : "",
			font->faint ? ";fill:var(--faint)" : "");
	}
}

int sequence_svg(struct sequence *sequence, FILE *out, struct error *error)
{
	const struct sequence_pen pen = { svg_text, svg_band, svg_life, svg_arrow, out };
	unsigned height = sequence_height(sequence);

	if (sequence_check(sequence, error) < 0)
		return -1;
	fprintf(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%u\" viewBox=\"0 0 %d %u\" "
		"role=\"img\">\n<title>", SEQUENCE_WIDTH, height, SEQUENCE_WIDTH, height);
	html_text(out, sequence_name(sequence));
	fprintf(out, "</title>\n<style>\n%s", style);
	write_fonts(out);
	fprintf(out, "</style>\n<rect class=\"g\" width=\"%d\" height=\"%u\"/>\n", SEQUENCE_WIDTH, height);
	sequence_draw(sequence, &pen);
	fputs("</svg>\n", out);
	return 0;
}
