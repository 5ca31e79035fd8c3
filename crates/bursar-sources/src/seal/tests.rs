//! What is sealed opens under its key and for its purpose, and otherwise says why not.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn keys(lines: &[&SecretString]) -> (tempfile::TempDir, MasterKeys) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("master.key");
    write(&path, lines);
    (directory, MasterKeys::named(path))
}

fn write(path: &Path, lines: &[&SecretString]) {
    let text: String = lines.iter().map(|line| line.expose_secret()).collect();
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text.to_owned())
}

#[test]
fn what_is_sealed_opens_for_its_purpose_alone_and_unchanged() {
    let (_directory, keys) = keys(&[&MasterKeys::new_line()]);
    let sealed = keys.seal("upstream/one", &secret("sk-one")).unwrap();
    let open = |purpose, sealed: &Sealed| keys.open(purpose, sealed);
    assert_eq!(open("upstream/one", &sealed).unwrap().expose_secret(), "sk-one");
    assert!(matches!(open("upstream/two", &sealed), Err(SealError::Broken)));
    for at in 0..sealed.bytes.len() {
        let mut other = sealed.clone();
        other.bytes[at] ^= 1;
        assert!(matches!(open("upstream/one", &other), Err(SealError::Broken)), "byte {at}");
        other.bytes.truncate(at);
        assert!(matches!(open("upstream/one", &other), Err(SealError::Broken)), "{at} bytes");
    }
    let again = keys.seal("upstream/one", &secret("sk-one")).unwrap();
    assert_ne!(again, sealed, "no nonce is used twice");
    assert!(!format!("{sealed:?} {keys:?}").contains("sk-one"));
}

#[test]
fn a_new_key_seals_and_the_old_one_still_opens() {
    let (old, new) = (MasterKeys::new_line(), MasterKeys::new_line());
    let (_directory, keys) = keys(&[&old]);
    let before = keys.seal("x", &secret("a")).unwrap();
    write(keys.path(), &[&new, &old]);
    let after = keys.seal("x", &secret("b")).unwrap();
    assert_eq!(keys.names().unwrap(), [after.key.clone(), before.key.clone()]);
    assert_eq!(keys.open("x", &before).unwrap().expose_secret(), "a");
    write(keys.path(), &[&new]);
    assert_eq!(keys.open("x", &after).unwrap().expose_secret(), "b");
    let gone = keys.open("x", &before).unwrap_err().to_string();
    assert!(gone.contains(&before.key) && gone.contains("hint: give this server"), "{gone}");
}

#[test]
fn a_file_that_is_no_file_of_keys_is_told_without_a_word_of_it() {
    let line = MasterKeys::new_line();
    let (_directory, keys) = keys(&[&line]);
    let say = || keys.seal("x", &secret("a")).unwrap_err().to_string();
    std::fs::set_permissions(keys.path(), std::fs::Permissions::from_mode(0o640)).unwrap();
    assert!(say().starts_with("others may read the master key file"));
    let short = secret(line.expose_secret().trim_end().split_at(60).0);
    for broken in ["hello", "bursar-master-key-1 zz", short.expose_secret()] {
        write(keys.path(), &[&line, &secret(broken)]);
        let told = say();
        assert!(told.contains("line 2") && !told.contains(broken), "{told}");
    }
    write(keys.path(), &[]);
    assert!(say().starts_with("there is no master key"));
    std::fs::remove_file(keys.path()).unwrap();
    assert!(say().contains("hint: `bursar master-key add"));
}

#[test]
fn a_file_is_made_once_and_grows_at_its_head() {
    let directory = tempfile::tempdir().unwrap();
    let keys = MasterKeys::own(directory.path().join("master.key"));
    assert!(keys.make().unwrap() && !keys.make().unwrap());
    let sealed = keys.seal("x", &secret("a")).unwrap();
    let names = keys.add().unwrap();
    assert_eq!((names.len(), &names[1]), (2, &sealed.key));
    assert_eq!(keys.open("x", &sealed).unwrap().expose_secret(), "a");
    assert_eq!(keys.seal("x", &secret("b")).unwrap().key, names[0]);
    let mode = std::fs::metadata(keys.path()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    while keys.names().unwrap().len() < 32 {
        keys.add().unwrap();
    }
    assert!(keys.add().unwrap_err().to_string().contains("as many keys as it can"));
    let nowhere = MasterKeys::named(directory.path().join("none/master.key"));
    assert!(nowhere.add().unwrap_err().to_string().starts_with("failed to write"));
}

#[test]
fn a_slot_remembers_what_was_in_it_so_that_it_stays_unshown() {
    let slot = SecretSlot::default();
    for number in 0..20 {
        slot.put(Some(secret(&number.to_string())));
        slot.put(Some(secret(&number.to_string())));
    }
    slot.put(None);
    assert!(slot.get().is_none());
    let mut seen = Vec::new();
    slot.each(|secret| seen.push(secret.to_owned()));
    assert_eq!(seen, ["12", "13", "14", "15", "16", "17", "18", "19"]);
    assert_eq!(fingerprint(&secret("a")).len(), 10);
    assert_ne!(fingerprint(&secret("a")), fingerprint(&secret("b")));
}
