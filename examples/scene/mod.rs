//! The test picture of the book: a face among shapes, drawn by code, the same on every machine.

use locality::ndarray::Array2;

/// Pixels along each side.
pub const SIDE: usize = 96;

/// The centres of the left eye, the right eye and the tip of the nose, as (row, column).
pub const TRIANGLE: [(f64, f64); 3] = [(37.0, 39.0), (37.0, 59.0), (56.0, 49.0)];

/// Radius of an eye.
pub const EYE: f64 = 5.0;

/// Draws the scene: 0 is black, 1 is white.
pub fn draw() -> Array2<f64> {
    // Each pixel is the mean of 4 × 4 points in it, so that edges are smooth; then comes a little grain.
    const POINTS: usize = 4;
    let mut grain = Grain(1);
    Array2::from_shape_fn((SIDE, SIDE), |(i, j)| {
        let mut sum = 0.0;
        for point in 0..POINTS * POINTS {
            let offset = |step: usize| (step as f64 + 0.5) / POINTS as f64 - 0.5;
            sum += paint(i as f64 + offset(point / POINTS), j as f64 + offset(point % POINTS));
        }
        let pixel = sum / (POINTS * POINTS) as f64 + 0.02 * (grain.next() - 0.5);
        pixel.clamp(0.0, 1.0)
    })
}

/// The brightness at row `y` and column `x`, layer upon layer.
fn paint(y: f64, x: f64) -> f64 {
    // Behind everything, a wall that darkens downwards.
    let mut light = 0.62 - 0.0025 * y;
    if (76.0..92.0).contains(&y) && (4.0..28.0).contains(&x) {
        light = if (x as usize / 3).is_multiple_of(2) { 0.85 } else { 0.2 }; // a fence
    }
    if (6.0..24.0).contains(&y) && (72.0..90.0).contains(&x) {
        light = if (y as usize / 6 + x as usize / 6).is_multiple_of(2) { 0.9 } else { 0.3 }; // a chessboard
    }
    if (y - 15.0).abs() + (x - 15.0).abs() < 11.0 {
        light = 0.92; // a diamond
    }
    if (5.5..9.5).contains(&distance((y, x), (82.0, 82.0))) {
        light = 0.1; // a ring
    }
    if inside(y, x, (70.0, 49.0), (34.0, 11.0)) {
        light = 0.66; // the neck
    }
    if inside(y, x, (40.0, 49.0), (33.0, 27.0)) {
        light = 0.16; // hair
    }
    if inside(y, x, (47.0, 49.0), (32.0, 22.0)) {
        light = 0.84 - 0.006 * (x - 49.0); // the face, lit from the left
        let [left, right, nose] = TRIANGLE;
        for eye in [left, right] {
            let brow = inside(y, x, (eye.0 - 8.5, eye.1), (1.8, 6.0));
            let white = inside(y, x, eye, (3.6, EYE));
            let pupil = distance((y, x), eye) < 2.6;
            light = if pupil || brow {
                0.08
            } else if white {
                1.0
            } else {
                light
            };
        }
        let below = y - (nose.0 - 12.0);
        if (0.0..13.0).contains(&below) && (x - nose.1).abs() < 0.35 * below {
            light = if x < nose.1 { 0.7 } else { 0.52 };
        }
        if inside(y, x, (66.0, 49.0), (5.0, 9.5)) && !inside(y, x, (63.0, 49.0), (5.0, 10.5)) {
            light = 0.24; // a smile
        }
    }
    light
}

/// How far one point is from another.
fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    ((a.0 - b.0).powi(2) + (a.1 - b.1).powi(2)).sqrt()
}

/// Whether a point lies in the ellipse with this centre and these half axes.
fn inside(y: f64, x: f64, centre: (f64, f64), half: (f64, f64)) -> bool {
    ((y - centre.0) / half.0).powi(2) + ((x - centre.1) / half.1).powi(2) < 1.0
}

/// A generator of numbers from 0 to 1 that are random enough for film grain.
struct Grain(u64);

impl Grain {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 40) as f64 / (1u64 << 24) as f64
    }
}
