/* html.c - the styles, and texts without a tag in them. */
#include "harness/report/html.h"

#include <stdlib.h>
#include <string.h>

#include "crafter/plain.h"
#include "harness/report/text.h"

enum { INDENT = 2, DEEPEST = 4 };

/* A ladder is a table whose middle column is drawn over: its two borders are the ends, and an arrow is a line with a head. */
static const char style[] =
	":root{color-scheme:light dark;--fg:#1c2024;--bg:#fff;--faint:#5a6472;--line:#cdd3da;--mark:#fff3c4;--bad:#b42318;"
	"--unsure:#8a5a00;--good:#18794e;--code:#f2f4f7}\n"
	"@media(prefers-color-scheme:dark){:root{--fg:#e6e8eb;--bg:#14171a;--faint:#9aa4b2;--line:#3a424d;--mark:#3d3413;"
	"--bad:#ff8b7e;--unsure:#f0b849;--good:#5bd093;--code:#1e2329}}\n"
	"*{box-sizing:border-box}\n"
	"body{font:16px/1.5 system-ui,sans-serif;color:var(--fg);background:var(--bg);max-width:64rem;margin:0 auto;"
	"padding:1rem}p,code,.a span{overflow-wrap:anywhere}\n"
	"h1{font-size:1.4rem}h2{font-size:1.2rem;margin-top:2.5rem;border-top:1px solid var(--line);padding-top:1rem}"
	"article{margin:1.6rem 0}article p:first-child{font-weight:600}\n"
	"p{margin:.25rem 0}.i1{margin-left:1.2rem}.i2{margin-left:2.4rem}.i3{margin-left:3.6rem}.says{margin:.6rem 0}\n"
	"code{font:14px/1.5 ui-monospace,monospace;background:var(--code);padding:.1em .3em;border-radius:3px}\n"
	"pre{font:13px/1.4 ui-monospace,monospace;overflow-x:auto;background:var(--code);padding:.6rem}\n"
	"a{color:inherit}.faint{color:var(--faint)}.bad{color:var(--bad)}.unsure{color:var(--unsure)}\n"
	".wide{overflow-x:auto}table{border-collapse:collapse}\n"
	".kinds td,.kinds th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top}"
	".kinds td:first-child,.kinds th:first-child{text-align:left}\n"
	".ladder{width:100%;font:13px/1.35 ui-monospace,monospace;margin:.5rem 0}"
	".ladder th{font-weight:600;color:var(--faint);padding:.2rem .4rem}\n"
	".ladder td{padding:.15rem .4rem;vertical-align:bottom}"
	".ladder .t{text-align:right;white-space:nowrap;color:var(--faint);width:1%}"
	".ladder .s{width:1%;white-space:nowrap}.ladder .s.l{text-align:right}\n"
	".ladder .a{border-left:2px solid var(--faint);border-right:2px solid var(--faint);padding:.15rem 0 0}"
	".a span{display:block;text-align:center;padding:0 .6rem}\n"
	".a i{display:block;position:relative;height:9px;margin:0 1px}"
	".a i::before{content:\"\";position:absolute;left:0;right:0;top:4px;border-top:1.5px solid currentColor}"
	".a i::after{content:\"\";position:absolute;top:0;border:4.5px solid transparent}"
	".a i.r::after{right:0;border-left:8px solid;border-right:0}"
	".a i.l::after{left:0;border-right:8px solid;border-left:0}\n"
	".ladder .m td{background:var(--mark)}.note{font-weight:600}.gap td{color:var(--faint);text-align:center;"
	"padding:.3rem}\n"
	"@media(max-width:36rem){body{font-size:15px;padding:.6rem}.kinds{width:100%;font-size:13px}"
	".kinds td,.kinds th{padding:.2rem .25rem}"
	".ladder{font-size:10.5px}.ladder td,.ladder th{padding-left:.2rem;padding-right:.2rem}.i1{margin-left:.5rem}"
	".i2,.i3{margin-left:1rem}}\n"
	"@media print{:root{color-scheme:light;--fg:#000;--bg:#fff;--faint:#444;--line:#bbb;--mark:#eee;--code:#fff;"
	"--bad:#b42318;--unsure:#8a5a00;--good:#18794e}body{max-width:none}h2{break-after:avoid}article{break-inside:avoid}}\n";

void html_text(FILE *out, const char *text)
{
	while (*text) {
		size_t run = strcspn(text, "&<>\"'");

		plain_write(out, text, run);
		text += run;
		if (*text)
			fprintf(out, "&#%d;", *text++);
	}
}

void html_element(FILE *out, const char *tag, const char *class, const char *text)
{
	fprintf(out, class ? "<%s class=\"%s\">" : "<%s>", tag, class);
	html_text(out, text);
	fprintf(out, "</%s>\n", tag);
}

void html_begin(FILE *out, const char *title)
{
	fputs("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n", out);
	html_element(out, "title", NULL, title);
	fprintf(out, "<style>\n%s</style>\n</head>\n<body>\n", style);
	html_element(out, "h1", NULL, title);
}

int html_lines_begin(struct html_lines *lines)
{
	lines->text = NULL;
	lines->out = open_memstream(&lines->text, &lines->size);
	text_unbroken(lines->out);
	return lines->out ? 0 : -1;
}

/* "ask again: twprobe CELL": what is typed looks like it. */
static void write_line(FILE *page, char *line)
{
	static const char again[] = "ask again: ";

	if (strncmp(line, again, sizeof(again) - 1) != 0) {
		html_text(page, line);
		return;
	}
	fprintf(page, "%s<code>", again);
	html_text(page, line + sizeof(again) - 1);
	fputs("</code>", page);
}

void html_lines_end(struct html_lines *lines, FILE *page)
{
	char *line = NULL, *rest;

	text_unbroken(NULL);
	if (fclose(lines->out) == 0)
		line = lines->text;
	for (; line && *line; line = rest) {
		size_t blanks = strspn(line, " "), depth = blanks / INDENT;

		rest = line + strcspn(line, "\n");
		if (*rest)
			*rest++ = '\0';
		if (!line[blanks])
			continue;
		fprintf(page, "<p class=\"i%zu\">", depth < DEEPEST ? depth : DEEPEST - 1);
		write_line(page, line + blanks);
		fputs("</p>\n", page);
	}
	free(lines->text);
}
