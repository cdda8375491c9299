//! Quantities over an axis: lines, stems, bars, dots.

use std::fmt::Write as _;
use std::ops::Range;

use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{Area, Drawing, FINE, Ink, Painted, TEXT, draw, short, text};

/// The width of a chart, in pixels of the page.
const WIDTH: u32 = 600;

/// How the points of a series are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// A line through them.
    Line,
    /// A stem from zero to each, with a dot: what a sampled signal looks like.
    Stems,
    /// Dots alone.
    Dots,
    /// Hatched bars from zero: what is wrong.
    Bars,
    /// An upright line between every two points: from where to where something spreads. It has no label of its own in the
    /// picture; it belongs to the line of the same ink.
    Spread,
}

/// Named points in one ink.
#[derive(Debug, Clone)]
pub struct Series {
    label: String,
    ink: Ink,
    mark: Mark,
    points: Vec<(f64, f64)>,
}

impl Series {
    /// Points (x, y) under a label that stands beside them in the picture.
    pub fn new(label: &str, ink: Ink, mark: Mark, points: impl IntoIterator<Item = (f64, f64)>) -> Self {
        Self { label: label.into(), ink, mark, points: points.into_iter().collect() }
    }

    /// A signal: sample n at x = n.
    pub fn signal(label: &str, ink: Ink, samples: &[f64]) -> Self {
        let points = samples.iter().enumerate().map(|(n, &sample)| (n as f64, sample));
        Self::new(label, ink, Mark::Stems, points)
    }
}

/// One pair of axes with what is drawn between them.
#[derive(Debug, Clone)]
pub struct Chart {
    x: String,
    y: String,
    series: Vec<Series>,
    x_range: Option<Range<f64>>,
    y_range: Option<Range<f64>>,
    height: u32,
}

impl Chart {
    /// A chart whose axes are named `x` and `y` (quantity and unit) and reach as far as the data.
    pub fn new(x: &str, y: &str, series: Vec<Series>) -> Self {
        Self { x: x.into(), y: y.into(), series, x_range: None, y_range: None, height: 200 }
    }

    /// The same chart over a given range of x.
    pub fn x_range(self, range: Range<f64>) -> Self {
        Self { x_range: Some(range), ..self }
    }

    /// The same chart over a given range of y.
    pub fn y_range(self, range: Range<f64>) -> Self {
        Self { y_range: Some(range), ..self }
    }

    /// The same chart, `height` pixels of the page high (200 if nothing is said).
    pub fn height(self, height: u32) -> Self {
        Self { height, ..self }
    }

    /// The range of one coordinate, with room at both ends.
    fn span(
        &self,
        given: &Option<Range<f64>>,
        coordinate: impl Fn(&(f64, f64)) -> f64,
        zero: bool,
    ) -> Range<f64> {
        if let Some(range) = given {
            return range.clone();
        }
        let values = self.series.iter().flat_map(|series| &series.points).map(coordinate);
        // Nor is there an axis between numbers whose distance overflows.
        let values = values.filter(|value| value.abs() < f64::MAX / 4.0);
        let start = if zero { (0.0, 0.0) } else { (f64::INFINITY, f64::NEG_INFINITY) };
        let (low, high) = values.fold(start, |(low, high), value| (low.min(value), high.max(value)));
        if low > high {
            // No number to show: plotters would look for the ends of the axis for ever.
            return 0.0..1.0;
        }
        let room = if high > low { 0.06 * (high - low) } else { 0.5 };
        low - room..high + room
    }

    fn paint(&self, area: &Area) -> Painted {
        let fine = |pixels: u32| pixels * FINE;
        let from_zero = self.series.iter().any(|series| matches!(series.mark, Mark::Stems | Mark::Bars));
        let x_range = self.span(&self.x_range, |point| point.0, false);
        let y_range = self.span(&self.y_range, |point| point.1, from_zero);
        // The labels stand in a row of their own, above the axes.
        let (labels, axes) = area.split_vertically(fine(24));
        let mut chart = ChartBuilder::on(&axes)
            .margin_right(fine(12))
            .set_label_area_size(LabelAreaPosition::Left, fine(64))
            .set_label_area_size(LabelAreaPosition::Bottom, fine(44))
            .build_cartesian_2d(x_range, y_range.clone())?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(Ink::Grid.sentinel().stroke_width(FINE))
            .axis_style(Ink::Muted.sentinel().stroke_width(FINE))
            .label_style(text(TEXT - 2, Ink::Foreground, HPos::Center))
            .axis_desc_style(text(TEXT, Ink::Foreground, HPos::Center))
            .x_labels(9)
            .y_labels(5)
            .x_label_formatter(&|value| short(*value))
            .y_label_formatter(&|value| short(*value))
            .x_desc(self.x.as_str())
            .y_desc(self.y.as_str())
            .draw()?;
        for series in &self.series {
            let colour = series.ink.sentinel();
            let dot = |&point: &(f64, f64)| Circle::new(point, fine(4), colour.filled());
            match series.mark {
                Mark::Line => {
                    let line = LineSeries::new(series.points.iter().copied(), colour.stroke_width(fine(2)));
                    chart.draw_series(line)?;
                }
                Mark::Stems => {
                    let stem = |&(x, y): &(f64, f64)| {
                        PathElement::new([(x, 0.0), (x, y)], colour.stroke_width(fine(2)))
                    };
                    chart.draw_series(series.points.iter().map(stem))?;
                    chart.draw_series(series.points.iter().map(dot))?;
                }
                Mark::Spread => {
                    let upright = |ends: &[(f64, f64)]| PathElement::new(ends, colour.stroke_width(fine(1)));
                    chart.draw_series(series.points.chunks(2).map(upright))?;
                }
                Mark::Dots => {
                    chart.draw_series(series.points.iter().map(dot))?;
                }
                Mark::Bars => {
                    for &(x, y) in &series.points {
                        chart.draw_series([Rectangle::new(
                            [(x - 0.32, 0.0), (x + 0.32, y)],
                            colour.mix(0.18).filled(),
                        )])?;
                        chart.draw_series([Rectangle::new(
                            [(x - 0.32, 0.0), (x + 0.32, y)],
                            colour.stroke_width(fine(1)),
                        )])?;
                        // A hatch of three strokes: never by colour alone.
                        let stroke = |share: f64| {
                            let ends = [(x - 0.32, y * share), (x + 0.32, y * (share + 0.25))];
                            PathElement::new(ends, colour.stroke_width(fine(1)))
                        };
                        chart.draw_series([0.0, 0.375, 0.75].map(stroke))?;
                    }
                }
            }
        }
        if y_range.contains(&0.0) {
            let (left, right) = (chart.x_range().start, chart.x_range().end);
            let zero =
                PathElement::new([(left, 0.0), (right, 0.0)], Ink::Muted.sentinel().stroke_width(FINE));
            chart.draw_series([zero])?;
        }
        let mut left = fine(64) as i32;
        for series in self.series.iter().filter(|series| series.mark != Mark::Spread) {
            let style = text(TEXT, series.ink, HPos::Left);
            let (width, _) = labels.estimate_text_size(&series.label, &style)?;
            labels.draw(&Text::new(series.label.clone(), (left, fine(12) as i32), style))?;
            left += (width + fine(20)) as i32;
        }
        Ok(())
    }
}

/// Draws charts below one another.
///
/// # Examples
/// ```
/// use locality::figure::{Ink, chart::{Chart, Series, charts}};
/// let signal = Series::signal("x", Ink::Signal, &[1.0, 2.0, 0.0, -1.0]);
/// let drawing = charts(&[Chart::new("sample n", "x[n]", vec![signal])]);
/// ```
pub fn charts(charts: &[Chart]) -> Drawing {
    let height = charts.iter().map(|chart| chart.height).sum();
    let svg = draw(WIDTH, height, |area| {
        let mut rest = area.clone();
        for chart in charts {
            let (here, below) = rest.split_vertically(chart.height * FINE);
            chart.paint(&here)?;
            rest = below;
        }
        Ok(())
    });
    let mut csv = String::from("chart,series,x,y\n");
    let mut summary = String::new();
    for (number, chart) in charts.iter().enumerate() {
        for Series { label, points, .. } in &chart.series {
            for (x, y) in points {
                writeln!(csv, "{},\"{label}\",{},{}", number + 1, short(*x), short(*y)).expect("to a string");
            }
            let ys = points.iter().map(|point| point.1);
            let (low, high) =
                (ys.clone().fold(f64::INFINITY, f64::min), ys.fold(f64::NEG_INFINITY, f64::max));
            write!(
                summary,
                "{label}: {} points of {} against {}, from {} to {}. ",
                points.len(),
                chart.y,
                chart.x,
                short(low),
                short(high)
            )
            .expect("to a string");
        }
    }
    Drawing { svg, csv, summary: summary.trim_end().into() }
}
