//! Where numbers are handed over: those that are given, those that are made, and what is wrong with the given ones.

use std::cell::RefCell;

use locality::{Error, Result};

/// No figure needs more numbers than this: the room for them is half a megabyte.
const MOST: usize = 1 << 16;

/// What lies between the page and the crate. WebAssembly has one thread; tests have several, each with its own.
struct Desk {
    given: Vec<f64>,
    made: Vec<f64>,
    message: String,
}

thread_local! {
    static DESK: RefCell<Desk> = const { RefCell::new(Desk { given: vec![], made: vec![], message: String::new() }) };
}

/// Room for `length` numbers, all zero, until it is asked for again; null if there is no such room.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn given(length: usize) -> *mut f64 {
    DESK.with_borrow_mut(|desk| {
        if length > MOST {
            return std::ptr::null_mut();
        }
        desk.given.clear();
        desk.given.resize(length, 0.0);
        desk.given.as_mut_ptr()
    })
}

/// Where the results of the last call lie.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn made() -> *const f64 {
    DESK.with_borrow(|desk| desk.made.as_ptr())
}

/// Where it is said what was wrong with the last call that returned less than zero.
#[cfg_attr(target_arch = "wasm32", unsafe(no_mangle))]
pub extern "C" fn message() -> *const u8 {
    DESK.with_borrow(|desk| desk.message.as_ptr())
}

/// Answers a call: gives `figure` the numbers, keeps what it makes and returns how many they are, or keeps the message
/// and returns minus its length.
pub(crate) fn answer(figure: impl FnOnce(&[f64]) -> Result<Vec<f64>>) -> i32 {
    DESK.with_borrow_mut(|desk| match figure(&desk.given) {
        Ok(made) => {
            desk.made = made;
            desk.made.len() as i32
        }
        Err(error) => {
            desk.message = error.to_string();
            -(desk.message.len() as i32)
        }
    })
}

/// The first numbers, as many as each of `lengths` says, and no fewer.
pub(crate) fn parts<const N: usize>(given: &[f64], lengths: [usize; N]) -> Result<[&[f64]; N]> {
    let needed = lengths.iter().fold(0_usize, |all, length| all.saturating_add(*length));
    if given.len() < needed {
        return Err(Error::Length { argument: "numbers", expected: needed, given: given.len() });
    }
    let mut rest = given;
    Ok(lengths.map(|length| {
        let (part, after) = rest.split_at(length);
        rest = after;
        part
    }))
}

/// Writes numbers where a page would, for tests.
#[cfg(not(target_arch = "wasm32"))]
pub fn give(numbers: &[f64]) {
    DESK.with_borrow_mut(|desk| desk.given = numbers.to_vec());
}

/// What a call returned, read where a page would: numbers, or what was wrong.
///
/// # Errors
/// The message, if the call returned less than zero.
#[cfg(not(target_arch = "wasm32"))]
pub fn take(returned: i32) -> std::result::Result<Vec<f64>, String> {
    DESK.with_borrow(|desk| if returned < 0 { Err(desk.message.clone()) } else { Ok(desk.made.clone()) })
}
