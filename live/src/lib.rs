//! The crate `locality` in the reader's browser.
//!
//! A live figure asks the very functions that the book proves. This crate gives them names that JavaScript can call,
//! and has no algorithm of its own. Compiled to WebAssembly by `cargo book live`, it is `book/live/module.js`.
//!
//! **How it is called.** JavaScript asks for room, [`given`], writes its numbers there, and calls one of the figures'
//! functions with sizes and choices. What comes back is the number of results, which lie at [`made`]. Bad input traps
//! nowhere: the function returns minus the number of bytes of a [`message`], in UTF-8.
//!
//! ```
//! let room = live::given(5);
//! assert!(!room.is_null());
//! // Room that nobody wrote to is zero; two choices that do not exist are refused.
//! assert_eq!(live::conv1d(3, 2, 0, 0), 4 + 4 * 3);
//! assert!(live::conv1d(3, 2, 0, 9) < 0);
//! ```

mod desk;
mod figures;

pub use desk::{given, made, message};
pub use figures::{conv1d, conv2d, cost, gradients, spatial, spectrum, theorem1d, train};

#[cfg(not(target_arch = "wasm32"))]
pub use desk::{give, take};
