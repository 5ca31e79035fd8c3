//! The seeds of the fuzzer, and what it found before: each is replayed.

use std::path::{Path, PathBuf};

use bursar_fuzz::{TARGETS, Target};

#[test]
fn what_was_found_stays_mended() {
    let mut replayed = 0_usize;
    for target in TARGETS {
        for folder in ["corpus", "findings"] {
            replayed += replay(target, &folder_of(folder, target));
        }
    }
    assert!(TARGETS.len() <= replayed, "{replayed} files: the seeds are gone");
}

#[test]
fn each_target_has_seeds_of_its_own() {
    for target in TARGETS {
        assert!(0 < files(&folder_of("corpus", target)).len(), "`{}` has no seed", target.name);
    }
}

fn folder_of(folder: &str, target: Target) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz").join(folder).join(target.name)
}

fn replay(target: Target, folder: &Path) -> usize {
    let files = files(folder);
    for file in &files {
        // A panic says no name: the last line does.
        eprintln!("{}", file.display());
        (target.run)(&std::fs::read(file).expect("read a seed"));
    }
    files.len()
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("list").path()).collect();
    files.sort();
    files
}
