#ifndef RENDER_SVG_H
#define RENDER_SVG_H

struct docnode;
struct str;

/*
 * A chart as inline SVG, from the table that is its child: a bar a row,
 * labelled by the first cell, its segments the next `level` columns (of the
 * chart node), which hold whole numbers.  A cell without a number is a hole,
 * never 0.  Numbers stand beside each bar, so nothing is told by colour
 * alone; the tone of a head cell picks the colour.  Whole-number coordinates,
 * at most 200 marks, no script, style or external reference.
 */
void svg_chart(struct str *, const struct docnode *chart);

#endif
