//! A reader's own pictures: a folder with two folders in it, one for each class.

use std::fs;
use std::path::{Path, PathBuf};

use image::imageops::FilterType;
use locality::ndarray::{Array3, Axis};

/// What was found: the names of the classes, the pictures by turns, one of each class, and which class each belongs to.
#[derive(Debug)]
pub struct Folder {
    /// The names of the two folders, in alphabetical order.
    pub names: [String; 2],
    /// Shape (count, side, side), from 0 to 1.
    pub pictures: Array3<f32>,
    /// 0 or 1 for each.
    pub classes: Vec<usize>,
}

/// The fewest pictures of a class with which there is something to train, to choose rates on, and to test.
pub const FEWEST: usize = 32;

/// Reads the pictures, PNG or JPEG, grey and `side` × `side`. What one class has more than the other is left out.
///
/// # Errors
/// With what is wrong, and where.
pub fn read(folder: &Path, side: usize) -> Result<Folder, String> {
    let here = folder.display();
    if !folder.is_dir() {
        return Err(format!("{here}: expected a folder, found none"));
    }
    let classes = entries(folder)?.into_iter().filter(|path| path.is_dir()).collect::<Vec<_>>();
    let [first, second] = classes.as_slice() else {
        return Err(format!(
            "{here}: expected two folders in it, one for each class, found {}",
            classes.len()
        ));
    };
    let files = [pictures(first)?, pictures(second)?];
    let each = files[0].len().min(files[1].len());
    let mut all = Array3::zeros((2 * each, side, side));
    for (k, mut place) in all.axis_iter_mut(Axis(0)).enumerate() {
        let path = &files[k % 2][k / 2];
        let picture = image::open(path)
            .map_err(|error| format!("{}: not a picture that can be read: {error}", path.display()))?;
        let grey = picture.resize_exact(side as u32, side as u32, FilterType::Triangle).to_luma8();
        place.indexed_iter_mut().for_each(|((i, j), pixel)| {
            *pixel = f32::from(grey.get_pixel(j as u32, i as u32).0[0]) / 255.0;
        });
    }
    let name = |path: &PathBuf| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Folder {
        names: [name(first), name(second)],
        pictures: all,
        classes: (0..2 * each).map(|k| k % 2).collect(),
    })
}

/// The pictures of one class, in alphabetical order.
fn pictures(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let known = |path: &PathBuf| {
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        ["png", "jpg", "jpeg"].contains(&extension.as_str())
    };
    let files = entries(folder)?.into_iter().filter(known).collect::<Vec<_>>();
    match files.len() {
        few if few < FEWEST => Err(format!(
            "{}: expected at least {FEWEST} pictures (.png, .jpg, .jpeg), found {few}",
            folder.display()
        )),
        _ => Ok(files),
    }
}

/// What is in a folder, in alphabetical order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let said = |error| format!("{}: {error}", folder.display());
    let entries = fs::read_dir(folder).map_err(said)?;
    let mut entries = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, _>>().map_err(said)?;
    entries.sort();
    Ok(entries)
}
