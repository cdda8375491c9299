//! Matrices and images: cells in rows and columns.

use std::fmt::Write as _;

use ndarray::{Array2, ArrayRef2};
use plotters::prelude::*;
use plotters::style::text_anchor::HPos;

use super::{Area, Drawing, FINE, Ink, Painted, TEXT, draw, short, text};

/// One cell: how strongly it is filled with which ink, and what stands in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What the cell holds, for the data.
    pub value: f64,
    /// The ink it is filled with.
    pub ink: Ink,
    /// From 0, empty, to 1, full.
    pub strength: f64,
    /// Printed in the cell if not empty.
    pub label: String,
    /// Struck through, for what is wrong.
    pub hatched: bool,
}

/// A titled matrix or image.
#[derive(Debug, Clone)]
pub struct Panel {
    title: String,
    cells: Array2<Cell>,
    look: Look,
    /// The height and width of the blocks that are outlined.
    blocks: Option<(usize, usize)>,
    /// What stands before each row and above each column.
    heads: Option<[Vec<String>; 2]>,
}

/// How the cells of a panel meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    /// With a line around each.
    Cells,
    /// Without lines; empty cells are not drawn at all.
    Spy,
    /// As the pixels of a picture.
    Picture,
}

/// The room for what stands before the rows, in pixels of the page.
const HEAD_WIDTH: u32 = 34;

/// The room for what stands above the columns.
const HEAD_HEIGHT: u32 = 22;

impl Panel {
    /// A matrix whose cells are made one by one.
    pub fn cells(title: &str, shape: (usize, usize), cell: impl Fn(usize, usize) -> Cell) -> Self {
        let cells = Array2::from_shape_fn(shape, |(i, j)| cell(i, j));
        Self { title: title.into(), cells, look: Look::Cells, blocks: None, heads: None }
    }

    /// A matrix of numbers in one ink: the larger the magnitude, the fuller the cell; zeros stay empty.
    pub fn matrix(title: &str, values: &ArrayRef2<f64>, ink: Ink) -> Self {
        let most = values.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        Self::cells(title, values.dim(), |i, j| {
            let value = values[[i, j]];
            let strength = if most > 0.0 { (value.abs() / most).clamp(0.0, 1.0) } else { 0.0 };
            Cell { value, ink, strength, label: String::new(), hatched: false }
        })
    }

    /// The same panel with every cell's number printed in it, zeros left out.
    pub fn labelled(mut self) -> Self {
        for cell in self.cells.iter_mut().filter(|cell| short(cell.value) != "0") {
            cell.label = short(cell.value);
        }
        self
    }

    /// A picture: 0 is black, 1 is white, in every theme, and what lies outside is clipped.
    pub fn picture(title: &str, pixels: &ArrayRef2<f64>) -> Self {
        let cell = |i, j| {
            let value: f64 = pixels[[i, j]];
            Cell {
                value,
                ink: Ink::Background,
                strength: value.clamp(0.0, 1.0),
                label: String::new(),
                hatched: false,
            }
        };
        Self { look: Look::Picture, ..Self::cells(title, pixels.dim(), cell) }
    }

    /// The same panel without lines between cells, for a matrix so large that its lines would be all one sees.
    pub fn spy(mut self) -> Self {
        self.look = Look::Spy;
        self
    }

    /// The same panel with its blocks of `shape` (rows, columns) outlined.
    pub fn blocks(mut self, shape: (usize, usize)) -> Self {
        self.blocks = Some(shape);
        self
    }

    /// The same panel with a name before each row and above each column.
    pub fn headed(mut self, rows: Vec<String>, columns: Vec<String>) -> Self {
        self.heads = Some([rows, columns]);
        self
    }

    /// The room that the heads take, width and height in pixels of the page.
    fn margins(&self) -> (u32, u32) {
        if self.heads.is_some() { (HEAD_WIDTH, HEAD_HEIGHT) } else { (0, 0) }
    }

    /// Paints the panel into `area`, whose upper `title` pixels are the title's.
    fn paint(&self, area: &Area, title: u32) -> Painted {
        let (rows, columns) = self.cells.dim();
        let (width, height) = area.dim_in_pixel();
        let (left, above) = self.margins();
        let (left, top) = (left * FINE, title + above * FINE);
        let middle = ((left + (width - left) / 2) as i32, title as i32 / 2);
        area.draw(&Text::new(self.title.clone(), middle, text(TEXT, Ink::Foreground, HPos::Center)))?;
        let x = |column: usize| (left + column as u32 * (width - left) / columns as u32) as i32;
        let y = |row: usize| (top + row as u32 * (height - top) / rows as u32) as i32;
        if let Some([before, over]) = &self.heads {
            let head = |name: &str, place| {
                area.draw(&Text::new(name.to_string(), place, text(TEXT - 2, Ink::Muted, HPos::Center)))
            };
            for (i, name) in before.iter().enumerate().take(rows) {
                head(name, ((left / 2) as i32, (y(i) + y(i + 1)) / 2))?;
            }
            for (j, name) in over.iter().enumerate().take(columns) {
                head(name, ((x(j) + x(j + 1)) / 2, (top - above * FINE / 2) as i32))?;
            }
        }
        for ((i, j), cell) in self.cells.indexed_iter() {
            let corners = [(x(j), y(i)), (x(j + 1), y(i + 1))];
            if self.look == Look::Picture {
                let grey = (cell.strength * 255.0).round() as u8;
                // The first few greys are the inks' own; nobody sees the difference.
                let grey = grey.max(16);
                // A pixel reaches under its neighbours, so that no seam shows when the picture is drawn smaller.
                let under = ((x(j + 1) + FINE as i32).min(x(columns)), (y(i + 1) + FINE as i32).min(y(rows)));
                area.draw(&Rectangle::new([corners[0], under], RGBColor(grey, grey, grey).filled()))?;
                continue;
            }
            let colour = cell.ink.sentinel();
            // Plotters would print the opacity with all its digits.
            let strength = (cell.strength * 100.0).round() / 100.0;
            if strength > 0.0 {
                area.draw(&Rectangle::new(corners, colour.mix(strength).filled()))?;
            }
            if self.look == Look::Cells {
                area.draw(&Rectangle::new(corners, Ink::Grid.sentinel().stroke_width(FINE)))?;
            }
            if cell.hatched {
                let (w, h) = (x(j + 1) - x(j), y(i + 1) - y(i));
                for third in 1..=3 {
                    let ends = [(x(j), y(i) + third * h / 3), (x(j) + third * w / 3, y(i))];
                    area.draw(&PathElement::new(ends, Ink::Wrong.sentinel().stroke_width(FINE)))?;
                }
            }
            if !cell.label.is_empty() {
                let centre = ((x(j) + x(j + 1)) / 2, (y(i) + y(i + 1)) / 2);
                let ink = if strength > 0.6 { Ink::Background } else { Ink::Foreground };
                area.draw(&Text::new(cell.label.clone(), centre, text(TEXT - 2, ink, HPos::Center)))?;
            }
        }
        if let Some((block_rows, block_columns)) = self.blocks {
            let line = |from, to| {
                area.draw(&PathElement::new([from, to], Ink::Muted.sentinel().stroke_width(2 * FINE)))
            };
            for i in (0..=rows).step_by(block_rows.max(1)) {
                line((x(0), y(i)), (x(columns), y(i)))?;
            }
            for j in (0..=columns).step_by(block_columns.max(1)) {
                line((x(j), y(0)), (x(j), y(rows)))?;
            }
        }
        Ok(())
    }
}

/// What stands between two panels of a row: an operator such as "=", or nothing.
pub type Joint<'a> = &'a str;

/// Draws panels side by side, each under its title, with an operator between one and the next.
///
/// Cells are squares of `cell` pixels of the page. `joints` has one entry less than there are panels.
///
/// # Examples
/// ```
/// use locality::figure::{Ink, grid::{Panel, row}};
/// use locality::ndarray::array;
/// let kernel = Panel::matrix("h", &array![[1.0, 2.0], [0.0, 1.0]], Ink::Kernel).labelled();
/// let drawing = row(30, &[kernel], &[]);
/// ```
pub fn row(cell: u32, panels: &[Panel], joints: &[Joint]) -> Drawing {
    rows(cell, &[panels], &[joints])
}

/// Draws several rows of panels below one another; see [`row`].
pub fn rows(cell: u32, lines: &[&[Panel]], joints: &[&[Joint]]) -> Drawing {
    const TITLE: u32 = 30;
    const JOINT: u32 = 34;
    const GAP: u32 = 12;
    let width_of = |panel: &Panel| panel.margins().0 + panel.cells.ncols() as u32 * cell;
    let tall = |panel: &Panel| TITLE + panel.margins().1 + panel.cells.nrows() as u32 * cell;
    let height_of = |line: &[Panel]| line.iter().map(tall).max().unwrap_or(TITLE);
    let line_width =
        |line: &[Panel]| line.iter().map(width_of).sum::<u32>() + JOINT * (line.len().max(1) as u32 - 1) + 2;
    let width = lines.iter().map(|line| line_width(line)).max().unwrap_or(1);
    let height = lines.iter().map(|line| height_of(line) + GAP).sum::<u32>();
    let svg = draw(width, height, |area| {
        let mut top = 0;
        for (number, line) in lines.iter().enumerate() {
            let joints = joints.get(number).copied().unwrap_or_default();
            let mut left = (width - line_width(line)) / 2 + 1;
            for (number, panel) in line.iter().enumerate() {
                let (w, h) = (width_of(panel), tall(panel));
                // A smaller panel stands in the middle of the row's height, its title on it.
                let above = top + (height_of(line) - h) / 2;
                let here = area.clone().shrink((left * FINE, above * FINE), (w * FINE, h * FINE));
                panel.paint(&here, TITLE * FINE)?;
                left += w;
                if let Some(joint) = joints.get(number) {
                    let y = above + TITLE + (h - TITLE) / 2;
                    let centre = (((left + JOINT / 2) * FINE) as i32, (y * FINE) as i32);
                    area.draw(&Text::new(
                        joint.to_string(),
                        centre,
                        text(TEXT + 4, Ink::Foreground, HPos::Center),
                    ))?;
                }
                left += JOINT;
            }
            top += height_of(line) + GAP;
        }
        Ok(())
    });
    let mut csv = String::from("panel,row,column,value\n");
    let mut summary = String::new();
    for panel in lines.iter().copied().flatten() {
        let (rows, columns) = panel.cells.dim();
        let filled = panel.cells.iter().filter(|cell| short(cell.value) != "0").count();
        write!(summary, "{}: {rows} by {columns}, {filled} entries not zero. ", panel.title)
            .expect("to a string");
        for ((i, j), cell) in panel.cells.indexed_iter() {
            writeln!(csv, "\"{}\",{i},{j},{}", panel.title, short(cell.value)).expect("to a string");
        }
    }
    Drawing { svg, csv, summary: summary.trim_end().into() }
}
