//! The live figures: the module that is kept was made from the sources that are kept, and all of it is small enough.

use std::fs;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

#[test]
fn the_module_was_made_from_these_sources() {
    let (kept, now) = (weave::live::kept(root()).unwrap(), weave::live::hash(root()).unwrap());
    assert_eq!(kept, now, "{} is stale\n  mend: `cargo book live`", weave::live::SCRIPT);
}

#[test]
fn the_sources_are_those_that_the_figures_reach() {
    let sources = weave::live::sources(root()).unwrap();
    let holds = |path: &str| sources.iter().any(|source| source == path);
    for path in
        ["live/src/figures.rs", "src/conv1d.rs", "src/error.rs", "src/matrix/toeplitz.rs", "plans/src/lib.rs"]
    {
        assert!(holds(path), "{path} is missing among {sources:?}");
    }
    for path in ["src/fast/auto.rs", "src/learning/network.rs", "src/figure/mod.rs"] {
        assert!(!holds(path), "{path} is not in the module");
    }
}

/// What a reader downloads for a page with a live figure, compressed as a server does it.
#[test]
fn the_scripts_and_the_style_take_at_most_sixty_kilobytes() {
    let scripts = fs::read_dir(root().join("book/live")).unwrap().map(|entry| entry.unwrap().path());
    let all = scripts.chain([root().join("book/theme/live.css")]);
    let compressed = all.map(|path| miniz_oxide::deflate::compress_to_vec(&fs::read(path).unwrap(), 9).len());
    let total = compressed.sum::<usize>();
    assert!(
        total <= 60 * 1024,
        "{total} bytes\n  mend: `cargo book live` with wasm-opt at hand, or shorter scripts"
    );
}
