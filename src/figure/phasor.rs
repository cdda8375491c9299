//! Complex numbers as arrows: matrices of them, and sums of them.
//!
//! An arrow's angle is the number's: 1 points to the right, i up, −1 to the left, −i down.

use std::fmt::Write as _;

use ndarray::{Array2, ArrayRef2};
use num_complex::Complex;
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{Area, Drawing, FINE, Ink, Painted, TEXT, draw, short, text};

/// A titled matrix whose entries are numbers on the unit circle.
#[derive(Debug, Clone)]
pub struct Phasors {
    title: String,
    entries: Array2<Complex<f64>>,
    block: (usize, usize),
    wrong: Array2<bool>,
}

impl Phasors {
    /// A matrix of arrows, with heavier lines around blocks of so many rows and columns.
    pub fn new(title: &str, entries: &ArrayRef2<Complex<f64>>, block: (usize, usize)) -> Self {
        let wrong = Array2::from_elem(entries.dim(), false);
        Self { title: title.into(), entries: entries.to_owned(), block, wrong }
    }

    /// The same matrix with some entries in red and hatched.
    pub fn wrong(mut self, wrong: impl Fn(usize, usize) -> bool) -> Self {
        self.wrong = Array2::from_shape_fn(self.entries.dim(), |(i, j)| wrong(i, j));
        self
    }

    /// Paints the matrix into `area`, whose upper `title` pixels are the title's.
    fn paint(&self, area: &Area, title: u32, cell: u32) -> Painted {
        let (rows, columns) = self.entries.dim();
        let (cell, title) = (cell as i32, title as i32);
        let (width, height) = (columns as i32 * cell, rows as i32 * cell);
        area.draw(&Text::new(
            self.title.clone(),
            (width / 2, title / 2),
            text(TEXT, Ink::Foreground, HPos::Center),
        ))?;
        for ((i, j), entry) in self.entries.indexed_iter() {
            let (left, top) = (j as i32 * cell, title + i as i32 * cell);
            let wrong = self.wrong[[i, j]];
            let ink = if wrong { Ink::Wrong } else { Ink::Signal };
            // The further from 1, the fuller: an aid for the eye, which the arrow makes exact.
            let strength = (20.0 * (1.0 - entry.re)).round() / 100.0;
            if strength > 0.0 {
                let tint = ink.sentinel().mix(strength).filled();
                area.draw(&Rectangle::new([(left, top), (left + cell, top + cell)], tint))?;
            }
            if wrong {
                let stroke = ink.sentinel().mix(0.8).stroke_width(FINE / 2);
                for ends in [
                    [(left, top + cell / 2), (left + cell / 2, top)],
                    [(left + cell / 2, top + cell), (left + cell, top + cell / 2)],
                ] {
                    area.draw(&PathElement::new(ends, stroke))?;
                }
            }
            let (middle, reach) = ((left + cell / 2, top + cell / 2), 0.38 * f64::from(cell));
            // Down is positive on the page.
            let end = |share: f64| {
                let along = |part: f64| (share * reach * part).round() as i32;
                (middle.0 + along(entry.re), middle.1 - along(entry.im))
            };
            arrow(
                area,
                end(-1.0),
                end(1.0),
                0.32 * f64::from(cell),
                if wrong { ink } else { Ink::Foreground },
            )?;
        }
        let line = |ends: [(i32, i32); 2], heavy: bool| {
            let (ink, pen) = if heavy { (Ink::Foreground, FINE + FINE / 2) } else { (Ink::Grid, FINE / 2) };
            area.draw(&PathElement::new(ends, ink.sentinel().stroke_width(pen)))
        };
        // Light lines first, so that none crosses a heavy one.
        for heavy in [false, true] {
            for i in (0..=rows).filter(|i| (i % self.block.0 == 0) == heavy) {
                let y = title + i as i32 * cell;
                line([(0, y), (width, y)], heavy)?;
            }
            for j in (0..=columns).filter(|j| (j % self.block.1 == 0) == heavy) {
                let x = j as i32 * cell;
                line([(x, title), (x, title + height)], heavy)?;
            }
        }
        Ok(())
    }
}

/// An arrow with a head of length `head`.
fn arrow(area: &Area, from: (i32, i32), to: (i32, i32), head: f64, ink: Ink) -> Painted {
    let (dx, dy) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = dx.hypot(dy);
    if length < 1.0 {
        return Ok(());
    }
    let (ux, uy) = (dx / length, dy / length);
    let head = head.min(0.7 * length);
    let place = |back: f64, aside: f64| {
        let x = f64::from(to.0) - back * ux - aside * uy;
        let y = f64::from(to.1) - back * uy + aside * ux;
        (x.round() as i32, y.round() as i32)
    };
    let colour = ink.sentinel();
    area.draw(&PathElement::new([from, place(0.8 * head, 0.0)], colour.stroke_width(FINE + FINE / 2)))?;
    area.draw(&Polygon::new([to, place(head, 0.45 * head), place(head, -0.45 * head)], colour.filled()))
}

/// Draws matrices of arrows side by side, each under its title; cells are squares of `cell` pixels of the page.
///
/// # Examples
/// ```
/// use locality::figure::phasor::{Phasors, row};
/// use locality::{matrix, num_complex::Complex};
/// let f = matrix::to_array(&matrix::dft::<Complex<f64>>(4)?);
/// let drawing = row(24, &[Phasors::new("F4", &f, (4, 4))]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn row(cell: u32, panels: &[Phasors]) -> Drawing {
    const TITLE: u32 = 30;
    const GAP: u32 = 24;
    const MARGIN: u32 = 2;
    let width_of = |panel: &Phasors| panel.entries.ncols() as u32 * cell + 2 * MARGIN;
    let rows = panels.iter().map(|panel| panel.entries.nrows() as u32).max().unwrap_or(0);
    let width = panels.iter().map(width_of).sum::<u32>() + GAP * (panels.len().max(1) as u32 - 1);
    let height = TITLE + rows * cell + MARGIN;
    let svg = draw(width.max(1), height, |area| {
        let mut left = MARGIN;
        for panel in panels {
            let size = (width_of(panel) * FINE, height * FINE);
            panel.paint(&area.clone().shrink((left * FINE, 0), size), TITLE * FINE, cell * FINE)?;
            left += width_of(panel) + GAP;
        }
        Ok(())
    });
    let mut csv = String::from("panel,row,column,turn,wrong\n");
    let mut summary = String::new();
    for panel in panels {
        let (rows, columns) = panel.entries.dim();
        let wrong = panel.wrong.iter().filter(|&&wrong| wrong).count();
        write!(summary, "{}: {rows} by {columns} arrows", panel.title).expect("to a string");
        if wrong > 0 {
            write!(summary, ", {wrong} of {} hatched", panel.wrong.len()).expect("to a string");
        }
        summary.push_str(". ");
        for ((i, j), entry) in panel.entries.indexed_iter() {
            // Whole turns, clockwise from 1, as the exponent of ω over N.
            let turn = (-entry.arg() / std::f64::consts::TAU).rem_euclid(1.0);
            let turn = if turn > 1.0 - 1e-9 { 0.0 } else { turn };
            let wrong = u8::from(panel.wrong[[i, j]]);
            writeln!(csv, "\"{}\",{i},{j},{},{wrong}", panel.title, short(turn)).expect("to a string");
        }
    }
    Drawing { svg, csv, summary: summary.trim_end().into() }
}

/// Draws a sum of complex numbers as arrows in a row, each from where the one before it ends.
///
/// The first arrow is drawn in the text's ink, the others in the image's, and the last end in the output's; the
/// first arrow and the last end are labelled. The unit is as long upwards as to the right.
///
/// # Examples
/// ```
/// use locality::figure::phasor::walk;
/// use locality::num_complex::Complex;
/// let steps = [(1.0, 0.0), (0.0, 1.0), (0.5, -1.0)].map(|(re, im)| Complex::new(re, im));
/// let drawing = walk(&steps, "the first", "their sum");
/// ```
pub fn walk(steps: &[Complex<f64>], first: &str, sum: &str) -> Drawing {
    const WIDTH: u32 = 600;
    let mut places = vec![Complex::new(0.0, 0.0)];
    for step in steps {
        places.push(places[places.len() - 1] + step);
    }
    let span = |part: fn(&Complex<f64>) -> f64| {
        let (low, high) = places.iter().map(part).fold((0.0_f64, 0.0_f64), |(l, h), x| (l.min(x), h.max(x)));
        let room = 0.08 * (high - low).max(1e-9);
        (low - room, high + room)
    };
    let (mut re, mut im) = (span(|z| z.re), span(|z| z.im));
    // Room for the labels, and a picture that is not a thread.
    let least = 0.25 * (re.1 - re.0);
    if im.1 - im.0 < least {
        im = (im.0 - least / 2.0, im.1 + least / 2.0);
    }
    re = (re.0, re.1 + 0.06 * (re.1 - re.0));
    let (left, bottom, top) = (56, 46, 24);
    let unit = f64::from(WIDTH - left - 8) / (re.1 - re.0);
    let height = (unit * (im.1 - im.0)).round() as u32 + bottom + top;
    let svg = draw(WIDTH, height, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin_right(8 * FINE)
            .margin_top(top * FINE)
            .set_label_area_size(LabelAreaPosition::Left, left * FINE)
            .set_label_area_size(LabelAreaPosition::Bottom, bottom * FINE)
            .build_cartesian_2d(re.0..re.1, im.0..im.1)?;
        chart
            .configure_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(Ink::Grid.sentinel().stroke_width(FINE / 2))
            .axis_style(Ink::Muted.sentinel().stroke_width(FINE))
            .label_style(text(TEXT - 2, Ink::Foreground, HPos::Center))
            .axis_desc_style(text(TEXT, Ink::Foreground, HPos::Center))
            .x_label_formatter(&|value| short(*value))
            .y_label_formatter(&|value| short(*value))
            .x_labels(8)
            .y_labels(5)
            .x_desc("real part")
            .y_desc("imaginary part")
            .draw()?;
        let axis = [(re.0, 0.0), (re.1, 0.0)];
        chart.draw_series([PathElement::new(axis, Ink::Muted.sentinel().stroke_width(FINE))])?;
        let pixel = |z: &Complex<f64>| chart.backend_coord(&(z.re, z.im));
        for (number, ends) in places.windows(2).enumerate() {
            let ink = if number == 0 { Ink::Foreground } else { Ink::Signal };
            arrow(area, pixel(&ends[0]), pixel(&ends[1]), f64::from(11 * FINE), ink)?;
        }
        let (one, last) = (pixel(&places[1.min(places.len() - 1)]), pixel(&places[places.len() - 1]));
        area.draw(&Circle::new(last, 5 * FINE, Ink::Output.sentinel().filled()))?;
        let below = (pixel(&places[0]).0 + one.0) / 2;
        let label = |label: &str, place, ink, side| {
            area.draw(&Text::new(label.to_owned(), place, text(TEXT, ink, side)))
        };
        let under = (14 * FINE) as i32;
        label(first, (below, one.1 + under), Ink::Foreground, HPos::Center)?;
        label(sum, (last.0 + (8 * FINE) as i32, last.1 + under), Ink::Output, HPos::Right)
    });
    let mut csv = String::from("term,real,imaginary,sum_real,sum_imaginary\n");
    for (number, (step, place)) in steps.iter().zip(&places[1..]).enumerate() {
        let numbers = [step.re, step.im, place.re, place.im].map(short).join(",");
        writeln!(csv, "{},{numbers}", number + 1).expect("to a string");
    }
    let end = &places[places.len() - 1];
    let summary = format!(
        "{} arrows from 0 to {}{}.",
        steps.len(),
        short(end.re),
        if short(end.im) == "0" { String::new() } else { format!(" + {} i", short(end.im)) }
    );
    Drawing { svg, csv, summary }
}
