//! The files by which a command finds its server.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn a_token_is_made_once_for_its_owner_only() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(TOKEN_FILE);
    assert_eq!(read_token(directory.path()).unwrap(), None);
    let token = read_or_make_token(directory.path()).unwrap();
    assert!(token.starts_with("bursar-op-") && 60 < token.len(), "{token}");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert_eq!(read_or_make_token(directory.path()).unwrap(), token);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn an_emptied_token_is_never_taken_for_a_token() {
    let directory = tempfile::tempdir().unwrap();
    for text in ["", "\n", "two words", "smuggled\r\nheader: x"] {
        fs::write(directory.path().join(TOKEN_FILE), text).unwrap();
        assert!(matches!(read_token(directory.path()), Err(LocateError::Broken(_))), "{text:?}");
        assert!(read_or_make_token(directory.path()).is_err(), "{text:?}");
    }
}

#[test]
fn a_server_says_where_it_is_while_it_runs() {
    let directory = tempfile::tempdir().unwrap();
    let server = ServerInfo { url: "http://127.0.0.1:4321".to_owned(), pid: 7 };
    assert_eq!(read_server(directory.path()).unwrap(), None);
    remove_server(directory.path());
    write_server(directory.path(), &server).unwrap();
    write_server(directory.path(), &server).unwrap();
    assert_eq!(read_server(directory.path()).unwrap(), Some(server));
    remove_server(directory.path());
    assert_eq!(read_server(directory.path()).unwrap(), None);
    fs::write(directory.path().join(SERVER_FILE), "{}").unwrap();
    assert!(matches!(read_server(directory.path()), Err(LocateError::Broken(_))));
}
