/* cairo.c - cairo's functions under their own names: who calls them sees its headers, and nothing of this.
 *
 * A program that is linked with cairo loads it and the twenty libraries that it brings (X11, fontconfig) each time it starts,
 * for 2.5 ms. A static program has it in itself. */
#include "harness/report/cairo.h"

#ifdef TWPROBE_STATIC
int cairo_load(struct error *error)
{
	(void)error;
	return 0;
}
#else

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <dlfcn.h>
#include <string.h>

/* X(what it returns, its name without "cairo_", its parameters, their names): as in cairo.h, against
 * which the compiler holds it. */
#define CAIRO_FUNCTIONS \
	X(void, clip, (cairo_t *cairo), (cairo)) \
	X(void, close_path, (cairo_t *cairo), (cairo)) \
	X(cairo_t *, create, (cairo_surface_t *target), (target)) \
	X(void, destroy, (cairo_t *cairo), (cairo)) \
	X(void, fill, (cairo_t *cairo), (cairo)) \
	X(void, fill_preserve, (cairo_t *cairo), (cairo)) \
	X(cairo_pattern_t *, get_source, (cairo_t *cairo), (cairo)) \
	X(cairo_surface_t *, image_surface_create, \
	  (cairo_format_t format, int width, int height), \
	  (format, width, height)) \
	X(unsigned char *, image_surface_get_data, (cairo_surface_t *surface), (surface)) \
	X(int, image_surface_get_stride, (cairo_surface_t *surface), (surface)) \
	X(void, line_to, (cairo_t *cairo, double x, double y), (cairo, x, y)) \
	X(void, move_to, (cairo_t *cairo, double x, double y), (cairo, x, y)) \
	X(void, new_path, (cairo_t *cairo), (cairo)) \
	X(void, paint, (cairo_t *cairo), (cairo)) \
	X(void, pattern_set_filter, (cairo_pattern_t *pattern, cairo_filter_t filter), (pattern, filter)) \
	X(cairo_surface_t *, pdf_surface_create_for_stream, \
	  (cairo_write_func_t write, void *closure, double width, double height), \
	  (write, closure, width, height)) \
	X(void, rectangle, \
	  (cairo_t *cairo, double x, double y, double width, double height), \
	  (cairo, x, y, width, height)) \
	X(void, rel_line_to, (cairo_t *cairo, double x, double y), (cairo, x, y)) \
	X(void, restore, (cairo_t *cairo), (cairo)) \
	X(void, rotate, (cairo_t *cairo, double angle), (cairo, angle)) \
	X(void, save, (cairo_t *cairo), (cairo)) \
	X(void, scale, (cairo_t *cairo, double x, double y), (cairo, x, y)) \
	X(void, select_font_face, \
	  (cairo_t *cairo, const char *family, cairo_font_slant_t slant, cairo_font_weight_t weight), \
	  (cairo, family, slant, weight)) \
	X(void, set_dash, \
	  (cairo_t *cairo, const double *dashes, int count, double offset), \
	  (cairo, dashes, count, offset)) \
	X(void, set_font_size, (cairo_t *cairo, double size), (cairo, size)) \
	X(void, set_line_cap, (cairo_t *cairo, cairo_line_cap_t line_cap), (cairo, line_cap)) \
	X(void, set_line_width, (cairo_t *cairo, double width), (cairo, width)) \
	X(void, set_source_rgb, (cairo_t *cairo, double red, double green, double blue), (cairo, red, green, blue)) \
	X(void, set_source_rgba, \
	  (cairo_t *cairo, double red, double green, double blue, double alpha), \
	  (cairo, red, green, blue, alpha)) \
	X(void, set_source_surface, \
	  (cairo_t *cairo, cairo_surface_t *surface, double x, double y), \
	  (cairo, surface, x, y)) \
	X(void, show_text, (cairo_t *cairo, const char *text), (cairo, text)) \
	X(cairo_status_t, status, (cairo_t *cairo), (cairo)) \
	X(const char *, status_to_string, (cairo_status_t status), (status)) \
	X(void, stroke, (cairo_t *cairo), (cairo)) \
	X(void, stroke_preserve, (cairo_t *cairo), (cairo)) \
	X(void, surface_destroy, (cairo_surface_t *surface), (surface)) \
	X(void, surface_finish, (cairo_surface_t *surface), (surface)) \
	X(void, surface_flush, (cairo_surface_t *surface), (surface)) \
	X(void, surface_mark_dirty, (cairo_surface_t *surface), (surface)) \
	X(cairo_status_t, surface_status, (cairo_surface_t *surface), (surface)) \
	X(cairo_status_t, surface_write_to_png_stream, \
	  (cairo_surface_t *surface, cairo_write_func_t write, void *closure), \
	  (surface, write, closure)) \
	X(cairo_surface_t *, svg_surface_create_for_stream, \
	  (cairo_write_func_t write, void *closure, double width, double height), \
	  (write, closure, width, height)) \
	X(void, svg_surface_set_document_unit, (cairo_surface_t *surface, cairo_svg_unit_t unit), (surface, unit)) \
	X(void, text_extents, \
	  (cairo_t *cairo, const char *text, cairo_text_extents_t *extents), \
	  (cairo, text, extents))

#define X(type, name, parameters, arguments) type(*name) parameters;
static struct { CAIRO_FUNCTIONS } real;
#undef X

int cairo_load(struct error *error)
{
#define X(type, name, parameters, arguments) { "cairo_" #name, &real.name },
	const struct {
		const char *name;
		void *into;
	} symbols[] = { CAIRO_FUNCTIONS };
#undef X
	void *library = dlopen("libcairo.so.2", RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return fail(error, "a picture needs cairo, which is not here (Debian's package is libcairo2)");
	for (size_t i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(library, symbols[i].name);

		if (!symbol)
			return fail(error, "cairo is too old: it has no %s", symbols[i].name);
		memcpy(symbols[i].into, &symbol, sizeof(symbol)); /* ISO C has no cast from data to function */
	}
	return 0;
}

#define X(type, name, parameters, arguments)     \
	type cairo_##name parameters             \
	{                                        \
		return real.name arguments;     \
	}
CAIRO_FUNCTIONS
#endif
