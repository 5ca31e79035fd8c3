//! Addresses and headers that are right, and those that are not.

use super::*;

fn traces(endpoint: &str) -> Option<String> {
    let share = BasisPoints::WHOLE;
    let settings = Settings { endpoint: endpoint.to_owned(), headers: Vec::new(), share };
    settings.traces().ok().map(|uri| uri.to_string())
}

#[test]
fn traces_have_a_path_below_the_collectors_own() {
    let at = |endpoint| traces(endpoint).unwrap();
    assert_eq!(at("http://collector:4318"), "http://collector:4318/v1/traces");
    assert_eq!(at("https://otlp.example/otlp/"), "https://otlp.example/otlp/v1/traces");
    for wrong in ["", "collector:4318", "ftp://a", "http://", "http://me:secret@a", "http://a?x=1"]
    {
        assert_eq!(traces(wrong), None, "{wrong}");
    }
}

#[test]
fn headers_are_read_by_the_line_and_no_error_repeats_one() {
    let read = |text: &str| read_headers(&SecretString::from(text.to_owned()));
    let headers = read("# a comment\nAuthorization: Bearer a:b\n\n x-tenant : lab \n").unwrap();
    let told = format!("{headers:?}");
    assert_eq!(headers.len(), 2);
    assert_eq!(headers[0].1, "Bearer a:b");
    assert_eq!((headers[1].0.as_str(), headers[1].1.to_str().unwrap()), ("x-tenant", "lab"));
    assert!(!told.contains("Bearer"), "{told}");
    for wrong in
        ["ok: 1\nsecret-without-a-colon", "ok: 1\nnot a name: secret", "ok: 1\nx: se\u{1}cret"]
    {
        let error = read(wrong).unwrap_err().to_string();
        assert!(error.starts_with("line 2 is not a header"), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
    assert!(read(&"x: 1\n".repeat(17)).is_err());
}
