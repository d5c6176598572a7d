/* report_ends_html.c - a ladder as a table of a page; html.css draws its arrows. */
#include "harness/report/html.h"
#include "harness/report/report_ends.h"

void report_ends_html_begin(FILE *out, const char *time, const char *left_name, const char *right_name)
{
	fputs("<div class=\"wide\"><table class=\"ladder\">\n<tr><th>", out);
	html_text(out, time);
	fputs("<th>", out);
	html_text(out, left_name);
	fputs("<th>segment<th>", out);
	html_text(out, right_name);
	fputc('\n', out);
}

static void write_state(FILE *out, const char *class, const char *state)
{
	fprintf(out, "<td class=\"s %s\">", class);
	html_text(out, state);
}

void report_ends_html_remark(FILE *out, const char *time, const char *text)
{
	fputs("<tr class=\"gap\"><td class=\"t\">", out);
	html_text(out, time);
	fputs("<td><td class=\"a\">", out);
	html_text(out, text);
	fputs("<td>\n", out);
}

void report_ends_html_rung(FILE *out, const struct ends_rung *rung)
{
	fprintf(out, "<tr%s><td class=\"t\">", rung->hue == HUE_STRONG ? " class=\"m\"" : "");
	html_text(out, rung->time);
	write_state(out, "l", rung->left);
	fputs("<td class=\"a\"><span>", out);
	html_text(out, rung->numbers);
	if (rung->note[0]) {
		fputs(" <b class=\"note\">", out);
		html_text(out, rung->note);
		fputs("</b>", out);
	}
	fprintf(out, "</span><i class=\"%c\" role=\"img\" aria-label=\"%s\"></i>", rung->from_left ? 'r' : 'l',
		rung->from_left ? "to the right" : "to the left");
	write_state(out, "r", rung->right);
	fputc('\n', out);
}

void report_ends_html_end(FILE *out)
{
	fputs("</table></div>\n", out);
}
