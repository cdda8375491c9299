//! The house style of figures, and where a program of the book leaves what it made.
//!
//! A figure is drawn with `plotters` in named [`Ink`]s. In the SVG an ink is a CSS variable, so that the page's theme
//! decides what it looks like: signals and images in blue, kernels in orange, outputs in green, gradients in purple,
//! what is wrong in red and hatched. Every figure brings its data as CSV and says in words what it shows.
//!
//! [`chart`] draws quantities over an axis, [`grid`] matrices and images, [`phasor`] complex numbers as arrows; all
//! return a [`Drawing`]. A
//! [`Gallery`] writes drawings, numbers and other files where the book finds them.

pub mod chart;
pub mod grid;
pub mod phasor;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Drawn pixels per pixel of the page: plotters rounds to whole pixels, and these are small enough not to show.
const FINE: u32 = 4;

/// The height of text, in pixels of the page.
const TEXT: u32 = 15;

/// A surface to draw on, in pixels of which [`FINE`] make one of the page.
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A colour with a meaning; the page's theme says which one it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// Text and axes.
    Foreground,
    /// What matters less.
    Muted,
    /// Grid lines.
    Grid,
    /// The page.
    Background,
    /// A signal or image.
    Signal,
    /// A kernel, or its first row where rows must be told apart.
    Kernel,
    /// The second row of a kernel.
    KernelSecond,
    /// The third row of a kernel.
    KernelThird,
    /// An output.
    Output,
    /// A gradient.
    Gradient,
    /// What is wrong.
    Wrong,
}

/// Every ink with the name of its CSS variable.
const INKS: [(Ink, &str); 11] = [
    (Ink::Foreground, "fig-fg"),
    (Ink::Muted, "fig-muted"),
    (Ink::Grid, "fig-grid"),
    (Ink::Background, "fig-bg"),
    (Ink::Signal, "signal"),
    (Ink::Kernel, "kernel"),
    (Ink::KernelSecond, "kernel-second"),
    (Ink::KernelThird, "kernel-third"),
    (Ink::Output, "output"),
    (Ink::Gradient, "gradient"),
    (Ink::Wrong, "wrong"),
];

impl Ink {
    /// The colour plotters is given in the ink's place; [`draw`] puts the CSS variable there.
    fn sentinel(self) -> RGBColor {
        let place = INKS.iter().position(|&(ink, _)| ink == self).expect("every ink is listed") as u8 + 1;
        RGBColor(place, place, place)
    }
}

/// A finished picture with the data in it and a description of what it shows.
#[derive(Debug, Clone)]
pub struct Drawing {
    svg: String,
    csv: String,
    summary: String,
}

/// Draws on a surface of `width` × `height` pixels of the page and returns the SVG.
fn draw(width: u32, height: u32, paint: impl FnOnce(&Area) -> Painted) -> String {
    let (w, h) = (width * FINE, height * FINE);
    let mut svg = String::new();
    let area = SVGBackend::with_string(&mut svg, (w, h)).into_drawing_area();
    paint(&area).and_then(|()| area.present()).expect("drawing into a string cannot fail");
    drop(area);
    for (ink, name) in INKS {
        let RGBColor(r, g, b) = ink.sentinel();
        svg = svg.replace(&format!("\"#{r:02X}{g:02X}{b:02X}\""), &format!("\"var(--{name})\""));
    }
    // The page decides the size; the drawing keeps its proportions, a width beyond which it looks coarse, and that
    // width under a name, from which the page computes the one below which nobody can read it.
    let fixed = format!("<svg width=\"{w}\" height=\"{h}\"");
    svg.replacen(&fixed, &format!("<svg style=\"--drawn:{width}px;max-width:{width}px\""), 1)
}

type Painted = Result<(), DrawingAreaErrorKind<io::Error>>;

/// Text in the house's type, `size` pixels of the page high, anchored at its centre unless another place is given.
fn text(size: u32, ink: Ink, horizontal: HPos) -> TextStyle<'static> {
    ("sans-serif", (size * FINE) as f64)
        .into_font()
        .color(&ink.sentinel())
        .pos(Pos::new(horizontal, VPos::Center))
}

/// A number as it is printed in data and descriptions: four significant digits, and rounding errors are zero.
///
/// # Examples
/// ```
/// use locality::figure::short;
/// assert_eq!(short(0.123456), "0.1235");
/// assert_eq!(short(-2.5), "-2.5");
/// assert_eq!(short(1e-17), "0");
/// ```
pub fn short(value: f64) -> String {
    if value.abs() < 1e-12 {
        return "0".into();
    }
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 15) as usize;
    let printed = format!("{value:.digits$}");
    if printed.contains('.') { printed.trim_end_matches('0').trim_end_matches('.').into() } else { printed }
}

/// Where a program of the book leaves its figures, its numbers and its files.
///
/// The book names a folder in the environment variable `LOCALITY_GENERATED`; a reader who runs the program finds
/// everything below `target/figures/`.
#[derive(Debug)]
pub struct Gallery {
    program: &'static str,
    folder: PathBuf,
    values: String,
    figures: usize,
}

impl Gallery {
    /// Opens the gallery of one program, `examples/<program>.rs`.
    ///
    /// # Errors
    /// If the folder cannot be made.
    ///
    /// # Examples
    /// ```no_run
    /// use locality::figure::{Gallery, chart::{Chart, Mark, Series, charts}, Ink};
    /// let mut gallery = Gallery::open("my_chapter")?;
    /// let line = Series::new("y = x²", Ink::Output, Mark::Line, (0..5).map(|x| (x as f64, (x * x) as f64)));
    /// let drawing = charts(&[Chart::new("x", "y", vec![line])]);
    /// gallery.figure("parabola", &drawing, "A parabola.", "Five points of a parabola.")?;
    /// gallery.value("points", 5)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn open(program: &'static str) -> io::Result<Self> {
        let folder = match env::var_os("LOCALITY_GENERATED") {
            Some(folder) => folder.into(),
            None => Path::new("target/figures").join(program),
        };
        fs::create_dir_all(&folder)?;
        Ok(Self { program, folder, values: String::new(), figures: 0 })
    }

    /// Keeps a figure: the SVG, its data, and what the page says about it. The caption says what to see (Markdown
    /// with mathematics between dollars); the alternative text says what is there, and the data's own summary is
    /// added to it.
    ///
    /// # Errors
    /// If a file cannot be written.
    pub fn figure(&mut self, id: &str, drawing: &Drawing, caption: &str, alt: &str) -> io::Result<()> {
        let alt = format!("{alt} {}", drawing.summary);
        let about = format!(
            "caption = {}\nalt = {}\nprogram = {:?}\n",
            quoted(caption),
            quoted(alt.trim()),
            self.program
        );
        for (extension, content) in [("svg", &drawing.svg), ("csv", &drawing.csv), ("toml", &about)] {
            fs::write(self.file(&format!("figures/{id}.{extension}"))?, content)?;
        }
        self.figures += 1;
        Ok(())
    }

    /// Keeps a number (or a word) that the prose quotes as `{{value program.key}}`.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn value(&mut self, key: &str, value: impl ToString) -> io::Result<()> {
        writeln!(self.values, "{key} = {}", quoted(&value.to_string()))
            .expect("writing to a string cannot fail");
        fs::write(self.file(&format!("values/{}.toml", self.program))?, &self.values)
    }

    /// The path of another file of this program, such as `audio/before.wav`; its folder is made.
    ///
    /// # Errors
    /// If the folder cannot be made.
    pub fn file(&self, path: &str) -> io::Result<PathBuf> {
        let path = self.folder.join(path);
        fs::create_dir_all(path.parent().expect("a joined path has a parent"))?;
        Ok(path)
    }

    /// Says on standard error what was kept and where, for the reader who ran the program.
    pub fn close(self) {
        eprintln!("drew {} figures below {}", self.figures, self.folder.display());
    }
}

/// A TOML string.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            _ => quoted.push(letter),
        }
    }
    quoted + "\""
}
