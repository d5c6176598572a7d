/* draw_internal.h - what the parts of a picture share; for harness/draw*.c alone. */
#ifndef TWPROBE_HARNESS_MAP_DRAW_INTERNAL_H
#define TWPROBE_HARNESS_MAP_DRAW_INTERNAL_H

#include <cairo.h>

#include "harness/map/draw.h"

enum { DRAW_TITLE_FONT = 18, DRAW_FONT = 13, DRAW_SMALL_FONT = 11, DRAW_TEXT_SIZE = 160 };

/* None of them reports an error: cairo keeps it until the end, where draw.c looks for it. */
void draw_plane(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout);
void draw_axes(cairo_t *cairo, const struct picture *picture, const struct draw_layout *layout);
/* Returns the height it takes. */
double draw_legend(cairo_t *cairo, const struct picture *picture, double left, double top);

/* The line of a rule book's boundary, along the path, which is gone after it. */
void draw_book_line(cairo_t *cairo, enum book book);
/* Lines that fill the rectangle, each book in its own direction; the caller clips. */
void draw_book_hatch(cairo_t *cairo, enum book book, double left, double top, double width, double height);

void draw_font(cairo_t *cairo, double size, bool strong);

/* Writes the page around the picture, which `svg` is; -1: it could not be written. */
int draw_html(const struct picture *picture, const struct draw_layout *layout, const uint8_t *svg, size_t size, FILE *out);

#endif
