//! The numbers a formula is evaluated over: rounded complex ones, and exact ones.

use std::cmp::Ordering;
use std::fmt::{Debug, Display};

use num_complex::{Complex, Complex64};
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedDiv, CheckedMul, CheckedSub, ToPrimitive, Zero};

/// A complex number with rational parts: no operation rounds, and what cannot be exact is refused.
pub type Exact = Complex<Ratio<i128>>;

/// What evaluation asks of a number. Every operation that can fail says so instead of guessing: overflow, a division
/// by zero, an order between complex numbers, a root that is not in the field.
pub trait Number: Clone + PartialEq + Debug + Display + 'static {
    /// The integer `n`.
    fn whole(n: i64) -> Self;
    /// The imaginary unit.
    fn imaginary() -> Self;
    /// self + other.
    fn plus(&self, other: &Self) -> Option<Self>;
    /// self − other.
    fn minus(&self, other: &Self) -> Option<Self>;
    /// self · other.
    fn times(&self, other: &Self) -> Option<Self>;
    /// self / other.
    fn over(&self, other: &Self) -> Option<Self>;
    /// The complex conjugate.
    fn conjugate(&self) -> Self;
    /// The real part and the imaginary part.
    fn parts(&self) -> (Self, Self);
    /// The square root, of a real number that is not negative.
    fn root(&self) -> Option<Self>;
    /// The greatest integer that is not above this real number.
    fn floor(&self) -> Option<i64>;
    /// π.
    fn pi() -> Option<Self>;
    /// e to the power of this number.
    fn exp(&self) -> Option<Self>;
    /// e to the power of π times this number: exact where the angle is a multiple of a quarter turn.
    fn exp_pi(&self) -> Option<Self>;
    /// The logarithm to base 2, of a positive real number.
    fn log2(&self) -> Option<Self>;
    /// Which of two real numbers is larger.
    fn compare(&self, other: &Self) -> Option<Ordering>;
    /// |self − other|, rounded.
    fn distance(&self, other: &Self) -> f64;

    /// 0.
    fn zero() -> Self {
        Self::whole(0)
    }
    /// 1.
    fn one() -> Self {
        Self::whole(1)
    }
    /// This number, if it is an integer.
    fn integer(&self) -> Option<i64> {
        self.floor().filter(|&n| Self::whole(n) == *self)
    }
    /// |self|.
    fn magnitude(&self) -> Option<Self> {
        let (re, im) = self.parts();
        re.times(&re)?.plus(&im.times(&im)?)?.root()
    }
}

impl Number for Complex64 {
    fn whole(n: i64) -> Self {
        Self::new(n as f64, 0.0)
    }
    fn imaginary() -> Self {
        Self::i()
    }
    fn plus(&self, other: &Self) -> Option<Self> {
        Some(self + other)
    }
    fn minus(&self, other: &Self) -> Option<Self> {
        Some(self - other)
    }
    fn times(&self, other: &Self) -> Option<Self> {
        Some(self * other)
    }
    fn over(&self, other: &Self) -> Option<Self> {
        (!other.is_zero()).then(|| self / other)
    }
    fn conjugate(&self) -> Self {
        self.conj()
    }
    fn parts(&self) -> (Self, Self) {
        (self.re.into(), self.im.into())
    }
    fn root(&self) -> Option<Self> {
        real(self).filter(|&re| re >= 0.0).map(|re| re.sqrt().into())
    }
    fn floor(&self) -> Option<i64> {
        // Beyond 2⁵³ not every integer is a float, and a sum of indices could be off by one without a trace.
        real(self).map(f64::floor).filter(|re| re.abs() <= 9e15).map(|re| re as i64)
    }
    fn pi() -> Option<Self> {
        Some(std::f64::consts::PI.into())
    }
    fn exp(&self) -> Option<Self> {
        Some(Complex::exp(*self))
    }
    fn exp_pi(&self) -> Option<Self> {
        Some(Complex::exp(self * std::f64::consts::PI))
    }
    fn log2(&self) -> Option<Self> {
        real(self).filter(|&re| re > 0.0).map(|re| re.log2().into())
    }
    fn compare(&self, other: &Self) -> Option<Ordering> {
        real(self)?.partial_cmp(&real(other)?)
    }
    fn distance(&self, other: &Self) -> f64 {
        (self - other).norm()
    }
    fn magnitude(&self) -> Option<Self> {
        Some(self.norm().into())
    }
}

/// The real number that a complex one is, if it is one.
fn real<T: Zero + Clone>(z: &Complex<T>) -> Option<T> {
    z.im.is_zero().then(|| z.re.clone())
}

impl Number for Exact {
    fn whole(n: i64) -> Self {
        Ratio::from_integer(i128::from(n)).into()
    }
    fn imaginary() -> Self {
        Self::new(Ratio::zero(), Ratio::from_integer(1))
    }
    fn plus(&self, other: &Self) -> Option<Self> {
        Some(Self::new(self.re.checked_add(&other.re)?, self.im.checked_add(&other.im)?))
    }
    fn minus(&self, other: &Self) -> Option<Self> {
        Some(Self::new(self.re.checked_sub(&other.re)?, self.im.checked_sub(&other.im)?))
    }
    fn times(&self, other: &Self) -> Option<Self> {
        let product = |a: &Ratio<i128>, b: &Ratio<i128>| a.checked_mul(b);
        Some(Self::new(
            product(&self.re, &other.re)?.checked_sub(&product(&self.im, &other.im)?)?,
            product(&self.re, &other.im)?.checked_add(&product(&self.im, &other.re)?)?,
        ))
    }
    fn over(&self, other: &Self) -> Option<Self> {
        let numerator = self.times(&other.conjugate())?;
        let norm = other.times(&other.conjugate())?.re;
        // num-rational panics when it divides by zero, even when asked to check.
        if norm.is_zero() {
            return None;
        }
        Some(Self::new(numerator.re.checked_div(&norm)?, numerator.im.checked_div(&norm)?))
    }
    fn conjugate(&self) -> Self {
        self.conj()
    }
    fn parts(&self) -> (Self, Self) {
        (self.re.into(), self.im.into())
    }
    fn root(&self) -> Option<Self> {
        let whole = |n: &i128| (*n >= 0).then(|| n.isqrt()).filter(|root| root * root == *n);
        let re = real(self)?;
        Some(Ratio::new(whole(re.numer())?, whole(re.denom())?).into())
    }
    fn floor(&self) -> Option<i64> {
        real(self)?.floor().to_integer().to_i64()
    }
    fn pi() -> Option<Self> {
        None
    }
    fn exp(&self) -> Option<Self> {
        self.is_zero().then(<Self as Number>::one)
    }
    fn exp_pi(&self) -> Option<Self> {
        let quarters = real(&Self::new(self.im, self.re))?.checked_mul(&Ratio::from_integer(2))?;
        let turns = quarters.is_integer().then(|| quarters.to_integer().rem_euclid(4))?;
        let i = Self::imaginary();
        Some([<Self as Number>::one(), i, -<Self as Number>::one(), -i][turns as usize])
    }
    fn log2(&self) -> Option<Self> {
        let n = self.integer().filter(|n| *n > 0)?;
        (n & (n - 1) == 0).then(|| Self::whole(i64::from(n.ilog2())))
    }
    fn compare(&self, other: &Self) -> Option<Ordering> {
        Some(real(self)?.cmp(&real(other)?))
    }
    fn distance(&self, other: &Self) -> f64 {
        let Some(difference) = self.minus(other) else { return f64::INFINITY };
        let rounded = |part: Ratio<i128>| part.to_f64().unwrap_or(f64::INFINITY);
        rounded(difference.re).hypot(rounded(difference.im))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(n: i64, d: i64) -> Exact {
        Exact::whole(n).over(&Exact::whole(d)).unwrap()
    }

    #[test]
    fn what_is_not_exact_is_refused() {
        assert_eq!(exact(9, 4).root(), Some(exact(3, 2)));
        assert_eq!(exact(2, 1).root(), None);
        assert_eq!(exact(1, 1).over(&exact(0, 1)), None);
        assert_eq!(Exact::whole(i64::MAX).times(&Exact::whole(i64::MAX)).and_then(|n| n.times(&n)), None);
        assert_eq!(exact(-7, 2).floor(), Some(-4));
        assert_eq!(exact(7, 2).integer(), None);
        assert_eq!(Exact::imaginary().compare(&exact(0, 1)), None);
    }

    #[test]
    fn quarter_turns_are_exact_and_others_are_not() {
        let i = Exact::imaginary();
        let half_turn = |n, d| i.times(&exact(n, d)).unwrap().exp_pi();
        assert_eq!(half_turn(-1, 2), Some(-i));
        assert_eq!(half_turn(3, 1), Some(exact(-1, 1)));
        assert_eq!(half_turn(1, 3), None);
        assert_eq!(exact(1, 1).exp_pi(), None);
    }
}
