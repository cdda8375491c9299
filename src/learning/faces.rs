//! Faces, and the same parts in other places.
//!
//! A face here is what the article's example is made of: two eyes and a nose, in their triangle. Place, size, light and
//! noise vary. Every face has a scrambled twin with the same eyes, the same nose, the same light and the same noise, whose
//! parts stand elsewhere. So no part tells them apart, nor does the sum of the pixels: the arrangement alone does.

use ndarray::{Array2, Array3, Axis};

use super::{Data, Random};
use crate::error::Result;

/// Pixels along each side.
pub const SIDE: usize = 20;

/// The first class, the triangle.
pub const FACE: usize = 1;

/// The other class, the same parts elsewhere.
pub const SCRAMBLED: usize = 0;

/// The furthest that a picture may be shifted along an axis without losing a part, in pixels.
pub const FURTHEST: i32 = 3;

/// Where the eyes and the nose are in a face: rows down and columns right from its middle, in pixels.
const TRIANGLE: [(f64, f64); 3] = [(-2.8, -3.2), (-2.8, 3.2), (2.2, 0.0)];

/// Half the height and half the width of an eye, and of the nose.
const SHAPES: [(f64, f64); 3] = [(1.3, 1.7), (1.3, 1.7), (2.2, 1.2)];

/// How far apart the parts of a scrambled face are, at least.
const APART: f64 = 3.6;

/// How far from its place in the triangle some part of a scrambled face is, at least.
const ELSEWHERE: f64 = 2.5;

/// The face number `number` of a seed, or its scrambled twin, shifted by whole pixels down and right. Shape
/// [`SIDE`] × [`SIDE`], 0 for black and 1 for white; noise may lead a little beyond.
///
/// A shift further than [`FURTHEST`] may push parts out of the picture.
///
/// # Examples
/// Twins have the same sum, up to the edges of their parts:
/// ```
/// use locality::learning::faces::{FACE, SCRAMBLED, draw};
/// let (face, twin) = (draw(FACE, 1, 0, (0, 0)), draw(SCRAMBLED, 1, 0, (0, 0)));
/// assert!(face != twin);
/// assert!((face.sum() - twin.sum()).abs() < 0.01 * face.sum());
/// ```
pub fn draw(class: usize, seed: u64, number: usize, shift: (i32, i32)) -> Array2<f32> {
    // What twins share comes from one stream, and where their parts are from others.
    let mut random = Random::part(seed, number as u64);
    let size = random.between(0.9, 1.1);
    let middle = [(); 2].map(|()| (SIDE as f64 - 1.0) / 2.0 + random.between(-1.0, 1.0));
    let (light, slope) = (random.between(0.4, 0.6), [(); 2].map(|()| random.between(-0.01, 0.01)));
    let eyes = random.between(-0.45, -0.2);
    let strengths = [eyes, eyes, random.between(0.2, 0.45)];
    let noise = random.between(0.05, 0.15);
    let places = match class {
        FACE => TRIANGLE
            .map(|(row, column)| (row + random.between(-0.3, 0.3), column + random.between(-0.3, 0.3))),
        _ => scrambled(&mut Random::part(!seed, number as u64)),
    };
    let mut grain = Random::part(seed.rotate_left(32), number as u64);
    Array2::from_shape_fn((SIDE, SIDE), |(i, j)| {
        // Where the pixel is, from the middle of the face.
        let row = i as f64 - middle[0] - f64::from(shift.0);
        let column = j as f64 - middle[1] - f64::from(shift.1);
        let mut pixel = light + slope[0] * row + slope[1] * column;
        for (part, (a, b)) in SHAPES.iter().enumerate() {
            let at = (row - size * places[part].0, column - size * places[part].1);
            pixel += strengths[part] * covered(at, (size * a, size * b));
        }
        (pixel + noise * grain.normal()) as f32
    })
}

/// Places for two eyes and a nose: inside the picture, apart from each other, and not in their triangle.
fn scrambled(random: &mut Random) -> [(f64, f64); 3] {
    loop {
        let places = [(); 3].map(|()| (random.between(-3.2, 3.2), random.between(-3.6, 3.6)));
        let [left, right, nose] = places;
        let apart = [(left, right), (left, nose), (right, nose)];
        let apart = apart.iter().all(|&(a, b)| distance(a, b) >= APART);
        // The eyes are alike: either may be the left one.
        let elsewhere = [[left, right, nose], [right, left, nose]];
        let elsewhere = elsewhere.iter().all(|places| {
            places.iter().zip(&TRIANGLE).any(|(&place, &own)| distance(place, own) >= ELSEWHERE)
        });
        if apart && elsewhere {
            return places;
        }
    }
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    ((a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)).sqrt()
}

/// How much of a pixel an ellipse around the origin covers, nearly: its edge is a pixel wide.
fn covered((row, column): (f64, f64), (a, b): (f64, f64)) -> f64 {
    let radius = distance((row / a, column / b), (0.0, 0.0));
    (0.5 + (1.0 - radius) * a.min(b)).clamp(0.0, 1.0)
}

/// A set of `count` pictures: number k is face k/2 if k is odd, and its twin if it is even. Each is shifted by `shift`
/// pixels along both axes, in one of four directions.
///
/// # Errors
/// As [`Data::new`], if there are no pictures.
///
/// # Examples
/// ```
/// use locality::learning::faces::{FACE, SCRAMBLED, set};
/// let data = set(4, 1, 0)?;
/// assert_eq!(data.classes(), [SCRAMBLED, FACE, SCRAMBLED, FACE]);
/// # Ok::<(), locality::Error>(())
/// ```
pub fn set(count: usize, seed: u64, shift: i32) -> Result<Data> {
    let mut pictures = Array3::zeros((count, SIDE, SIDE));
    for (k, mut picture) in pictures.axis_iter_mut(Axis(0)).enumerate() {
        let direction = Random::part(seed, !(k as u64)).below(4);
        let sign = |bit: usize| if direction >> bit & 1 == 1 { shift } else { -shift };
        picture.assign(&draw(k % 2, seed, k / 2, (sign(0), sign(1))));
    }
    Data::new(&pictures, (0..count).map(|k| k % 2).collect())
}
