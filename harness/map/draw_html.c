/* draw_html.c - a page of its own: the picture within it, the counts as a table, and what is under the pointer. */
#include <inttypes.h>
#include <string.h>

#include "harness/map/draw_internal.h"

static void write_base64(FILE *out, const uint8_t *data, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		size_t left = size - i;
		uint32_t bits = (uint32_t)data[i] << 16 | (left > 1 ? (uint32_t)data[i + 1] << 8 : 0) |
				(left > 2 ? data[i + 2] : 0U);

		fputc(digits[bits >> 18], out);
		fputc(digits[bits >> 12 & 63], out);
		fputc(left > 1 ? digits[bits >> 6 & 63] : '=', out);
		fputc(left > 2 ? digits[bits & 63] : '=', out);
	}
}

static void write_text(FILE *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			fputs("&lt;", out);
		else if (*text == '>')
			fputs("&gt;", out);
		else if (*text == '&')
			fputs("&amp;", out);
		else if (*text == '"')
			fputs("&quot;", out);
		else
			fputc(*text, out);
	}
}

static void write_table(FILE *out, const struct picture *picture)
{
	char number[DRAW_COUNT_SIZE];

	fputs("<table>\n<tr><th></th><th>answer</th><th>cells</th></tr>\n", out);
	for (enum shade shade = 0; shade < SHADE_COUNT; shade++) {
		const struct draw_color *color = draw_color_of(shade);

		if (!draw_in_legend(picture, shade))
			continue;
		fprintf(out, "<tr><td style=\"background:#%02x%02x%02x\"></td><td>%s</td><td class=\"n\">%s</td></tr>\n",
			color->red, color->green, color->blue, map_shade_words(shade),
			draw_count(picture->counts.shades[shade], number));
	}
	for (enum book book = 0; book < BOOK_USUAL; book++)
		fprintf(out, "<tr><td></td><td>%s disagrees</td><td class=\"n\">%s</td></tr>\n",
			oracle_book_name(book),
			draw_count(picture->counts.otherwise[book], number));
	fputs("</table>\n", out);
}

/* The shade of each pixel, rows from above, as a letter and how many times it is repeated: "A12F500". */
static void write_shades(FILE *out, const struct map *map)
{
	for (size_t y = map->ts.range.pixels; y-- > 0;) {
		for (size_t x = 0, end; x < map->seq.range.pixels; x = end) {
			uint8_t shade = map->shades[map_number_at(map, x, y)];

			for (end = x; end < map->seq.range.pixels; end++)
				if (map->shades[map_number_at(map, end, y)] != shade)
					break;
			fprintf(out, "%c%zu", 'A' + shade, end - x);
		}
	}
}

static void write_offsets(FILE *out, const char *name, const struct map_axis *axis)
{
	fprintf(out, "%s=[", name);
	for (size_t pixel = 0; pixel < axis->range.pixels; pixel++)
		fprintf(out, "%s%" PRId64, pixel ? "," : "", axis->offsets[axis->places[pixel]]);
	fputs("]", out);
}

static void write_script(FILE *out, const struct picture *picture, const struct draw_layout *layout)
{
	fputs("<script>\nconst ", out);
	write_offsets(out, "seq", &picture->map->seq);
	fputs(",\n", out);
	write_offsets(out, "ts", &picture->map->ts);
	fputs(",\nwords=[", out);
	for (enum shade shade = 0; shade < SHADE_COUNT; shade++)
		fprintf(out, "%s\"%s\"", shade ? "," : "", map_shade_words(shade));
	fputs("],\nshades=new Uint8Array(seq.length*ts.length);\nlet at=0;\nfor(const [,s,n] of \"", out);
	write_shades(out, picture->map);
	fputs("\".matchAll(/([A-Z])(\\d+)/g)){shades.fill(s.charCodeAt(0)-65,at,at+ +n);at+=+n}\n", out);
	fprintf(out, "const left=%u,top_=%u,cell=%u,wide=%u;\n", layout->left, layout->top, layout->cell, layout->width);
	fputs("const picture=document.getElementById('picture'),note=document.getElementById('note');\n"
	      "picture.onmousemove=e=>{const k=wide/picture.clientWidth,b=picture.getBoundingClientRect(),\n"
	      "x=Math.floor(((e.clientX-b.left)*k-left)/cell),y=Math.floor(((e.clientY-b.top)*k-top_)/cell),\n"
	      "sign=v=>(v<0?'':'+')+v;\n"
	      "note.textContent=x<0||y<0||x>=seq.length||y>=ts.length?'\\u00a0':\n"
	      "'seq '+sign(seq[x])+', TSval '+sign(ts[ts.length-1-y])+': '+words[shades[y*seq.length+x]]};\n"
	      "</script>\n", out);
}

int draw_html(const struct picture *picture, const struct draw_layout *layout, const uint8_t *svg, size_t size, FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>", out);
	write_text(out, picture->title);
	fputs("</title>\n<style>body{font:15px sans-serif;margin:1em}img{max-width:100%}td,th{padding:2px 10px;text-align:left}"
	      "td:first-child{width:2em}.n{text-align:right}#note{font-weight:bold}</style>\n</head>\n<body>\n", out);
	fprintf(out, "<img id=\"picture\" width=\"%u\" height=\"%u\" alt=\"", layout->width, layout->height);
	write_text(out, picture->title);
	fputs("\" src=\"data:image/svg+xml;base64,", out);
	write_base64(out, svg, size);
	fputs("\">\n<p id=\"note\">&nbsp;</p>\n", out);
	write_table(out, picture);
	write_script(out, picture, layout);
	fputs("</body>\n</html>\n", out);
	return ferror(out) ? -1 : 0;
}
