//! The referee: the derivative of a loss, found by nudging its argument and looking.
//!
//! A central difference needs no formula for the gradient, so it can judge every formula. It is wrong in two ways.
//! With step t, bending costs t²/6 · |f‴|, equation `central-difference`; and rounding changes the two values of the
//! loss by about ε |f|, which the division turns into ε/t · |f|. The sum of both is least, equation `difference-step`, at
//!
//! t = ∛(3 ε |f| / |f‴|), which is of the order of ∛ε ≈ 6·10⁻⁶ times the length over which the loss changes.
//!
//! That length is not known. The steps here take max(1, |p|) for it, as is usual, and leave about two thirds of the
//! digits: errors near ε^⅔ ≈ 4·10⁻¹¹ for losses that are smooth on this scale. A finite difference decides whether a
//! formula is right, not whether it is accurate.

/// ∛ε for `f64`: 2^(−52/3).
pub const CUBE_ROOT_OF_EPSILON: f64 = 6.055_454_452_393_343e-6;

/// The step for a number of magnitude |p|: ∛ε · max(1, |p|), equation `difference-step`.
///
/// # Examples
/// ```
/// use locality::gradient::finite_difference::{CUBE_ROOT_OF_EPSILON, step};
/// assert_eq!(step(0.0), CUBE_ROOT_OF_EPSILON);
/// assert_eq!(step(-8.0), 8.0 * CUBE_ROOT_OF_EPSILON);
/// ```
pub fn step(p: f64) -> f64 {
    CUBE_ROOT_OF_EPSILON * p.abs().max(1.0)
}

/// The gradient of `loss` at `point`, one central difference for each coordinate; as long as the point.
///
/// The loss is called twice for each coordinate. NaN and infinities go where the loss takes them.
///
/// # Examples
/// ```
/// use locality::gradient::finite_difference::gradient;
/// let loss = |p: &[f64]| p[0] * p[0] * p[1];
/// let found = gradient(loss, &[3.0, 2.0]);
/// assert!((found[0] - 12.0).abs() < 1e-8 && (found[1] - 9.0).abs() < 1e-8);
/// ```
pub fn gradient(loss: impl Fn(&[f64]) -> f64, point: &[f64]) -> Vec<f64> {
    let mut nudged = point.to_vec();
    let mut derivative = |k: usize| {
        let (below, above) = (point[k] - step(point[k]), point[k] + step(point[k]));
        nudged[k] = above;
        let rise = loss(&nudged);
        nudged[k] = below;
        let rise = rise - loss(&nudged);
        nudged[k] = point[k];
        // The step that was taken: rounding has moved both ends.
        rise / (above - below)
    };
    (0..point.len()).map(&mut derivative).collect()
}

/// The derivative of `loss` at `point` along `direction`: ⟨∇L, v⟩ for two calls of the loss, however long the point is.
///
/// One random direction tests all coordinates of a gradient at once. The numbers are paired; what one slice has
/// more than the other stays where it is.
///
/// # Examples
/// ```
/// use locality::gradient::finite_difference::directional;
/// let loss = |p: &[f64]| p[0] * p[0] * p[1];
/// assert!((directional(loss, &[3.0, 2.0], &[1.0, -1.0]) - (12.0 - 9.0)).abs() < 1e-8);
/// ```
pub fn directional(loss: impl Fn(&[f64]) -> f64, point: &[f64], direction: &[f64]) -> f64 {
    let largest = |numbers: &[f64]| numbers.iter().fold(0.0_f64, |most, number| most.max(number.abs()));
    let longest = largest(direction);
    if longest == 0.0 {
        return 0.0;
    }
    // No coordinate moves further than the step allows.
    let t = step(largest(point)) / longest;
    let moved = |t: f64| {
        let mut moved = point.to_vec();
        moved.iter_mut().zip(direction).for_each(|(p, v)| *p += t * v);
        loss(&moved)
    };
    (moved(t) - moved(-t)) / (2.0 * t)
}
