/* draw.h - a map as a picture: PNG, SVG, PDF (cairo), an HTML page, or characters for a terminal. */
#ifndef TWPROBE_HARNESS_MAP_DRAW_H
#define TWPROBE_HARNESS_MAP_DRAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "crafter/fail.h"
#include "harness/map/map.h"

enum picture_kind { PICTURE_PNG, PICTURE_SVG, PICTURE_PDF, PICTURE_HTML, PICTURE_BLOCKS, PICTURE_KIND_COUNT };

enum { PICTURE_CAPTIONS = 8, PICTURE_CAPTION_SIZE = 1024, PICTURE_TITLE_SIZE = 640, DRAW_COUNT_SIZE = 32 };

struct picture {
	const struct map *map;
	struct map_counts counts;
	unsigned overlay;                 /* rule books to draw over it: an OR of 1 << enum book */
	char title[PICTURE_TITLE_SIZE];   /* state and segment: "time-wait / syn" */
	char subtitle[PICTURE_TITLE_SIZE]; /* conditions */
	char seq_label[80], ts_label[80]; /* what the axes are, with units */
	size_t caption_count;
	char captions[PICTURE_CAPTIONS][PICTURE_CAPTION_SIZE];
};

/* Where the cells are in a picture of pixels; all in pixels, from the upper left corner. */
struct draw_layout {
	unsigned cell;          /* the side of a cell */
	unsigned pad_x, pad_y;  /* cells beyond the edge that repeat the opposite one, where the axis goes all around */
	unsigned left, top;     /* of the first cell that is not a repetition */
	unsigned columns, rows;
	unsigned width, height; /* of the picture */
};

struct draw_color {
	uint8_t red, green, blue;
	uint8_t terminal; /* of a terminal's 256 */
	char letter;      /* where there is no colour */
};

/* Okabe and Ito's colours, some lighter or darker, so that each differs in hue and in lightness. */
const struct draw_color *draw_color_of(enum shade shade);

/* 262144 as "262,144". */
const char *draw_count(size_t count, char buffer[static DRAW_COUNT_SIZE]);
/* Whether the legend has it: the answers that any segment can get always, the rest where the map has some. */
bool draw_in_legend(const struct picture *picture, enum shade shade);
/* Before any drawing: finds cairo and the font while the program may still read every file. -1: there is no cairo. */
int draw_prepare(struct error *error);
void draw_layout(const struct picture *picture, struct draw_layout *layout);
/* One of the first four kinds. -1: it could not be drawn or written. */
int draw_file(const struct picture *picture, enum picture_kind kind, FILE *out, struct error *error);
/* Half blocks in 256 colours, two cells a character; without colour one letter a cell. */
void draw_blocks(const struct picture *picture, bool color, FILE *out);

#endif
