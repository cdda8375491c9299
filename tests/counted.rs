//! `rustfft`, counted. In a file of its own, because whoever names its planner for a new kind of number compiles every
//! algorithm there is.

use locality::fourier::{self, Sample};
use locality::num_complex::Complex;
use locality::probe::{Counted, count};

/// The transform of 1024 points, planned as for any number: 11,008 real multiplications. A real signal has half the
/// spectrum, and not much more than half the work.
#[test]
fn transforms_are_counted() -> locality::Result<()> {
    let part = Counted::constant(0.5);
    let (spectrum, done) = count(|| fourier::dft(&[Complex::new(part, part); 1024]));
    assert_eq!((done.multiplications, done.additions, done.divisions), (11_008, 26_112, 0));
    assert_eq!(spectrum?[0].re.value(), 512.0);
    let (half, done) = count(|| Counted::spectrum(&[part; 1024]));
    assert_eq!(half?.len(), 513);
    assert!(2 * done.multiplications < 3 * 11_008);
    Ok(())
}
