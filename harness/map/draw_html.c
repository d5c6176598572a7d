/* draw_html.c - a page of its own: the picture within it, the counts as a table, and what is under the pointer. */
#include <inttypes.h>
#include <string.h>

#include "harness/map/draw_internal.h"
#include "harness/report/html.h"

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

static void write_table(FILE *out, const struct picture *picture)
{
	char number[DRAW_COUNT_SIZE];

	fputs("<table class=\"kinds\">\n<tr><th></th><th scope=\"col\">answer</th><th scope=\"col\">cells</th></tr>\n", out);
	for (enum shade shade = 0; shade < SHADE_COUNT; shade++) {
		const struct draw_color *color = draw_color_of(shade);

		if (!draw_in_legend(picture, shade))
			continue;
		fprintf(out, "<tr><td style=\"background:#%02x%02x%02x\"></td><td>%s</td><td class=\"n\">%s</td></tr>\n",
			color->red, color->green, color->blue, map_shade_words(shade),
			draw_count(picture->counts.shades[shade], number));
	}
	for (enum book book = 0; book < BOOK_COUNT; book++)
		if (picture->map->books & 1U << book)
			fprintf(out, "<tr><td></td><td>%s disagrees</td><td class=\"n\">%s</td></tr>\n",
				oracle_book_name(book), draw_count(picture->counts.otherwise[book], number));
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
	fputs("const picture=document.getElementById('picture'),note=document.getElementById('note'),\n"
	      "point=document.getElementById('point'),sign=v=>(v<0?'':'+')+v;\n"
	      "let x=seq.length>>1,y=ts.length>>1;\n"
	      "const tell=()=>{const inside=x>=0&&y>=0&&x<seq.length&&y<ts.length;\n"
	      "note.textContent=inside?'seq '+sign(seq[x])+', TSval '+sign(ts[ts.length-1-y])+': '+\n"
	      "words[shades[y*seq.length+x]]:hint};\n"
	      "const hint=note.textContent;\n"
	      "picture.onpointermove=picture.onclick=e=>{const k=wide/picture.clientWidth,b=picture.getBoundingClientRect();\n"
	      "x=Math.floor(((e.clientX-b.left)*k-left)/cell);y=Math.floor(((e.clientY-b.top)*k-top_)/cell);\n"
	      "point.hidden=true;tell()};\n"
	      "picture.parentNode.onkeydown=e=>{const by=e.shiftKey?16:1,step={ArrowLeft:[-by,0],ArrowRight:[by,0],\n"
	      "ArrowUp:[0,-by],ArrowDown:[0,by]}[e.key];if(!step)return;e.preventDefault();\n"
	      "x=Math.min(seq.length-1,Math.max(0,x+step[0]));y=Math.min(ts.length-1,Math.max(0,y+step[1]));\n"
	      "const k=picture.clientWidth/wide;point.hidden=false;\n"
	      "point.style.left=(left+(x+.5)*cell)*k+'px';point.style.top=(top_+(y+.5)*cell)*k+'px';tell()};\n"
	      "</script>\n", out);
}

int draw_html(const struct picture *picture, const struct draw_layout *layout, const uint8_t *svg, size_t size, FILE *out)
{
	/* The picture is of light paper, whatever is around it. */
	html_begin(out, picture->title,
		   "h1{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}" /* the picture has it */
		   "#paper{position:relative;display:inline-block;max-width:100%;background:#fff;border-radius:6px}"
		   "#picture{max-width:100%;height:auto;display:block;border-radius:6px}"
		   "#point{position:absolute;width:13px;height:13px;margin:-7px;border:2px solid #fff;outline:2px solid #000;"
		   "border-radius:50%;pointer-events:none}#note{font-weight:600;min-height:3em}"
		   ".kinds td:first-child{width:2em}.kinds td:nth-child(2),.kinds th:nth-child(2){text-align:left}");
	fprintf(out, "<div id=\"paper\" tabindex=\"0\" role=\"application\" aria-label=\"Map; arrow keys go from cell to cell, "
		"with Shift by 16\" aria-describedby=\"note\"><img id=\"picture\" width=\"%u\" height=\"%u\" alt=\"",
		layout->width, layout->height);
	html_text(out, picture->title);
	fputs("\" src=\"data:image/svg+xml;base64,", out);
	write_base64(out, svg, size);
	fputs("\"><i id=\"point\" hidden></i></div>\n<p id=\"note\" role=\"status\">A pointer on the picture, or the arrow "
	      "keys, tell the answer of a cell.</p>\n", out);
	write_table(out, picture);
	write_script(out, picture, layout);
	fputs("</body>\n</html>\n", out);
	return ferror(out) ? -1 : 0;
}
