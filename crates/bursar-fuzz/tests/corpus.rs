//! The seeds of the fuzzer, and what it found before: each is replayed.

use std::path::{Path, PathBuf};

use bursar_fuzz::{TARGETS, Target};

#[test]
fn what_was_found_stays_mended() {
    let mut broken = Vec::new();
    for target in TARGETS {
        let folders = ["corpus", "findings"].map(|folder| folder_of(folder, target));
        for file in folders.iter().flat_map(|folder| files(folder)) {
            let bytes = std::fs::read(&file).expect("read a seed");
            if std::panic::catch_unwind(|| (target.run)(&bytes)).is_err() {
                broken.push(file);
            }
        }
    }
    assert!(broken.is_empty(), "{broken:?}");
}

#[test]
fn each_target_has_seeds_of_its_own() {
    for target in TARGETS {
        let seeds = files(&folder_of("corpus", target));
        assert!(!seeds.is_empty(), "`{}` has no seed", target.name);
    }
}

fn folder_of(folder: &str, target: Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(folder).join(target.name)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("list").path()).collect();
    files.sort();
    files
}
