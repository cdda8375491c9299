//! The committed module does what the crate does: both are run on the same numbers, and give the same numbers.
//!
//! The module runs in an interpreter. Sums and products must agree to the last bit. Sines and logarithms come from
//! different libraries, so what has been through a transform may differ by rounding.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use wasmi::{Engine, Instance, Linker, Memory, Module, Store, Val};

/// The committed module, running.
struct Page {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

/// What a call of a figure's function came to.
type Answer = Result<Vec<f64>, String>;

fn wasm() -> Vec<u8> {
    let script = include_str!("../../book/live/module.js");
    let text = script.split('"').nth(3).expect("the module is the second string of its script");
    let deflated = BASE64_STANDARD.decode(text).expect("base64");
    miniz_oxide::inflate::decompress_to_vec(&deflated).expect("deflated")
}

impl Page {
    fn open() -> Self {
        let engine = Engine::default();
        let module = Module::new(&engine, &wasm()[..]).expect("a module");
        assert_eq!(module.imports().count(), 0, "a page has nothing to give to the module");
        let mut store = Store::new(&engine, ());
        let instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
        let memory = instance.get_memory(&store, "memory").expect("memory");
        Self { store, instance, memory }
    }

    /// Calls an export; an error is a trap, which no input may cause.
    fn export(&mut self, name: &str, arguments: &[usize]) -> i32 {
        let function =
            self.instance.get_func(&self.store, name).unwrap_or_else(|| panic!("no export {name}"));
        let arguments = arguments.iter().map(|&size| Val::I32(size as u32 as i32)).collect::<Vec<_>>();
        let mut results = [Val::I32(0)];
        let done = function.call(&mut self.store, &arguments, &mut results);
        done.unwrap_or_else(|trap| panic!("{name}{arguments:?} trapped: {trap}"));
        results[0].i32().expect("a number")
    }

    /// Asks as the helper does.
    fn ask(&mut self, name: &str, numbers: &[f64], sizes: &[usize]) -> Answer {
        let room = self.export("given", &[numbers.len()]) as usize;
        let bytes = numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<_>>();
        self.memory.write(&mut self.store, room, &bytes).expect("room");
        let count = self.export(name, sizes);
        let place = self.export(if count < 0 { "message" } else { "made" }, &[]) as usize;
        let length = count.unsigned_abs() as usize;
        let mut bytes = vec![0; if count < 0 { length } else { 8 * length }];
        self.memory.read(&self.store, place, &mut bytes).expect("results");
        if count < 0 {
            return Err(String::from_utf8(bytes).expect("UTF-8"));
        }
        Ok(bytes.chunks(8).map(|bytes| f64::from_le_bytes(bytes.try_into().unwrap())).collect())
    }
}

/// The same, without the module.
fn native(name: &str, numbers: &[f64], sizes: &[usize]) -> Answer {
    live::give(numbers);
    live::take(match (name, sizes) {
        ("conv1d", &[a, b, c, d]) => live::conv1d(a, b, c, d),
        ("theorem1d", &[a, b, c]) => live::theorem1d(a, b, c),
        ("conv2d", &[a, b, c, d, e, f]) => live::conv2d(a, b, c, d, e, f),
        ("spectrum", &[a, b, c]) => live::spectrum(a, b, c),
        ("spatial", &[a, b, c, d]) => live::spatial(a, b, c, d),
        ("gradients", &[a, b, c, d, e]) => live::gradients(a, b, c, d, e),
        ("train", &[a, b, c, d, e]) => live::train(a, b, c, d, e),
        ("cost", &[a, b, c, d, e, f]) => live::cost(a, b, c, d, e, f),
        _ => panic!("{name}{sizes:?}"),
    })
}

/// The functions of the figures, with how many sizes each takes and whether its sums are exact.
const FIGURES: [(&str, usize, bool); 8] = [
    ("conv1d", 4, true),
    ("theorem1d", 3, false),
    ("conv2d", 6, true),
    ("spectrum", 3, false),
    ("spatial", 4, true),
    ("gradients", 5, false),
    ("train", 5, false),
    ("cost", 6, false),
];

/// The numbers of a small generator: the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| (self.below(2001) as f64 - 1000.0) / 100.0).collect()
    }

    fn sizes<const N: usize>(&mut self, ends: [usize; N]) -> Vec<usize> {
        ends.iter().map(|&end| self.below(end)).collect()
    }
}

/// Asks both, and fails unless they agree; returns whether they answered rather than refused.
fn compare(page: &mut Page, name: &str, numbers: &[f64], sizes: &[usize]) -> bool {
    let exact = FIGURES.iter().any(|&(figure, _, exact)| figure == name && exact);
    match (page.ask(name, numbers, sizes), native(name, numbers, sizes)) {
        (Err(page), Err(native)) => {
            assert_eq!(page, native, "{name}{sizes:?}");
            false
        }
        (Ok(page), Ok(native)) => {
            assert_eq!(page.len(), native.len(), "{name}{sizes:?}");
            let most = native.iter().fold(1.0, |most: f64, number| most.max(number.abs()));
            for (a, b) in page.iter().zip(&native) {
                let same = a == b || a.is_nan() && b.is_nan() || !exact && (a - b).abs() <= 1e-13 * most;
                assert!(same, "{name}{sizes:?} on {numbers:?}: the module says {a}, the crate {b}");
            }
            true
        }
        (page, native) => panic!("{name}{sizes:?}: the module says {page:?}, the crate {native:?}"),
    }
}

#[test]
fn the_module_agrees_with_the_crate_on_the_figures_first_views() {
    let mut page = Page::open();
    assert!(compare(&mut page, "conv1d", &[3.0, 1.0, 4.0, 1.0, 5.0, 1.0, 0.0, -1.0], &[5, 3, 0, 0]));
    assert!(compare(&mut page, "theorem1d", &[1.0, 2.0, 0.0, -1.0, 0.5, 1.0, 0.5], &[4, 3, 5]));
    assert!(compare(&mut page, "cost", &[], &[56, 3, 64, 64, 16, 16]));
    let picture = (0..25).map(f64::from).collect::<Vec<_>>();
    assert!(compare(&mut page, "spatial", &picture, &[4, 4, 3, 3]));
    assert!(compare(&mut page, "conv2d", &picture, &[4, 4, 3, 3, 1, 2]));
    assert!(compare(&mut page, "spectrum", &picture[..16], &[4, 4, 8]));
    for bins in 0..=16 {
        assert!(compare(&mut page, "gradients", &[], &[4, 4, 0, 0, bins]));
    }
    for way in 0..3 {
        assert!(compare(&mut page, "train", &[&picture[..], &picture[..12]].concat(), &[4, 4, 3, 3, way]));
    }
}

#[test]
fn the_module_agrees_with_the_crate_on_random_numbers() {
    let (mut page, mut random) = (Page::open(), Random(28));
    let mut answered = [0; FIGURES.len()];
    for _ in 0..150 {
        for (i, (name, _, _)) in FIGURES.into_iter().enumerate() {
            let sizes = match name {
                "conv1d" => random.sizes([10, 6, 2, 3]),
                "theorem1d" => random.sizes([9, 6, 20]),
                "conv2d" => random.sizes([8, 8, 4, 4, 2, 3]),
                "spectrum" => random.sizes([9, 9, 12]),
                "spatial" => random.sizes([6, 6, 4, 4]),
                "gradients" => random.sizes([5, 5, 4, 4, 17]),
                "train" => random.sizes([6, 6, 4, 4, 3]),
                _ => random.sizes([300, 12, 65, 65, 17, 64]),
            };
            let count = random.below(120);
            let numbers = random.numbers(count);
            answered[i] += usize::from(compare(&mut page, name, &numbers, &sizes));
        }
    }
    // Tiles are powers of two that hold the kernel: few of the random ones.
    assert!(answered.iter().all(|&answered| answered >= 5), "answers, not only refusals: {answered:?}");
}

#[test]
fn nothing_that_a_page_passes_in_traps() {
    let (mut page, mut random) = (Page::open(), Random(1));
    let odd = [0, 1, 2, 3, 16, 17, 256, 257, 65_535, 65_536, 1 << 20, 1 << 31, u32::MAX as usize];
    for _ in 0..400 {
        for (name, count, _) in FIGURES {
            let sizes = (0..count).map(|_| odd[random.below(odd.len())]).collect::<Vec<_>>();
            let numbers = [f64::NAN, f64::INFINITY, 0.0, 1e308, -5.0].repeat(random.below(4));
            let _ = page.ask(name, &numbers, &sizes);
        }
    }
    assert_eq!(page.export("given", &[usize::MAX]), 0, "no room is no address");
}

#[test]
fn the_module_names_no_folder_of_the_machine_that_made_it() {
    let wasm = wasm();
    for folder in ["/home/", "/root/", "/Users/", "/tmp/", "registry/src", ".cargo", ".rustup"] {
        let found = wasm.windows(folder.len()).any(|bytes| bytes == folder.as_bytes());
        assert!(!found, "the module holds {folder:?}");
    }
}

/// `.ci/pages.mjs` uses the figures in a browser and compares what they show with `.ci/live.json`: these numbers.
#[test]
fn the_numbers_that_a_browser_must_show_are_those_of_the_crate() {
    let cases: serde_json::Value = serde_json::from_str(include_str!("../../.ci/live.json")).expect("JSON");
    let list = |of: &serde_json::Value| -> Vec<f64> {
        of.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
    };
    for case in cases.as_array().expect("a list") {
        let sizes = list(&case["sizes"]).iter().map(|&size| size as usize).collect::<Vec<_>>();
        let made = native(case["asks"].as_str().expect("a name"), &list(&case["numbers"]), &sizes);
        let made = made.unwrap_or_else(|message| panic!("{case}: {message}"));
        let value = match case["result"].as_u64() {
            Some(result) => made[result as usize],
            // How many pixels a sum over frequencies consists of.
            None => {
                let (re, im) = made.split_at(made.len() / 2);
                re.iter().zip(im).filter(|(re, im)| re.hypot(**im) > 1e-12).count() as f64
            }
        };
        let shown = case["value"].as_f64().expect("a number");
        assert!((value - shown).abs() < 0.006, "{case}: the crate says {value}");
    }
}
